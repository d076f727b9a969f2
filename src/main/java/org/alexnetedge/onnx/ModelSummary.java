package org.alexnetedge.onnx;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What people ask about a model: its size and its weighted layers.
 *
 * @param parameters {@link OnnxModel#parameters} by element type
 * @param operators number of nodes per operator, {@code DOMAIN.NAME} outside ONNX's own
 * @param layers nodes that take parameters, in the order of computation
 */
public record ModelSummary(
    Map<ElementType, Size> parameters, Map<String, Integer> operators, List<WeightedLayer> layers) {

  /** How many elements, and how many bytes they take. */
  public record Size(long count, long bytes) {
    Size plus(Size other) {
      return new Size(Math.addExact(count, other.count), Math.addExact(bytes, other.bytes));
    }
  }

  /**
   * A node and the parameters among its inputs.
   *
   * @param parameters elements of all weights together
   */
  public record WeightedLayer(Node node, List<StoredTensor> weights, long parameters) {}

  public ModelSummary {
    layers = List.copyOf(layers);
  }

  /**
   * Looks at all nodes; no weights are read.
   *
   * @throws OnnxException when the shapes of the weights are impossible
   */
  public static ModelSummary of(OnnxModel model) {
    Map<String, StoredTensor> tensors = model.parameters();
    Map<ElementType, Size> parameters = new EnumMap<>(ElementType.class);
    try {
      for (StoredTensor tensor : tensors.values()) {
        parameters.merge(tensor.type(), new Size(tensor.size(), tensor.byteSize()), Size::plus);
      }
    } catch (ArithmeticException e) {
      throw model.origin().problem("has tensors of impossible shapes.");
    }
    Map<String, Integer> operators = new TreeMap<>();
    List<WeightedLayer> layers = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      String domain = node.domain();
      operators.merge(domain.isEmpty() ? node.op() : domain + "." + node.op(), 1, Integer::sum);
      List<StoredTensor> weights =
          node.inputs().stream().filter(tensors::containsKey).map(tensors::get).toList();
      if (!weights.isEmpty()) {
        long size = weights.stream().mapToLong(StoredTensor::size).sum();
        layers.add(new WeightedLayer(node, weights, size));
      }
    }
    return new ModelSummary(parameters, operators, layers);
  }
}
