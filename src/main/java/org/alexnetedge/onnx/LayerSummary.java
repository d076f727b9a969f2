package org.alexnetedge.onnx;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A layer as a table of a model shows it: a node, together with the activation that follows it.
 *
 * @param name of the node, else of its first output
 * @param operators the node's, then those of the activations
 * @param shape of what the layer gives; null when it is unknown
 * @param parameters elements of the weights that this layer is the first to use
 * @param trainable those among them that training changes: all but running statistics
 */
public record LayerSummary(
    String name,
    List<String> operators,
    @Nullable List<Dimension> shape,
    long parameters,
    long trainable) {

  private static final Set<String> ACTIVATIONS =
      Set.of(
          "Clip",
          "Elu",
          "Gelu",
          "HardSigmoid",
          "HardSwish",
          "LeakyRelu",
          "LogSoftmax",
          "Relu",
          "Selu",
          "Sigmoid",
          "Softmax",
          "Tanh");

  public LayerSummary {
    operators = List.copyOf(operators);
    shape = shape == null ? null : List.copyOf(shape);
  }

  /**
   * All layers in the order of computation; no weights are read. Constants are no layers.
   *
   * @throws OnnxException when the shapes of the weights are impossible
   */
  public static List<LayerSummary> of(OnnxModel model) {
    Graph graph = model.graph();
    Map<String, List<Dimension>> shapes = ShapeInference.of(graph);
    Map<String, Integer> uses = uses(graph);
    Map<String, StoredTensor> unplaced = new LinkedHashMap<>(model.parameters());
    List<LayerSummary> layers = new ArrayList<>();
    String last = "";
    for (Node node : graph.nodes()) {
      if (node.op().equals("Constant") || node.outputs().isEmpty()) {
        continue;
      }
      String output = node.outputs().getFirst();
      LayerSummary layer = of(node, shapes.get(output), unplaced, model);
      boolean activation =
          isActivation(node)
              && layer.parameters() == 0
              && node.inputs().indexOf(last) == 0
              && uses.get(last) == 1;
      if (activation && !layers.isEmpty()) {
        layers.set(layers.size() - 1, layers.getLast().followedBy(layer));
      } else {
        layers.add(layer);
      }
      last = output;
    }
    return layers;
  }

  /**
   * Whether a node is a function of each element, as they follow layers; softmax is taken for one.
   */
  public static boolean isActivation(Node node) {
    return node.domain().isEmpty() && ACTIVATIONS.contains(node.op());
  }

  private static LayerSummary of(
      Node node,
      @Nullable List<Dimension> shape,
      Map<String, StoredTensor> unplaced,
      OnnxModel model) {
    long parameters = 0;
    long trainable = 0;
    try {
      for (int i = 0; i < node.inputs().size(); i++) {
        StoredTensor tensor = unplaced.remove(node.inputs().get(i));
        if (tensor != null) {
          parameters = Math.addExact(parameters, tensor.size());
          // Inputs 3 and 4 are the running mean and variance.
          boolean statistics = node.op().equals("BatchNormalization") && i >= 3;
          trainable += statistics ? 0 : tensor.size();
        }
      }
    } catch (ArithmeticException e) {
      throw model.origin().problem("has tensors of impossible shapes.");
    }
    return new LayerSummary(
        node.name().isEmpty() ? node.outputs().getFirst() : node.name(),
        List.of(node.domain().isEmpty() ? node.op() : node.domain() + "." + node.op()),
        shape,
        parameters,
        trainable);
  }

  private LayerSummary followedBy(LayerSummary activation) {
    List<String> both = new ArrayList<>(operators);
    both.addAll(activation.operators);
    return new LayerSummary(name, both, activation.shape, parameters, trainable);
  }

  /** How many nodes use each value, where the graph's outputs count as nodes. */
  private static Map<String, Integer> uses(Graph graph) {
    Map<String, Integer> uses = new HashMap<>();
    graph.nodes().forEach(node -> node.inputs().forEach(name -> uses.merge(name, 1, Integer::sum)));
    graph.outputs().forEach(output -> uses.merge(output.name(), 1, Integer::sum));
    return uses;
  }
}
