package org.alexnetedge.artifacts;

import java.util.Map;
import org.alexnetedge.onnx.Node;
import org.jspecify.annotations.Nullable;

/** The rule of each operator, as it stands in the training graph. */
final class GradientRules {
  private static final Map<String, GradientRule> RULES =
      Map.ofEntries(
          Map.entry("Conv", ConvolutionRules::conv),
          Map.entry("MaxPool", PoolingRules::maxPool),
          Map.entry("AveragePool", PoolingRules::averagePool),
          Map.entry("GlobalAveragePool", PoolingRules::globalAveragePool),
          Map.entry("LRN", NormalizationRules::localResponse),
          Map.entry("BatchNormalization", NormalizationRules::frozenBatch),
          Map.entry(NormalizationRules.BATCH_TRAINING, NormalizationRules::batch),
          Map.entry("Gemm", MatrixRules::gemm),
          Map.entry("MatMul", MatrixRules::matMul),
          Map.entry("Relu", ElementRules::relu),
          Map.entry("LeakyRelu", ElementRules::leakyRelu),
          Map.entry("Clip", ElementRules::clip),
          Map.entry("Sigmoid", ElementRules::sigmoid),
          Map.entry("Tanh", ElementRules::tanh),
          Map.entry("HardSigmoid", ElementRules::hardSigmoid),
          Map.entry("HardSwish", ElementRules::hardSwish),
          Map.entry("Dropout", ElementRules::dropout),
          Map.entry("Identity", ElementRules::identity),
          Map.entry("Add", ElementRules::add),
          Map.entry("Sub", ElementRules::sub),
          Map.entry("Mul", ElementRules::mul),
          Map.entry("Div", ElementRules::div),
          Map.entry("Flatten", LayoutRules::reshaped),
          Map.entry("Reshape", LayoutRules::reshaped),
          Map.entry("Squeeze", LayoutRules::reshaped),
          Map.entry("Unsqueeze", LayoutRules::reshaped),
          Map.entry("Transpose", LayoutRules::transpose),
          Map.entry("Concat", LayoutRules::concat),
          Map.entry("ReduceMean", LayoutRules::reduceMean));

  private GradientRules() {}

  /** Null when the operator has none. */
  static @Nullable GradientRule of(Node node) {
    boolean known = node.domain().isEmpty() || node.op().equals(NormalizationRules.BATCH_TRAINING);
    return known ? RULES.get(node.op()) : null;
  }
}
