package org.alexnetedge.image;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The JSON form of a {@link Recipe}; the fields are described at {@link Recipe#fromJson}. */
final class RecipeJson {
  private static final Set<String> FIELDS =
      Set.of("resize", "crop", "colour_order", "divide", "mean", "std", "layout");
  private static final Set<String> RESIZE_FIELDS = Set.of("mode", "size", "filter", "antialias");

  private RecipeJson() {}

  static String write(Recipe recipe) {
    JsonObject resize = new JsonObject();
    Resize r = recipe.resize();
    resize.addProperty("mode", r.mode().code());
    if (r.mode() != Resize.Mode.NONE) {
      resize.add("size", size(r.width(), r.height()));
      resize.addProperty("filter", r.filter().name().toLowerCase(Locale.ROOT));
      resize.addProperty("antialias", r.antialias());
    }
    JsonObject json = new JsonObject();
    json.add("resize", resize);
    Recipe.Crop crop = recipe.crop();
    json.add("crop", crop == null ? JsonNull.INSTANCE : size(crop.width(), crop.height()));
    json.addProperty("colour_order", recipe.colourOrder().name().toLowerCase(Locale.ROOT));
    json.addProperty("divide", decimal(recipe.divide()));
    json.add("mean", numbers(recipe.mean()));
    json.add("std", numbers(recipe.std()));
    json.addProperty("layout", recipe.layout().name().toLowerCase(Locale.ROOT));
    return json.toString();
  }

  private static JsonElement size(int width, int height) {
    if (width == height) {
      return new com.google.gson.JsonPrimitive(width);
    }
    JsonArray both = new JsonArray();
    both.add(width);
    both.add(height);
    return both;
  }

  private static JsonArray numbers(Recipe.PerChannel values) {
    JsonArray array = new JsonArray();
    array.add(decimal(values.first()));
    array.add(decimal(values.second()));
    array.add(decimal(values.third()));
    return array;
  }

  /** The shortest decimal that reads back as the same float32; 255, not 255.0. */
  private static BigDecimal decimal(float value) {
    BigDecimal shortest = new BigDecimal(Float.toString(value)).stripTrailingZeros();
    return shortest.scale() < 0 ? shortest.setScale(0) : shortest;
  }

  static Recipe read(String text) {
    JsonObject json;
    try {
      json = object(JsonParser.parseString(text), "The preprocessing");
    } catch (JsonParseException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause(); // Its message says more.
      throw bad("it is not valid JSON (" + cause.getMessage() + ")");
    }
    onlyKnown(json, FIELDS, "");
    return new Recipe(
        resize(object(field(json, "resize", ""), "resize")),
        crop(json.get("crop")),
        constant(Recipe.ColourOrder.class, json, "colour_order", ""),
        number(field(json, "divide", ""), "divide"),
        perChannel(json, "mean"),
        perChannel(json, "std"),
        constant(Recipe.Layout.class, json, "layout", ""));
  }

  private static Resize resize(JsonObject json) {
    onlyKnown(json, RESIZE_FIELDS, "resize.");
    Resize.Mode mode = constant(Resize.Mode.class, json, "mode", "resize.");
    if (mode == Resize.Mode.NONE) {
      return Resize.NONE;
    }
    int[] size = size(field(json, "size", "resize."), "resize.size");
    JsonElement antialias = field(json, "antialias", "resize.");
    if (!antialias.isJsonPrimitive() || !antialias.getAsJsonPrimitive().isBoolean()) {
      throw bad("resize.antialias must be true or false, got " + antialias);
    }
    return new Resize(
        mode,
        size[0],
        size[1],
        constant(Filter.class, json, "filter", "resize."),
        antialias.getAsBoolean());
  }

  private static Recipe.@Nullable Crop crop(@Nullable JsonElement json) {
    if (json == null || json.isJsonNull()) {
      return null;
    }
    int[] size = size(json, "crop");
    return new Recipe.Crop(size[0], size[1]);
  }

  private static int[] size(JsonElement json, String name) {
    if (json.isJsonArray() && json.getAsJsonArray().size() == 2) {
      JsonArray both = json.getAsJsonArray();
      return new int[] {whole(both.get(0), name), whole(both.get(1), name)};
    }
    int side = whole(json, name);
    return new int[] {side, side};
  }

  private static int whole(JsonElement json, String name) {
    if (json.isJsonPrimitive() && json.getAsJsonPrimitive().isNumber()) {
      double value = json.getAsDouble();
      if (value == Math.rint(value) && value >= 1 && value <= 65535) {
        return (int) value;
      }
    }
    throw bad(
        name + " must be a whole number from 1 to 65535, or [width, height] of such, got " + json);
  }

  private static Recipe.PerChannel perChannel(JsonObject json, String name) {
    JsonElement values = field(json, name, "");
    if (!values.isJsonArray() || values.getAsJsonArray().size() != 3) {
      throw bad(name + " must be three numbers, got " + values);
    }
    JsonArray three = values.getAsJsonArray();
    return new Recipe.PerChannel(
        number(three.get(0), name), number(three.get(1), name), number(three.get(2), name));
  }

  private static float number(JsonElement json, String name) {
    if (json.isJsonPrimitive() && json.getAsJsonPrimitive().isNumber()) {
      float value = json.getAsFloat();
      if (Float.isFinite(value)) {
        return value;
      }
    }
    throw bad(name + " must be a number, got " + json);
  }

  private static <E extends Enum<E>> E constant(
      Class<E> type, JsonObject json, String name, String parent) {
    JsonElement value = field(json, name, parent);
    if (value.isJsonPrimitive() && value.getAsJsonPrimitive().isString()) {
      for (E constant : type.getEnumConstants()) {
        if (constant.name().toLowerCase(Locale.ROOT).equals(value.getAsString())) {
          return constant;
        }
      }
    }
    String known =
        String.join(
            ", ",
            Arrays.stream(type.getEnumConstants())
                .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                .toList());
    throw bad(parent + name + " must be one of " + known + ", got " + value);
  }

  private static JsonElement field(JsonObject json, String name, String parent) {
    JsonElement value = json.get(name);
    if (value == null) {
      throw bad("the field " + parent + name + " is missing");
    }
    return value;
  }

  private static JsonObject object(JsonElement json, String name) {
    if (!json.isJsonObject()) {
      throw bad(name + " must be a JSON object, got " + json);
    }
    return json.getAsJsonObject();
  }

  /** An unknown field might matter, so it is not passed over. */
  private static void onlyKnown(JsonObject json, Set<String> known, String parent) {
    for (String name : json.keySet()) {
      if (!known.contains(name)) {
        throw bad("the field " + parent + name + " is not known");
      }
    }
  }

  private static IllegalArgumentException bad(String what) {
    return new IllegalArgumentException("The preprocessing recipe cannot be used: " + what + ".");
  }
}
