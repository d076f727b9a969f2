package org.alexnetedge.artifacts;

import java.util.List;
import org.alexnetedge.onnx.Attribute;
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

  /** dX = dY where x > 0, and alpha dY elsewhere. */
  static void leakyRelu(Node node, Backward walk) {
    GraphPart graph = walk.graph();
    String x = node.inputs().getFirst();
    String alpha = graph.scalar(node.real("alpha", 0.01f));
    String less = graph.add("Mul", List.of(walk.of(node), alpha), x + "_grad_less");
    String above = graph.add("Greater", List.of(x, graph.scalar(0)), x + "_above");
    walk.give(x, Node.of("Where", List.of(above, walk.of(node), less), List.of()));
  }

  /** What was cut off at a bound has no slope. */
  static void clip(Node node, Backward walk) {
    GraphPart graph = walk.graph();
    String x = node.inputs().getFirst();
    String kept = graph.add("Equal", List.of(x, node.outputs().getFirst()), x + "_kept");
    walk.give(x, Node.of("Where", List.of(kept, walk.of(node), graph.scalar(0)), List.of()));
  }

  /** dX = dY y (1 - y). */
  static void sigmoid(Node node, Backward walk) {
    GraphPart graph = walk.graph();
    String y = node.outputs().getFirst();
    String square = graph.add("Mul", List.of(y, y), y + "_square");
    String slope = graph.add("Sub", List.of(y, square), y + "_slope");
    walk.give(node.inputs().getFirst(), Node.of("Mul", List.of(walk.of(node), slope), List.of()));
  }

  /** dX = dY (1 - y²). */
  static void tanh(Node node, Backward walk) {
    GraphPart graph = walk.graph();
    String y = node.outputs().getFirst();
    String square = graph.add("Mul", List.of(y, y), y + "_square");
    String slope = graph.add("Sub", List.of(graph.scalar(1), square), y + "_slope");
    walk.give(node.inputs().getFirst(), Node.of("Mul", List.of(walk.of(node), slope), List.of()));
  }

  /** dX = alpha dY where 0 < y < 1. */
  static void hardSigmoid(Node node, Backward walk) {
    GraphPart graph = walk.graph();
    String alpha = graph.scalar(node.real("alpha", 0.2f));
    String y = node.outputs().getFirst();
    String sloped = graph.add("Mul", List.of(walk.of(node), alpha), y + "_sloped");
    String rises = rises(y, graph);
    walk.give(
        node.inputs().getFirst(),
        Node.of("Where", List.of(rises, sloped, graph.scalar(0)), List.of()));
  }

  /**
   * With h = clip(x / 6 + 1/2, 0, 1), by which x is multiplied: dX = dY (h + x / 6 where 0 < h <
   * 1).
   */
  static void hardSwish(Node node, Backward walk) {
    GraphPart graph = walk.graph();
    String x = node.inputs().getFirst();
    float sixth = 1 / 6f;
    String factor =
        graph.add(
            Node.of("HardSigmoid", List.of(x), List.of())
                .with("alpha", Attribute.of(sixth))
                .with("beta", Attribute.of(0.5f)),
            x + "_factor");
    String part = graph.add("Mul", List.of(x, graph.scalar(sixth)), x + "_part");
    String rising =
        graph.add("Where", List.of(rises(factor, graph), part, graph.scalar(0)), x + "_rising");
    String slope = graph.add("Add", List.of(factor, rising), x + "_slope");
    walk.give(x, Node.of("Mul", List.of(walk.of(node), slope), List.of()));
  }

  /** Whether a value is between 0 and 1. */
  private static String rises(String value, GraphPart graph) {
    String above = graph.add("Greater", List.of(value, graph.scalar(0)), value + "_above");
    String below = graph.add("Less", List.of(value, graph.scalar(1)), value + "_below");
    return graph.add("And", List.of(above, below), value + "_rises");
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

  static void sub(Node node, Backward walk) {
    String y = node.outputs().getFirst();
    String from = node.inputs().getFirst();
    if (walk.wants(from)) {
      walk.give(from, LayoutRules.unbroadcast(walk.of(node), y, from, walk));
    }
    String taken = node.inputs().get(1);
    if (walk.wants(taken)) {
      String whole = walk.graph().add("Neg", List.of(walk.of(node)), taken + "_grad_whole");
      walk.give(taken, LayoutRules.unbroadcast(whole, y, taken, walk));
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

  /** Y = A / B: dA = dY / B, dB = -dY Y / B. */
  static void div(Node node, Backward walk) {
    GraphPart graph = walk.graph();
    String y = node.outputs().getFirst();
    String divided = node.inputs().getFirst();
    String by = node.inputs().get(1);
    String whole = graph.add("Div", List.of(walk.of(node), by), divided + "_grad_whole");
    if (walk.wants(divided)) {
      walk.give(divided, LayoutRules.unbroadcast(whole, y, divided, walk));
    }
    if (walk.wants(by)) {
      String negative = graph.add("Neg", List.of(y), y + "_negative");
      String ofDivisor = graph.add("Mul", List.of(whole, negative), by + "_grad_whole");
      walk.give(by, LayoutRules.unbroadcast(ofDivisor, y, by, walk));
    }
  }
}
