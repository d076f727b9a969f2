package org.alexnetedge.pipeline;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnetedge.image.Recipe;
import org.jspecify.annotations.Nullable;

/**
 * What a self-describing model file says: the properties {@code alexnet.version} (1), {@code
 * labels} (JSON array in the order of the outputs), {@code preprocessing} (JSON, see {@link
 * Recipe}), {@code task} and {@code output}. Each may be missing.
 *
 * @param labels one for each class, or null
 * @param recipe from a picture to the model's input, or null
 * @param task how the outputs belong together, or null
 * @param output what the outputs are, or null
 */
public record ModelDescription(
    @Nullable List<String> labels,
    @Nullable Recipe recipe,
    @Nullable Task task,
    @Nullable Output output) {

  /** Version of these conventions that is written and the newest that is read. */
  public static final int VERSION = 1;

  /** How a model's outputs belong together. */
  public enum Task {
    /** One class out of all: scores add up to 1. */
    SOFTMAX("softmax"),
    /** Each class for itself; a single output with two labels is a yes or no. */
    SIGMOID("sigmoid");

    private final String code;

    Task(String code) {
      this.code = code;
    }

    public String code() {
      return code;
    }
  }

  /** What a model's outputs are. */
  public enum Output {
    LOGITS("logits"),
    PROBABILITIES("probabilities");

    private final String code;

    Output(String code) {
      this.code = code;
    }

    public String code() {
      return code;
    }
  }

  public ModelDescription {
    labels = labels == null ? null : List.copyOf(labels);
  }

  /**
   * Reads a model's properties.
   *
   * @throws ModelException when they are of a newer version, or do not say what they should
   */
  public static ModelDescription read(Map<String, String> properties) {
    checkVersion(properties.get("alexnet.version"));
    String preprocessing = properties.get("preprocessing");
    Recipe recipe;
    try {
      recipe = preprocessing == null ? null : Recipe.fromJson(preprocessing);
    } catch (IllegalArgumentException e) {
      throw new ModelException(
          "Its property 'preprocessing' cannot be used: "
              + e.getMessage()
              + " Give a preset (--preset) instead.");
    }
    return new ModelDescription(
        labels(properties.get("labels")),
        recipe,
        oneOf("task", properties.get("task"), Task.values(), Task::code),
        oneOf("output", properties.get("output"), Output.values(), Output::code));
  }

  /** The properties that say this; what is null is left out. */
  public Map<String, String> properties() {
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("alexnet.version", Integer.toString(VERSION));
    if (labels != null) {
      JsonArray array = new JsonArray();
      labels.forEach(array::add);
      properties.put("labels", array.toString());
    }
    if (recipe != null) {
      properties.put("preprocessing", recipe.toJson());
    }
    if (task != null) {
      properties.put("task", task.code());
    }
    if (output != null) {
      properties.put("output", output.code());
    }
    return properties;
  }

  private static void checkVersion(@Nullable String version) {
    if (version == null) {
      return;
    }
    int number;
    try {
      number = Integer.parseInt(version.strip());
    } catch (NumberFormatException e) {
      throw new ModelException("Its property 'alexnet.version' is no number: '" + version + "'.");
    }
    if (number > VERSION) {
      throw new ModelException(
          "It was written by a newer alexnet-edge (alexnet.version "
              + number
              + "; this one knows "
              + VERSION
              + "). Update alexnet-edge.");
    }
  }

  private static @Nullable List<String> labels(@Nullable String json) {
    if (json == null) {
      return null;
    }
    try {
      List<String> labels = new ArrayList<>();
      for (JsonElement element : JsonParser.parseString(json).getAsJsonArray()) {
        labels.add(element.getAsString());
      }
      return labels;
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
      throw new ModelException(
          "Its property 'labels' is no JSON array of names. Give the labels with --labels.");
    }
  }

  private static <E> @Nullable E oneOf(
      String property,
      @Nullable String value,
      E[] known,
      java.util.function.Function<E, String> code) {
    if (value == null) {
      return null;
    }
    List<String> codes = new ArrayList<>();
    for (E candidate : known) {
      if (code.apply(candidate).equals(value)) {
        return candidate;
      }
      codes.add(code.apply(candidate));
    }
    throw new ModelException(
        "Its property '"
            + property
            + "' is '"
            + value
            + "'; known are "
            + String.join(", ", codes)
            + ".");
  }
}
