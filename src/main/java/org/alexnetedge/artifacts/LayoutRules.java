package org.alexnetedge.artifacts;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Node;

/** Gradients of operators that arrange or join values, and of broadcasting. */
final class LayoutRules {
  private LayoutRules() {}

  /** The first input holds the same elements in another shape. */
  static void reshaped(Node node, Backward walk) {
    String input = node.inputs().getFirst();
    if (walk.wants(input)) {
      walk.give(input, likewise(walk.of(node), input, walk));
    }
  }

  private static Node likewise(String gradient, String value, Backward walk) {
    String shape = walk.graph().add("Shape", List.of(value), value + "_shape");
    return Node.of("Reshape", List.of(gradient, shape), List.of());
  }

  static void transpose(Node node, Backward walk) {
    String input = node.inputs().getFirst();
    Node back = Node.of("Transpose", List.of(walk.of(node)), List.of());
    List<Long> order = node.integers("perm", List.of()); // Without it, the axes are turned around.
    if (!order.isEmpty()) {
      List<Long> places =
          LongStream.range(0, order.size()).mapToObj(axis -> (long) order.indexOf(axis)).toList();
      back = back.with("perm", new Attribute.Ints(places));
    }
    walk.give(input, back);
  }

  /** Each of the n values that went into a mean gets dY / n. */
  static void reduceMean(Node node, Backward walk) {
    GraphPart graph = walk.graph();
    String x = node.inputs().getFirst();
    // The mean once more with all axes there: whatever they are, its shape goes with that of x.
    String mean = graph.add(node.with("keepdims", Attribute.of(1)), x + "_mean");
    String dY = graph.add(likewise(walk.of(node), mean, walk), mean + "_grad");
    String share = graph.add("Div", List.of(size(mean, graph), size(x, graph)), x + "_share");
    String each = graph.add("Mul", List.of(dY, share), x + "_grad_each");
    String shape = graph.add("Shape", List.of(x), x + "_shape");
    walk.give(x, Node.of("Expand", List.of(each, shape), List.of()));
  }

  /** Number of elements, float32. */
  private static String size(String value, GraphPart graph) {
    String size = graph.add("Size", List.of(value), value + "_size");
    return graph.add(
        Node.of("Cast", List.of(size), List.of())
            .with("to", Attribute.of(ElementType.FLOAT32.code())),
        value + "_size");
  }

  static void concat(Node node, Backward walk) {
    long axis = node.integer("axis", 1);
    long[] lengths = new long[node.inputs().size()];
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < lengths.length; i++) {
      String input = node.inputs().get(i);
      int at = (int) (axis < 0 ? axis + walk.shape(input).size() : axis);
      if (!(walk.shape(input).get(at) instanceof Dimension.Fixed(long length))) {
        throw walk.problem("which joins '" + input + "', whose length is not fixed");
      }
      lengths[i] = length;
      parts.add(walk.graph().fresh(input + "_grad"));
    }
    walk.graph()
        .add(
            Node.of("Split", List.of(walk.of(node), walk.graph().longs(lengths)), parts)
                .with("axis", Attribute.of(axis)));
    for (int i = 0; i < lengths.length; i++) {
      walk.give(node.inputs().get(i), parts.get(i));
    }
  }

  /**
   * The gradient of an input that was repeated along some axes: the sum over those.
   *
   * @param gradient of the broadcast value
   * @param output the broadcast value
   * @param input what was broadcast to it
   * @return name of a value of the input's shape
   */
  static String unbroadcast(String gradient, String output, String input, Backward walk) {
    List<Dimension> whole = walk.shape(output);
    List<Dimension> part = walk.shape(input);
    int added = whole.size() - part.size();
    List<Long> axes = new ArrayList<>();
    for (int i = 0; i < whole.size(); i++) {
      if (i < added || isOne(part.get(i - added)) && !isOne(whole.get(i))) {
        axes.add((long) i);
      }
    }
    if (axes.isEmpty()) {
      return gradient;
    }
    GraphPart graph = walk.graph();
    String summed =
        graph.add(
            Node.of(
                    "ReduceSum",
                    List.of(gradient, graph.longs(axes.stream().mapToLong(a -> a).toArray())),
                    List.of())
                .with("keepdims", Attribute.of(0)),
            input + "_grad_summed");
    return part.size() == whole.size() - axes.size()
        ? summed
        : graph.add(likewise(summed, input, walk), input + "_grad_shaped");
  }

  private static boolean isOne(Dimension dimension) {
    return dimension instanceof Dimension.Fixed(long length) && length == 1;
  }
}
