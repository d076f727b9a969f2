package org.alexnetedge.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A node, and what is known of its inputs. */
record NodeShapes(
    Node node, Map<String, List<Dimension>> shapes, Map<String, StoredTensor> constants) {

  /** More numbers than any list of axes, pads or dimensions has. */
  private static final long LONGEST_LIST = 1024;

  boolean has(int input) {
    return input < node.inputs().size() && !node.inputs().get(input).isEmpty();
  }

  /** Shape of an input; null when it is unknown or left out. */
  @Nullable List<Dimension> shape(int input) {
    return has(input) ? shapes.get(node.inputs().get(input)) : null;
  }

  /** Shape of an input that needs at least this many dimensions; else null. */
  @Nullable List<Dimension> shape(int input, int smallestRank) {
    List<Dimension> shape = shape(input);
    return shape != null && shape.size() >= smallestRank ? shape : null;
  }

  /** The numbers of a constant input, such as axes; null when they are not known. */
  @Nullable List<Long> constant(int input) {
    StoredTensor tensor = has(input) ? constants.get(node.inputs().get(input)) : null;
    if (tensor == null || tensor.size() > LONGEST_LIST || !isIndex(tensor.type())) {
      return null;
    }
    return Arrays.stream(tensor.tensor().toLongs()).boxed().toList();
  }

  private static boolean isIndex(ElementType type) {
    return type == ElementType.INT64 || type == ElementType.INT32;
  }

  /**
   * Numbers that older operator sets have as an attribute and newer ones as an input.
   *
   * @return null when neither is there, or the input is computed by the graph
   */
  @Nullable List<Long> list(String attribute, int input) {
    return has(input) ? constant(input) : attribute(attribute);
  }

  /** A list of integers; null when it is absent. */
  @Nullable List<Long> attribute(String name) {
    return node.attribute(name).orElse(null) instanceof Attribute.Ints(List<Long> values)
        ? values
        : null;
  }
}
