package org.alexnetedge.train;

import java.util.ArrayList;
import java.util.List;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Graph;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.StoredTensor;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.onnx.ValueInfo;

/**
 * Temperature scaling (Guo et al. 2017): all logits are divided by one number, so that a score is
 * as large as the share of answers with that score that are right. No answer changes.
 */
final class Calibration {
  private static final double COLDEST = 0.05;
  private static final double HOTTEST = 20;
  private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

  private Calibration() {}

  /**
   * The temperature of the least mean cross-entropy, which has one minimum along it.
   *
   * @param logits [rows][classes], or [rows][1] for a yes or no
   * @param labels of the rows
   */
  static double temperature(float[][] logits, int[] labels) {
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
    return Math.exp((low + high) / 2);
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
    ValueInfo logits = graph.outputs().getFirst();
    Node last = graph.producer(logits.name()).orElseThrow();
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
    String warm = logits.name() + ".uncalibrated";
    String factor = logits.name() + ".calibration";
    List<Node> nodes = new ArrayList<>(graph.nodes());
    nodes.replaceAll(node -> renamed(node, logits.name(), warm));
    nodes.add(Node.of("Mul", List.of(warm, factor), List.of(logits.name())).withName(factor));
    return builder
        .nodes(nodes)
        .initializer(factor, Tensor.ofFloats(new long[0], (float) (1 / temperature)))
        .build();
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

  private static Node renamed(Node node, String from, String to) {
    return node.withInputs(node.inputs().stream().map(n -> n.equals(from) ? to : n).toList())
        .withOutputs(node.outputs().stream().map(n -> n.equals(from) ? to : n).toList());
  }
}
