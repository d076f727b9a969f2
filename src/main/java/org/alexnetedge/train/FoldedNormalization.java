package org.alexnetedge.train;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Graph;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.StoredTensor;
import org.alexnetedge.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Batch normalisation put into the convolutions before it. In inference y = scale (Wx + b - mean) /
 * sqrt(variance + epsilon) + shift, which is a convolution with other weights.
 */
final class FoldedNormalization {
  private static final float EPSILON = 1e-5f; // ONNX, BatchNormalization

  private FoldedNormalization() {}

  /**
   * The same model with each BatchNormalization folded that follows a convolution of constant
   * weights directly; others stay.
   */
  static OnnxModel in(OnnxModel model) {
    Graph graph = model.graph();
    GraphBuilder builder = GraphBuilder.of(model);
    Map<Node, Node> folded = new HashMap<>();
    Set<String> replaced = new HashSet<>();
    for (Node norm : graph.nodes()) {
      Node conv = convolution(norm, graph);
      if (conv == null) {
        continue;
      }
      String weight = norm.outputs().getFirst() + ".folded.weight";
      String bias = norm.outputs().getFirst() + ".folded.bias";
      addFolded(conv, norm, graph, builder, weight, bias);
      folded.put(
          norm,
          conv.withInputs(List.of(conv.inputs().getFirst(), weight, bias))
              .withOutputs(norm.outputs().subList(0, 1)));
      folded.put(conv, null);
      replaced.addAll(conv.inputs().subList(1, conv.inputs().size()));
      replaced.addAll(norm.inputs().subList(1, 5));
    }
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Node instead = folded.getOrDefault(node, node);
      if (instead != null) {
        nodes.add(instead);
      }
    }
    for (Node node : nodes) {
      node.inputs().forEach(replaced::remove); // Weights that something else uses too.
    }
    replaced.stream().filter(graph.initializers()::containsKey).forEach(builder::removeInitializer);
    nodes.removeIf(
        node -> node.constant().isPresent() && replaced.contains(node.outputs().getFirst()));
    return builder.nodes(nodes).clearValues().build();
  }

  /** The convolution that this normalisation, and nothing else, takes its input from. */
  private static @Nullable Node convolution(Node norm, Graph graph) {
    if (!norm.op().equals("BatchNormalization")
        || !norm.domain().isEmpty()
        || norm.integer("training_mode", 0) != 0
        || norm.outputs().stream().skip(1).anyMatch(name -> !name.isEmpty())) {
      return null;
    }
    String input = norm.inputs().getFirst();
    Node conv = graph.producer(input).orElse(null);
    boolean alone =
        conv != null
            && conv.op().equals("Conv")
            && conv.domain().isEmpty()
            && graph.consumers(input).size() == 1
            && graph.outputs().stream().noneMatch(output -> output.name().equals(input));
    return alone
            && conv.inputs().stream().skip(1).allMatch(name -> isFloats(name, graph))
            && norm.inputs().stream().skip(1).allMatch(name -> isFloats(name, graph))
        ? conv
        : null;
  }

  private static boolean isFloats(String name, Graph graph) {
    return graph
        .constant(name)
        .map(StoredTensor::type)
        .filter(ElementType.FLOAT32::equals)
        .isPresent();
  }

  private static void addFolded(
      Node conv, Node norm, Graph graph, GraphBuilder builder, String weightName, String biasName) {
    float[] scale = floats(graph, norm.inputs().get(1));
    float[] shift = floats(graph, norm.inputs().get(2));
    float[] mean = floats(graph, norm.inputs().get(3));
    float[] variance = floats(graph, norm.inputs().get(4));
    double epsilon = norm.real("epsilon", EPSILON);
    Tensor weight = graph.constant(conv.inputs().get(1)).orElseThrow().tensor();
    float[] weights = weight.toFloats();
    float[] biases =
        conv.inputs().size() > 2 ? floats(graph, conv.inputs().get(2)) : new float[scale.length];
    int each = weights.length / scale.length;
    for (int channel = 0; channel < scale.length; channel++) {
      double factor = scale[channel] / Math.sqrt(variance[channel] + epsilon);
      for (int i = channel * each; i < (channel + 1) * each; i++) {
        weights[i] = (float) (weights[i] * factor);
      }
      biases[channel] =
          (float) ((biases[channel] - (double) mean[channel]) * factor + shift[channel]);
    }
    builder.initializer(weightName, Tensor.ofFloats(weight.shape(), weights));
    builder.initializer(biasName, Tensor.ofFloats(new long[] {biases.length}, biases));
  }

  private static float[] floats(Graph graph, String name) {
    return graph.constant(name).orElseThrow().tensor().toFloats();
  }
}
