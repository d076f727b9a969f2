package org.alexnetedge.artifacts;

import java.util.Arrays;
import java.util.List;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.Tensor;

/** Gradients of local response and batch normalisation. */
final class NormalizationRules {
  /** ONNX Runtime's batch normalisation by the batch's own mean and variance. */
  static final String BATCH_TRAINING = "BatchNormInternal";

  private NormalizationRules() {}

  /**
   * Batch normalisation in training: Y, running mean, running variance, mean, and 1 / sqrt(variance
   * + epsilon), the last two of the batch.
   *
   * @param node the BatchNormalization for inference
   */
  static Node training(Node node, GraphPart graph) {
    String output = node.outputs().getFirst();
    return node.withOp(BATCH_TRAINING)
        .withDomain(GraphPart.MICROSOFT)
        .without("training_mode")
        .without("spatial")
        .withOutputs(
            List.of(
                output,
                graph.fresh(output + "_running_mean"),
                graph.fresh(output + "_running_variance"),
                graph.fresh(output + "_batch_mean"),
                graph.fresh(output + "_batch_inverse_deviation")));
  }

  static void batch(Node node, Backward walk) {
    GraphPart graph = walk.graph();
    List<String> inputs = node.inputs();
    List<String> gradients =
        inputs.subList(0, 3).stream().map(input -> graph.fresh(input + "_grad")).toList();
    graph.add(
        Node.of(
                "BatchNormalizationGrad",
                List.of(
                    walk.of(node),
                    inputs.getFirst(),
                    inputs.get(1),
                    node.outputs().get(3),
                    node.outputs().get(4)),
                gradients)
            .withDomain(GraphPart.MICROSOFT)
            .with("epsilon", Attribute.of(node.real("epsilon", 1e-5f))));
    for (int i = 0; i < 3; i++) {
      walk.give(inputs.get(i), gradients.get(i));
    }
  }

  /** With running statistics that stay: each channel is scaled by scale / sqrt(var + epsilon). */
  static void frozenBatch(Node node, Backward walk) {
    GraphPart graph = walk.graph();
    String input = node.inputs().getFirst();
    String epsilon = graph.scalar(node.real("epsilon", 1e-5f));
    String variance = graph.add("Add", List.of(node.inputs().get(4), epsilon), input + "_variance");
    String deviation = graph.add("Sqrt", List.of(variance), input + "_deviation");
    String scale = graph.add("Div", List.of(node.inputs().get(1), deviation), input + "_scale");
    // [channels] to [channels, 1, ...], which broadcasts over [N, channels, lengths...].
    long[] shape = new long[walk.shape(input).size() - 1];
    Arrays.fill(shape, 1);
    shape[0] = -1;
    String column =
        graph.add("Reshape", List.of(scale, graph.longs(shape)), input + "_scale_column");
    walk.give(input, Node.of("Mul", List.of(walk.of(node), column), List.of()));
  }

  /**
   * y = x s^-beta, where s = bias + alpha / size * (sum of squares over the window of channels). So
   * dX = dY s^-beta - 2 alpha / size * beta * x * (sum of dY x s^(-beta-1) over the windows that
   * the channel is in). Sums over channels are 1 x 1 convolutions with a band of ones.
   */
  static void localResponse(Node node, Backward walk) {
    GraphPart graph = walk.graph();
    String x = node.inputs().getFirst();
    String dY = walk.of(node);
    long size = node.integer("size", 1);
    float beta = node.real("beta", 0.75f);
    float each = node.real("alpha", 1e-4f) / size;
    List<Dimension> shape = walk.shape(x);
    if (shape.size() != 4) {
      throw walk.problem("over a value of shape " + shape + " instead of [N, C, H, W]");
    }
    int channels = Math.toIntExact(walk.lengths(x, 1)[0]);

    String squares = graph.add("Mul", List.of(x, x), x + "_squares");
    String sums = overChannels(graph, squares, band(channels, size, each, false), x);
    String s = graph.add("Add", List.of(sums, graph.scalar(node.real("bias", 1))), x + "_s");
    String power = graph.add("Pow", List.of(s, graph.scalar(-beta)), x + "_power");
    String direct = graph.add("Mul", List.of(dY, power), x + "_direct");
    String part =
        graph.add(
            "Div", List.of(graph.add("Mul", List.of(direct, x), x + "_part"), s), x + "_part");
    String spread = overChannels(graph, part, band(channels, size, 2 * each * beta, true), x);
    String indirect = graph.add("Mul", List.of(x, spread), x + "_indirect");
    walk.give(x, Node.of("Sub", List.of(direct, indirect), List.of()));
  }

  private static String overChannels(GraphPart graph, String value, Tensor band, String wanted) {
    String weights = graph.constant(wanted + "_band", band);
    return graph.add("Conv", List.of(value, weights), wanted + "_sums");
  }

  /**
   * A factor where the channel of the column lies in the window around that of the row, which goes
   * from floor((size - 1) / 2) before to ceil((size - 1) / 2) after: [channels, channels, 1, 1].
   */
  private static Tensor band(int channels, long size, float factor, boolean transposed) {
    float[] band = new float[channels * channels];
    for (int row = 0; row < channels; row++) {
      for (int column = 0; column < channels; column++) {
        int distance = transposed ? row - column : column - row;
        if (distance >= -((size - 1) / 2) && distance <= size / 2) {
          band[row * channels + column] = factor;
        }
      }
    }
    return Tensor.ofFloats(new long[] {channels, channels, 1, 1}, band);
  }
}
