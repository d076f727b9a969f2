package org.alexnetedge.onnx;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Shapes of a graph's values, as they follow from the declared inputs, the weights and the
 * operators. Symbolic dimensions stay: {@code [batch, 3, 224, 224]} into a convolution gives {@code
 * [batch, 64, 55, 55]}.
 *
 * <p>Known are the operators of image classifiers, see {@link ShapeRules}. The outputs of others,
 * and what cannot fit together (a broken model), have the shape that the file declares for them, or
 * none. Dimensions that are computed by nodes (Shape, Gather, ...) are not followed.
 */
public final class ShapeInference {
  private ShapeInference() {}

  /**
   * Infers all that can be inferred; reads no weights but constants that are shapes or axes.
   *
   * @return shapes by name of value: inputs, initializers, and the outputs of nodes. A value whose
   *     shape, or even number of dimensions, is unknown is not among them
   * @throws OnnxException when a constant has a type that ONNX does not have, or an impossible
   *     shape
   */
  public static Map<String, List<Dimension>> of(Graph graph) {
    Map<String, List<Dimension>> declared = new LinkedHashMap<>();
    graph.values().forEach(value -> declare(declared, value));
    graph.outputs().forEach(value -> declare(declared, value));

    Map<String, List<Dimension>> shapes = new LinkedHashMap<>();
    graph.inputs().forEach(value -> declare(shapes, value));
    Map<String, StoredTensor> constants = new LinkedHashMap<>(graph.initializers());
    constants.forEach((name, tensor) -> shapes.put(name, shape(tensor)));
    for (Node node : graph.nodes()) {
      if (node.constant().isPresent() && !node.outputs().isEmpty()) {
        constants.put(node.outputs().getFirst(), node.constant().get());
      }
      NodeShapes known = new NodeShapes(node, shapes, constants);
      for (int i = 0; i < node.outputs().size(); i++) {
        String output = node.outputs().get(i);
        List<Dimension> shape = inferred(known, i);
        if (shape == null) {
          shape = declared.get(output);
        }
        if (shape != null && !output.isEmpty()) {
          shapes.put(output, List.copyOf(shape));
        }
      }
    }
    return Collections.unmodifiableMap(shapes);
  }

  private static @Nullable List<Dimension> inferred(NodeShapes node, int output) {
    try {
      return ShapeRules.shape(node, output);
    } catch (ArithmeticException | OnnxException e) {
      return null; // Lengths beyond 64 bits, or a constant that cannot be read: a broken model.
    }
  }

  private static void declare(Map<String, List<Dimension>> shapes, ValueInfo value) {
    if (value.type() instanceof ValueType.OfTensor tensor && tensor.shape() != null) {
      // Some programs write -1 for a length that is known only when the model runs.
      List<Dimension> shape =
          tensor.shape().stream()
              .map(d -> d instanceof Dimension.Fixed(long n) && n < 0 ? Dimensions.UNKNOWN : d)
              .toList();
      shapes.put(value.name(), shape);
    }
  }

  /** The dimensions of a tensor. */
  static List<Dimension> shape(StoredTensor tensor) {
    return Dimensions.fixed(tensor.shape());
  }
}
