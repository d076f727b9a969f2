package org.alexnetedge.train;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Graph;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.StoredTensor;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.pipeline.ModelDescription;
import org.alexnetedge.pipeline.ModelDescription.Output;

/**
 * Temperature scaling (Guo et al. 2017): all logits are divided by one number, so that a score is
 * as large as the share of answers with that score that are right. No answer changes.
 */
final class Calibration {
  private static final double COLDEST = 0.05;
  private static final double HOTTEST = 20;
  private static final Set<String> ACTIVATIONS = Set.of("Softmax", "Sigmoid");
  private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

  private Calibration() {}

  /**
   * The temperature of the least mean cross-entropy, which has one minimum along it; empty where
   * that lies at an end of what is looked at, as when all are right.
   *
   * @param logits [rows][classes], or [rows][1] for a yes or no
   * @param labels of the rows
   */
  static OptionalDouble temperature(float[][] logits, int[] labels) {
    double low = Math.log(COLDEST);
    double high = Math.log(HOTTEST);
    while (high - low > 1e-6) {
      double left = high - GOLDEN * (high - low);
      double right = low + GOLDEN * (high - low);
      if (loss(logits, labels, Math.exp(left)) < loss(logits, labels, Math.exp(right))) {
        high = right;
      } else {
        low = left;
      }
    }
    double found = (low + high) / 2;
    boolean inside = found > Math.log(COLDEST) + 1e-3 && found < Math.log(HOTTEST) - 1e-3;
    return inside ? OptionalDouble.of(Math.exp(found)) : OptionalDouble.empty();
  }

  /** Mean cross-entropy in nats of logits that are divided by a temperature. */
  static double loss(float[][] logits, int[] labels, double temperature) {
    double sum = 0;
    for (int row = 0; row < labels.length; row++) {
      float[] z = logits[row];
      if (z.length == 1) {
        double margin = (labels[row] == 1 ? z[0] : -z[0]) / temperature;
        sum += Math.max(-margin, 0) + Math.log1p(Math.exp(-Math.abs(margin)));
        continue;
      }
      double most = Double.NEGATIVE_INFINITY;
      for (float logit : z) {
        most = Math.max(most, logit);
      }
      double powers = 0;
      for (float logit : z) {
        powers += Math.exp((logit - most) / temperature);
      }
      sum += Math.log(powers) - (z[labels[row]] - most) / temperature;
    }
    return sum / labels.length;
  }

  /** A model whose logits are divided by a temperature: in its last layer where that is a Gemm. */
  static OnnxModel into(OnnxModel model, double temperature) {
    Graph graph = model.graph();
    String logits = logits(model);
    Node last = graph.producer(logits).orElseThrow();
    GraphBuilder builder = GraphBuilder.of(model);
    if (isPlainGemm(last, graph)) {
      for (String name : last.inputs().subList(1, last.inputs().size())) {
        Tensor weight = graph.initializers().get(name).tensor();
        float[] values = weight.toFloats();
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) (values[i] / temperature);
        }
        builder.removeInitializer(name).initializer(name, Tensor.ofFloats(weight.shape(), values));
      }
      return builder.build();
    }
    String warm = logits + ".uncalibrated";
    String factor = logits + ".calibration";
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (node == last) {
        nodes.add(
            node.withOutputs(
                node.outputs().stream().map(n -> n.equals(logits) ? warm : n).toList()));
        nodes.add(Node.of("Mul", List.of(warm, factor), List.of(logits)).withName(factor));
      } else {
        nodes.add(node);
      }
    }
    return builder
        .nodes(nodes)
        .initializer(factor, Tensor.ofFloats(new long[0], (float) (1 / temperature)))
        .build();
  }

  /** The output, or what stands before the softmax or sigmoid that ends the model. */
  private static String logits(OnnxModel model) {
    String name = model.graph().outputs().getFirst().name();
    if (ModelDescription.read(model.metadata()).output() != Output.PROBABILITIES) {
      return name;
    }
    Node last = model.graph().producer(name).orElseThrow();
    while (!ACTIVATIONS.contains(last.op())) {
      last = model.graph().producer(last.inputs().getFirst()).orElseThrow();
    }
    return last.inputs().getFirst();
  }

  private static boolean isPlainGemm(Node node, Graph graph) {
    return node.op().equals("Gemm")
        && node.inputs().stream()
            .skip(1)
            .allMatch(
                name -> {
                  StoredTensor weight = graph.initializers().get(name);
                  return weight != null
                      && weight.type() == ElementType.FLOAT32
                      && graph.consumers(name).size() == 1;
                });
  }
}
