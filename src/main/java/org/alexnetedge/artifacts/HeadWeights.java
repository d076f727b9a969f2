package org.alexnetedge.artifacts;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Graph;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.StoredTensor;
import org.alexnetedge.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a head begins with.
 *
 * @param weight float32 [C,F]
 * @param bias float32 [C]
 */
record HeadWeights(Tensor weight, Tensor bias) {

  /** What may stand between a layer and the scores without changing which features they are of. */
  private static final Set<String> AFTERWARDS =
      Set.of("Identity", "Dropout", "Flatten", "Reshape", "Squeeze", "Softmax", "Sigmoid");

  int classes() {
    return Math.toIntExact(bias.size());
  }

  /**
   * PyTorch's default initialisation of Linear: uniform in (-b, b) with b = 1 / sqrt(F), weight and
   * bias alike. The distribution is PyTorch's, the numbers are those that {@link Random} specifies
   * for the seed, {@code (2 nextFloat() - 1) b}, first the weight in C order, then the bias.
   */
  static HeadWeights random(int classes, int features, long seed) {
    Random random = new Random(seed);
    float bound = (float) (1 / Math.sqrt(features));
    float[] weight = new float[Math.multiplyExact(classes, features)];
    float[] bias = new float[classes];
    for (float[] values : new float[][] {weight, bias}) {
      for (int i = 0; i < values.length; i++) {
        values[i] = (2 * random.nextFloat() - 1) * bound;
      }
    }
    return of(classes, features, weight, bias);
  }

  private static HeadWeights of(int classes, int features, float[] weight, float[] bias) {
    return new HeadWeights(
        Tensor.ofFloats(new long[] {classes, features}, weight),
        Tensor.ofFloats(new long[] {classes}, bias));
  }

  /**
   * The weights of a last layer as those of a head on averaged features; empty when the two would
   * not give the same logits. A 1x1 convolution whose output is averaged is a head on the average:
   * both are linear. One with padding, or with a ReLU behind it, is not.
   */
  static Optional<HeadWeights> of(LastLayer layer, Graph graph) {
    Node node = layer.node();
    StoredTensor weight = graph.constant(node.inputs().get(1)).orElse(null);
    if (weight == null || weight.type() != ElementType.FLOAT32) {
      return Optional.empty();
    }
    boolean isConv = node.op().equals("Conv");
    if (isConv && !isOneByOne(node, weight) || !isConv && layer.rank() != 2) {
      return Optional.empty();
    }
    StoredTensor bias = null;
    if (node.inputs().size() > 2 && !node.inputs().get(2).isEmpty()) {
      bias = graph.constant(node.inputs().get(2)).orElse(null);
      if (bias == null) {
        return Optional.empty();
      }
    }
    boolean averaged = !isConv;
    String value = node.outputs().getFirst();
    while (!value.equals(layer.output().name())) {
      if (graph.consumers(value).size() != 1) {
        return Optional.empty();
      }
      Node next = graph.consumers(value).getFirst();
      if (next.op().equals("Add") && node.op().equals("MatMul") && bias == null) {
        int other = next.inputs().getFirst().equals(value) ? 1 : 0;
        bias = graph.constant(next.inputs().get(other)).orElse(null);
        if (bias == null) {
          return Optional.empty();
        }
      } else if (next.op().equals("GlobalAveragePool") && isConv) {
        averaged = true;
      } else if (!AFTERWARDS.contains(next.op())) {
        return Optional.empty();
      }
      value = next.outputs().getFirst();
    }
    return averaged ? Optional.ofNullable(of(node, weight, bias, layer)) : Optional.empty();
  }

  private static boolean isOneByOne(Node node, StoredTensor weight) {
    long[] shape = weight.shape();
    return weight.size() == shape[0] * shape[1]
        && node.integer("group", 1) == 1
        && node.integers("strides", List.of()).stream().allMatch(n -> n == 1)
        && node.integers("pads", List.of()).stream().allMatch(n -> n == 0);
  }

  private static @Nullable HeadWeights of(
      Node node, StoredTensor weight, @Nullable StoredTensor bias, LastLayer layer) {
    int features = layer.features();
    int classes = Math.toIntExact(weight.size() / features);
    float alpha = node.real("alpha", 1);
    float beta = node.real("beta", 1);
    // [C,F], or [F,C] of a MatMul or a Gemm that does not transpose.
    boolean rows = node.op().equals("Conv") || node.integer("transB", 0) != 0;
    float[] given = weight.tensor().toFloats();
    float[] turned = new float[given.length];
    for (int c = 0; c < classes; c++) {
      for (int f = 0; f < features; f++) {
        turned[c * features + f] = alpha * given[rows ? c * features + f : f * classes + c];
      }
    }
    float[] added = new float[classes];
    if (bias != null) {
      if (bias.type() != ElementType.FLOAT32 || bias.size() != classes && bias.size() != 1) {
        return null;
      }
      float[] values = bias.tensor().toFloats();
      for (int c = 0; c < classes; c++) {
        added[c] = beta * values[values.length == 1 ? 0 : c];
      }
    }
    return of(classes, features, turned, added);
  }
}
