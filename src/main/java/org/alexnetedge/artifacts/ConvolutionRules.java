package org.alexnetedge.artifacts;

import java.util.ArrayList;
import java.util.List;
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
            node.withDomain(GraphPart.MICROSOFT)
                .withOp("ConvGrad")
                .withName(node.name() + "_grad")
                .withInputs(List.of(walk.of(node), node.inputs().getFirst(), node.inputs().get(1)))
                .withOutputs(outputs));
    for (int i = 0; i < outputs.size(); i++) {
      if (!outputs.get(i).isEmpty()) {
        walk.give(node.inputs().get(i), outputs.get(i));
      }
    }
  }
}
