package org.alexnetedge.alexnet;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How a Keras model's layers follow each other, from the {@code config.json} of its file: weights
 * of the same shapes can belong to a network with other paddings or activations.
 */
public final class KerasWiring {
  /** What does nothing in inference. */
  private static final List<String> SKIPPED =
      List.of("InputLayer", "Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout");

  /**
   * One operation.
   *
   * @param layer as the model calls it
   * @param words what it does, in the same words for Keras' layers and for ours
   */
  private record Operation(String layer, String words) {}

  private final List<Operation> operations = new ArrayList<>();
  private @Nullable Integer side;

  private KerasWiring() {}

  /**
   * Reads a configuration.
   *
   * @throws RecognitionException when it describes no chain of layers
   */
  public static KerasWiring parse(String json) {
    KerasWiring wiring = new KerasWiring();
    try {
      JsonObject config = JsonParser.parseString(json).getAsJsonObject().getAsJsonObject("config");
      for (JsonElement layer : config.getAsJsonArray("layers")) {
        wiring.add(
            layer.getAsJsonObject().get("class_name").getAsString(),
            layer.getAsJsonObject().getAsJsonObject("config"));
      }
      return wiring;
    } catch (JsonParseException
        | IllegalStateException
        | ClassCastException
        | NullPointerException
        | IndexOutOfBoundsException
        | NumberFormatException
        | UnsupportedOperationException e) {
      throw new RecognitionException(
          "The configuration of this Keras model is none of a chain of layers.", List.of());
    }
  }

  /** Height and width of its input, or null when it does not say so or they differ. */
  public @Nullable Integer side() {
    return side;
  }

  /**
   * Compares the model with the network that its weights fit.
   *
   * @throws RecognitionException that names the first layer that differs
   */
  public void check(Network network) {
    List<String> ours = operations(network);
    for (int i = 0; i < Math.max(ours.size(), operations.size()); i++) {
      String here = i < ours.size() ? ours.get(i) : "nothing";
      String there = i < operations.size() ? operations.get(i).words() : "nothing";
      if (!here.equals(there)) {
        String layer = i < operations.size() ? operations.get(i).layer() : "the end";
        throw new RecognitionException(
            "The weights fit an AlexNet (keras), but this model computes something else:",
            List.of(
                layer + " is " + there + ", where AlexNet has " + here,
                "Keras itself can export it: model.export(\"model.onnx\", format=\"onnx\")"));
      }
    }
  }

  private void add(String kind, JsonObject config) {
    String layer = config.get("name").getAsString();
    switch (kind) {
      case "InputLayer" -> side = side(config);
      case "Conv2D" -> {
        add(
            layer,
            convolution(
                config.get("filters").getAsInt(),
                square(config.get("kernel_size")),
                square(config.get("strides")),
                config.get("padding").getAsString(),
                config.get("groups") == null ? 1 : config.get("groups").getAsInt()));
        if (square(config.get("dilation_rate")) != 1) {
          add(layer, "dilated");
        }
        activation(layer, config);
      }
      case "Dense" -> {
        add(layer, "Dense of " + config.get("units").getAsInt());
        activation(layer, config);
      }
      case "MaxPooling2D" ->
          add(
              layer,
              pooling(
                  square(config.get("pool_size")),
                  square(config.get("strides")),
                  config.get("padding").getAsString()));
      case "BatchNormalization" -> add(layer, norm(config.get("epsilon").getAsFloat()));
      case "Flatten" -> add(layer, "Flatten");
      case "ReLU" -> add(layer, plainRelu(config) ? "relu" : "ReLU with a slope or a limit");
      case "Softmax" -> add(layer, "softmax");
      case "Activation" -> activation(layer, config);
      case "Rescaling" -> {
        // To 0..1, which is what this variant's preprocessing does itself.
        double scale = config.get("scale").getAsDouble();
        double offset = config.get("offset").getAsDouble();
        if (!operations.isEmpty() || Math.abs(scale * 255 - 1) > 1e-6 || offset != 0) {
          add(layer, "Rescaling by " + scale + " and " + offset);
        }
      }
      default -> {
        if (!SKIPPED.contains(kind)) {
          add(layer, kind);
        }
      }
    }
  }

