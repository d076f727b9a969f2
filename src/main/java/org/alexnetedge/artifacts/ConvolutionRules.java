package org.alexnetedge.artifacts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Node;

/** Gradients of convolutions. */
final class ConvolutionRules {
  private ConvolutionRules() {}

  /** ConvGrad(dY, X, W) gives dX, dW, dB, all with the convolution's own attributes. */
  static void conv(Node node, Backward walk) {
    List<String> outputs = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      String input = node.inputs().get(i);
      outputs.add(walk.wants(input) ? walk.graph().fresh(input + "_grad") : "");
    }
    while (outputs.getLast().isEmpty()) {
      outputs.removeLast();
    }
    walk.graph()
        .add(
            padded(node, walk)
                .withDomain(GraphPart.MICROSOFT)
                .withOp("ConvGrad")
                .withName(walk.graph().fresh(node.outputs().getFirst() + "_conv_grad"))
                .withInputs(List.of(walk.of(node), node.inputs().getFirst(), node.inputs().get(1)))
                .withOutputs(outputs));
    for (int i = 0; i < outputs.size(); i++) {
      if (!outputs.get(i).isEmpty()) {
        walk.give(node.inputs().get(i), outputs.get(i));
      }
    }
  }

  /** ConvGrad takes no notice of {@code auto_pad}. */
  private static Node padded(Node node, Backward walk) {
    if (node.text("auto_pad", "NOTSET").equals("NOTSET")) {
      return node;
    }
    List<Long> kernel = Arrays.stream(walk.lengths(node.inputs().get(1), 2)).boxed().toList();
    List<Long> pads =
        Padding.explicit(
            node,
            kernel,
            walk.lengths(node.inputs().getFirst(), 2),
            walk.lengths(node.outputs().getFirst(), 2));
    return node.without("auto_pad").with("pads", new Attribute.Ints(pads));
  }
}
