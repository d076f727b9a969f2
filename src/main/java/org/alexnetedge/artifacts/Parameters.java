package org.alexnetedge.artifacts;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.StoredTensor;
import org.alexnetedge.onnx.ValueType;

/**
 * The weights that a checkpoint holds: those that are trained, those that are frozen, and the
 * moving averages of the first. All graphs take them as inputs, in this order; ONNX Runtime feeds
 * them by position.
 *
 * @param trained by name
 * @param frozen by name, running statistics among them
 * @param averages name of the moving average by that of the trained parameter; empty: no averages
 */
record Parameters(
    Map<String, StoredTensor> trained,
    Map<String, StoredTensor> frozen,
    Map<String, String> averages) {

  /** Operators that take weights as they come; others may want them to be constants. */
  private static final Set<String> TAKE_WEIGHTS =
      Set.of(
          "Add",
          "BatchNormalization",
          "Conv",
          "ConvTranspose",
          "Div",
          "Gemm",
          "InstanceNormalization",
          "LayerNormalization",
          "MatMul",
          "Mul",
          "PRelu",
          "Sub");

  static Parameters of(ForwardGraph forward, List<String> trainable, boolean averaged) {
    Map<String, StoredTensor> trained = new LinkedHashMap<>();
    Map<String, String> averages = new LinkedHashMap<>();
    for (String name : trainable) {
      trained.put(name, forward.parameters().get(name));
      if (averaged) {
        String average = "ema." + name;
        if (forward.names().contains(average)) {
          throw new ArtifactException(
              "The model has a value called '"
                  + average
                  + "', the name for the moving average of '"
                  + name
                  + "'. Rename it.");
        }
        averages.put(name, average);
      }
    }
    Map<String, StoredTensor> frozen = new LinkedHashMap<>();
    Set<String> constants = wantedAsConstants(forward);
    forward
        .parameters()
        .forEach(
            (name, tensor) -> {
              if (!trained.containsKey(name) && !constants.contains(name)) {
                frozen.put(name, tensor);
              }
            });
    return new Parameters(trained, frozen, averages);
  }

  private static Set<String> wantedAsConstants(ForwardGraph forward) {
    Set<String> constants = new HashSet<>();
    for (Node node : forward.nodes()) {
      if (!node.domain().isEmpty() || !TAKE_WEIGHTS.contains(node.op())) {
        constants.addAll(Reachable.inputs(node));
      }
    }
    return constants;
  }

  Parameters withoutAverages() {
    return new Parameters(trained, frozen, Map.of());
  }

  /** Names of what does not learn: frozen weights, running statistics, averages. */
  List<String> notTrained() {
    List<String> names = new ArrayList<>(frozen.keySet());
    names.addAll(averages.values());
    return names;
  }

  void declareInputs(GraphBuilder graph) {
    trained.forEach((name, tensor) -> graph.input(name, type(tensor)));
    frozen.forEach((name, tensor) -> graph.input(name, type(tensor)));
    averages.forEach((name, average) -> graph.input(average, type(trained.get(name))));
  }

  static ValueType type(StoredTensor tensor) {
    return ValueType.tensor(ElementType.FLOAT32, tensor.shape());
  }

  /** Puts the weights that are no inputs of the graph into it. */
  void addConstants(GraphBuilder graph, ForwardGraph forward) {
    forward.constants().forEach((name, tensor) -> addConstant(graph, name, tensor));
    forward
        .parameters()
        .forEach(
            (name, tensor) -> {
              if (!trained.containsKey(name) && !frozen.containsKey(name)) {
                addConstant(graph, name, tensor);
              }
            });
  }

  /** One that was the output of a Constant node has another name than its tensor, or none. */
  private static void addConstant(GraphBuilder graph, String name, StoredTensor tensor) {
    if (tensor.name().equals(name)) {
      graph.initializer(tensor);
    } else {
      graph.initializer(name, tensor.tensor());
    }
  }
}