  private void add(String layer, String words) {
    operations.add(new Operation(layer, words));
  }

  private void activation(String layer, JsonObject config) {
    JsonElement activation = config.get("activation");
    String name =
        activation == null || activation.isJsonNull()
            ? "linear"
            : activation.isJsonPrimitive() ? activation.getAsString() : "an activation of its own";
    if (!name.equals("linear")) {
      add(layer, name);
    }
  }

  private static boolean plainRelu(JsonObject config) {
    JsonElement limit = config.get("max_value");
    return (limit == null || limit.isJsonNull())
        && zero(config.get("negative_slope"))
        && zero(config.get("threshold"));
  }

  private static boolean zero(@Nullable JsonElement number) {
    return number == null || number.isJsonNull() || number.getAsDouble() == 0;
  }

  private static @Nullable Integer side(JsonObject config) {
    JsonElement shape = config.get("batch_shape");
    if (shape == null || !shape.isJsonArray() || shape.getAsJsonArray().size() != 4) {
      return null;
    }
    JsonElement height = shape.getAsJsonArray().get(1);
    JsonElement width = shape.getAsJsonArray().get(2);
    boolean square = !height.isJsonNull() && height.equals(width);
    return square ? (Integer) height.getAsInt() : null;
  }

  /** The one number of a square; -1 where the two differ. */
  private static int square(@Nullable JsonElement size) {
    if (size == null || size.isJsonNull()) {
      return 1;
    }
    if (size.isJsonPrimitive()) {
      return size.getAsInt();
    }
    JsonArray both = size.getAsJsonArray();
    return both.get(0).getAsInt() == both.get(1).getAsInt() ? both.get(0).getAsInt() : -1;
  }

  private static List<String> operations(Network network) {
    List<String> operations = new ArrayList<>();
    for (Layer layer : network.layers()) {
      switch (layer) {
        case Layer.Conv conv ->
            operations.add(
                convolution(
                    conv.channels(),
                    conv.kernel(),
                    conv.stride(),
                    conv.padding() == 0 ? "valid" : "of " + conv.padding(),
                    conv.groups()));
        case Layer.Linear linear -> operations.add("Dense of " + linear.features());
        case Layer.MaxPool pool -> operations.add(pooling(pool.kernel(), pool.stride(), "valid"));
        case Layer.BatchNorm norm -> operations.add(norm(norm.epsilon()));
        case Layer.Flatten flatten -> operations.add("Flatten");
        case Layer.Relu relu -> operations.add("relu");
        case Layer.Sigmoid sigmoid -> operations.add("sigmoid");
        case Layer.Softmax softmax -> operations.add("softmax");
        case Layer.Dropout dropout -> {}
        case Layer.LocalResponseNorm norm -> operations.add("local response normalisation");
        case Layer.AdaptiveAvgPool pool -> operations.add("adaptive pooling");
      }
    }
    return operations;
  }

  private static String convolution(
      int channels, int kernel, int stride, String padding, int groups) {
    return "Conv2D %dx%d of %d channels, stride %d, padding %s%s"
        .formatted(
            kernel,
            kernel,
            channels,
            stride,
            padding,
            groups == 1 ? "" : ", " + groups + " groups");
  }

  private static String pooling(int kernel, int stride, String padding) {
    return "MaxPooling2D %dx%d, stride %d, padding %s".formatted(kernel, kernel, stride, padding);
  }

  private static String norm(float epsilon) {
    return String.format(Locale.ROOT, "BatchNormalization with epsilon %s", epsilon);
  }
}
