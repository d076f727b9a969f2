package org.alexnetedge.artifacts;

import java.util.List;
import org.alexnetedge.onnx.Node;

/** Gradients of operators that work element by element. */
final class ElementRules {
  private ElementRules() {}

  /** From Y rather than X, so that ONNX Runtime can fuse the ReLU with a convolution before it. */
  static void relu(Node node, Backward walk) {
    walk.give(
        node.inputs().getFirst(),
        Node.of("ReluGrad", List.of(walk.of(node), node.outputs().getFirst()), List.of())
            .withDomain(GraphPart.MICROSOFT));
  }

  /** dX = dY y (1 - y). */
  static void sigmoid(Node node, Backward walk) {
    GraphPart graph = walk.graph();
    String y = node.outputs().getFirst();
    String square = graph.add("Mul", List.of(y, y), y + "_square");
    String slope = graph.add("Sub", List.of(y, square), y + "_slope");
    walk.give(node.inputs().getFirst(), Node.of("Mul", List.of(walk.of(node), slope), List.of()));
  }

  static void dropout(Node node, Backward walk) {
    walk.give(
        node.inputs().getFirst(),
        Node.of(
                "DropoutGrad",
                List.of(
                    walk.of(node),
                    node.outputs().get(1),
                    node.inputs().get(1),
                    node.inputs().get(2)),
                List.of())
            .withDomain(GraphPart.MICROSOFT));
  }

  static void identity(Node node, Backward walk) {
    walk.give(node.inputs().getFirst(), walk.of(node));
  }

  static void add(Node node, Backward walk) {
    String y = node.outputs().getFirst();
    for (String input : node.inputs()) {
      if (walk.wants(input)) {
        walk.give(input, LayoutRules.unbroadcast(walk.of(node), y, input, walk));
      }
    }
  }

  static void mul(Node node, Backward walk) {
    String y = node.outputs().getFirst();
    for (int i = 0; i < 2; i++) {
      String input = node.inputs().get(i);
      if (walk.wants(input)) {
        String other = node.inputs().get(1 - i);
        String whole =
            walk.graph().add("Mul", List.of(walk.of(node), other), input + "_grad_whole");
        walk.give(input, LayoutRules.unbroadcast(whole, y, input, walk));
      }
    }
  }
}
