package org.alexnetedge.artifacts;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnetedge.onnx.Node;

/**
 * A layer that learns: a convolution, a fully connected layer or batch normalisation.
 *
 * @param node the operation; a bias may be added by the one that follows
 * @param parameters names of what is learned, running statistics not among them
 */
record WeightedLayer(Node node, List<String> parameters) {
  WeightedLayer {
    parameters = List.copyOf(parameters);
  }

  /** All layers in the order of computation. */
  static List<WeightedLayer> of(ForwardGraph graph) {
    Map<Node, List<String>> layers = new LinkedHashMap<>();
    Map<String, Node> byOutput = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      if (!node.domain().isEmpty()) {
        continue;
      }
      switch (node.op()) {
        case "Conv", "ConvTranspose", "Gemm", "MatMul", "BatchNormalization" -> {
          // Inputs 3 and 4 of batch normalisation are its running statistics.
          List<String> parameters = new ArrayList<>();
          node.inputs().stream()
              .limit(3)
              .filter(graph.parameters()::containsKey)
              .forEach(parameters::add);
          if (!parameters.isEmpty()) {
            layers.put(node, parameters);
            byOutput.put(node.outputs().getFirst(), node);
          }
        }
        case "Add" -> {
          for (int i = 0; i < 2; i++) {
            Node layer = byOutput.get(node.inputs().get(i));
            String bias = node.inputs().get(1 - i);
            if (layer != null && graph.parameters().containsKey(bias)) {
              layers.get(layer).add(bias);
            }
          }
        }
        default -> {}
      }
    }
    return layers.entrySet().stream()
        .map(layer -> new WeightedLayer(layer.getKey(), layer.getValue()))
        .toList();
  }

  boolean isFullyConnected() {
    return node.op().equals("Gemm") || node.op().equals("MatMul");
  }
}
