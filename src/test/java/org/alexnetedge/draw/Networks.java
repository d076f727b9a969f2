package org.alexnetedge.draw;

import java.util.ArrayList;
import java.util.List;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.onnx.ValueType;

/** Networks for the tests of this package. */
final class Networks {
  private static final ValueType MAP =
      ValueType.tensor(
          ElementType.FLOAT32,
          Dimension.of("n"),
          Dimension.of(2),
          Dimension.of(8),
          Dimension.of(8));

  private Networks() {}

  /** A graph with the input x [n, 2, 8, 8] and the weights w [2, 2, 3, 3]. */
  static GraphBuilder graph() {
    return new GraphBuilder("g", 8, 17)
        .input("x", MAP)
        .initializer("w", Tensor.ofFloats(new long[] {2, 2, 3, 3}, new float[36]));
  }

  /** A convolution with w that leaves the shape as it is. */
  static Node conv(String from, String to) {
    return Node.of("Conv", List.of(from, "w"), List.of(to))
        .with("pads", Attribute.ints(1, 1, 1, 1));
  }

  static OnnxModel ended(GraphBuilder graph, String output) {
    return graph.output(output, MAP).build();
  }

  /** Blocks of a convolution with its activation, a convolution, a sum and an activation. */
  static OnnxModel residual(int blocks) {
    GraphBuilder graph = graph();
    String at = "x";
    for (int i = 0; i < blocks; i++) {
      String name = "block" + i;
      graph
          .node(conv(at, name + ".a"))
          .node("Relu", List.of(name + ".a"), name + ".r")
          .node(conv(name + ".r", name + ".b"))
          .node("Add", List.of(name + ".b", at), name + ".s")
          .node("Relu", List.of(name + ".s"), name);
      at = name;
    }
    return ended(graph, at);
  }

  /** Each convolution sees all maps before it. */
  static OnnxModel dense(int layers) {
    GraphBuilder graph = graph();
    List<String> before = new ArrayList<>(List.of("x"));
    for (int i = 0; i < layers; i++) {
      graph
          .node(Node.of("Sum", List.copyOf(before), List.of("sum" + i)))
          .node(conv("sum" + i, "conv" + i));
      before.add("conv" + i);
    }
    return ended(graph, before.getLast());
  }

  /** Branches of one to four convolutions, joined. */
  static OnnxModel inception(int blocks) {
    GraphBuilder graph = graph();
    String at = "x";
    for (int i = 0; i < blocks; i++) {
      List<String> ends = new ArrayList<>();
      for (int branch = 1; branch <= 4; branch++) {
        String end = at;
        for (int k = 0; k < branch; k++) {
          String next = "b" + i + "/" + branch + "/" + k;
          graph.node(conv(end, next));
          end = next;
        }
        ends.add(end);
      }
      graph.node("Sum", ends, "sum" + i);
      at = "sum" + i;
    }
    return ended(graph, at);
  }
}
