package org.alexnetedge.weights;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What {@code config.json} of a {@code .keras} file says of the layers.
 *
 * @param byGroup the layers' names by the groups that hold their weights, in the model's order;
 *     Keras names a group after the layer's class, with a number from the second on
 */
record KerasNames(Map<String, String> byGroup) {
  /** Nothing is known. */
  static final KerasNames NONE = new KerasNames(Map.of());

  static KerasNames parse(byte[] json, String where) {
    try {
      JsonObject root =
          JsonParser.parseString(new String(json, StandardCharsets.UTF_8)).getAsJsonObject();
      Map<String, String> byGroup = new LinkedHashMap<>();
      Map<String, Integer> used = new HashMap<>();
      JsonElement layers = root.getAsJsonObject("config").get("layers");
      for (JsonElement layer : layers == null ? List.<JsonElement>of() : layers.getAsJsonArray()) {
        JsonObject each = layer.getAsJsonObject();
        String kind = snakeCase(each.get("class_name").getAsString());
        int number = used.merge(kind, 1, Integer::sum) - 1;
        byGroup.put(
            number == 0 ? kind : kind + "_" + number,
            each.getAsJsonObject("config").get("name").getAsString());
      }
      return new KerasNames(byGroup);
    } catch (JsonParseException
        | IllegalStateException
        | ClassCastException
        | NullPointerException
        | UnsupportedOperationException
        | StackOverflowError e) {
      throw new WeightsException(where + " is damaged: it does not describe a Keras model.", e);
    }
  }

  /** As Keras does it: {@code Conv2D} to {@code conv2d}, {@code MaxPooling2D} likewise. */
  private static String snakeCase(String name) {
    return name.replaceAll("\\W+", "")
        .replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
        .replaceAll("([a-z])([A-Z])", "$1_$2")
        .toLowerCase(Locale.ROOT);
  }
}
