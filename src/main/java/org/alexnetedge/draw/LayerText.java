package org.alexnetedge.draw;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.alexnetedge.draw.LayerGraph.Layer;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.Node;
import org.jspecify.annotations.Nullable;

/** What is said of a layer, in words. */
final class LayerText {
  private LayerText() {}

  static String name(Layer layer) {
    return layer.name().isBlank() ? "(no name)" : Font.visible(layer.name());
  }

  /** For instance {@code Conv + Relu}. */
  static String operators(Layer layer) {
    return switch (layer.kind()) {
      case INPUT -> "input";
      case OUTPUT -> "output";
      default ->
          layer.nodes().stream()
              .map(node -> node.domain().isEmpty() ? node.op() : node.domain() + "." + node.op())
              .map(Font::visible)
              .collect(Collectors.joining(" + "));
    };
  }

  /** For instance {@code [batch, 64, 55, 55]}. */
  static String shape(@Nullable List<Dimension> shape) {
    return shape == null
        ? "unknown shape"
        : shape.stream()
            .map(Object::toString)
            .map(Font::visible)
            .collect(Collectors.joining(", ", "[", "]"));
  }

  /** How the layer computes, without what its shapes say already and without defaults. */
  static String attributes(Layer layer) {
    if (layer.nodes().isEmpty()) {
      return "";
    }
    Node node = layer.nodes().getFirst();
    List<String> words = new ArrayList<>();
    switch (layer.kind()) {
      case CONVOLUTION, POOLING -> window(layer, node, words);
      case NORMALIZATION -> {
        if (node.op().equals("LRN")) {
          words.add("size " + node.integer("size", 0));
          words.add("alpha " + real(node.real("alpha", 1e-4f)));
          words.add("beta " + real(node.real("beta", 0.75f)));
          words.add("bias " + real(node.real("bias", 1)));
        } else {
          words.add("epsilon " + real(node.real("epsilon", 1e-5f)));
        }
      }
      case JOIN -> {
        if (node.op().equals("Concat")) {
          words.add("axis " + node.integer("axis", 1));
        }
      }
      case FORM -> {
        if (node.op().equals("Transpose")) {
          words.add("to axes " + list(node.integers("perm", List.of()), ", "));
        }
      }
      default -> {}
    }
    return String.join(", ", words);
  }

  private static void window(Layer layer, Node node, List<String> words) {
    String kernel = kernel(layer);
    if (!kernel.isEmpty()) {
      words.add(kernel);
    }
    strides(node, words);
    List<Long> pads = node.integers("pads", List.of());
    String automatic = node.text("auto_pad", "NOTSET");
    if (automatic.startsWith("SAME")) {
      words.add("padding same");
    } else if (pads.stream().anyMatch(pad -> pad != 0)) {
      int half = pads.size() / 2;
      // First the beginnings of all axes, then the ends.
      boolean symmetric = pads.subList(0, half).equals(pads.subList(half, pads.size()));
      words.add("padding " + (symmetric ? compact(pads.subList(0, half)) : list(pads, ", ")));
    }
    List<Long> dilations = node.integers("dilations", List.of());
    if (dilations.stream().anyMatch(dilation -> dilation != 1)) {
      words.add("dilation " + compact(dilations));
    }
    if (node.integer("group", 1) != 1) {
      words.add(node.integer("group", 1) + " groups");
    }
  }

  private static void strides(Node node, List<String> words) {
    List<Long> strides = node.integers("strides", List.of());
    if (strides.stream().anyMatch(stride -> stride != 1)) {
      words.add("stride " + compact(strides));
    }
  }

  /** For instance {@code stride 4}; empty where it is 1. */
  static String stride(Layer layer) {
    List<String> words = new ArrayList<>();
    strides(layer.nodes().getFirst(), words);
    return String.join("", words);
  }

  /** For instance {@code 11×11}; empty where there is no window. */
  static String kernel(Layer layer) {
    return list(kernelSize(layer), "×");
  }

  /** Height and width of a window; empty when they are not known. */
  static List<Long> kernelSize(Layer layer) {
    List<Long> given = layer.nodes().getFirst().integers("kernel_shape", List.of());
    if (!given.isEmpty()) {
      return given;
    }
    List<Long> weights = new ArrayList<>();
    for (Dimension dimension : layer.kernel()) {
      if (!(dimension instanceof Dimension.Fixed(long length))) {
        return List.of();
      }
      weights.add(length);
    }
    return weights;
  }

  /** To six digits, and without an exponent where that is readable: {@code 0.0001}, {@code 2}. */
  private static String real(float value) {
    double size = Math.abs(value);
    return size >= 1e-6 && size < 1e6
        ? new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros().toPlainString()
        : Float.toString(value);
  }

  static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  static String counted(long count, String one, String many) {
    return number(count) + " " + (count == 1 ? one : many);
  }

  private static String compact(List<Long> values) {
    return values.stream().distinct().count() == 1
        ? values.getFirst().toString()
        : list(values, "×");
  }

  private static String list(List<Long> values, String between) {
    return values.stream().map(Object::toString).collect(Collectors.joining(between));
  }
}
