package org.alexnetedge.onnx;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shape of an operator's output from those of its inputs, by ONNX's Operators.md. */
final class ShapeRules {
  private ShapeRules() {}

  /**
   * Shape of one output of a node.
   *
   * @param output which, from 0
   * @return null when the operator is not known here, an input's shape is not, or they do not fit
   * @throws ArithmeticException when a length does not fit 64 bits
   */
  static @Nullable List<Dimension> shape(NodeShapes node, int output) {
    if (!node.node().domain().isEmpty()) {
      return null;
    }
    return switch (node.node().op()) {
      // The indices and the mask have the shape of the values.
      case "MaxPool", "Dropout" -> output > 1 ? null : first(node);
      case "BatchNormalization" -> output == 0 ? node.shape(0) : node.shape(3);
      default -> output == 0 ? first(node) : null;
    };
  }

  private static @Nullable List<Dimension> first(NodeShapes node) {
    return switch (node.node().op()) {
      case "Conv" -> WindowShapes.conv(node);
      case "MaxPool", "AveragePool", "LpPool" -> WindowShapes.pool(node);
      case "GlobalAveragePool", "GlobalMaxPool" -> WindowShapes.globalPool(node);
      case "Gemm" -> gemm(node);
      case "MatMul" -> matMul(node);
      case "Flatten" -> LayoutShapes.flatten(node);
      case "Reshape" -> LayoutShapes.reshape(node);
      case "Transpose" -> LayoutShapes.transpose(node);
      case "Squeeze" -> LayoutShapes.squeeze(node);
      case "Unsqueeze" -> LayoutShapes.unsqueeze(node);
      case "Concat" -> LayoutShapes.concat(node);
      case "Pad" -> LayoutShapes.pad(node);
      case "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin" -> LayoutShapes.reduce(node);
      case "Constant" -> constant(node.node());
      case "ConstantOfShape" -> constantOfShape(node);
      case "Add", "Sub", "Mul", "Div", "Pow", "PRelu", "Max", "Min", "Sum", "Mean", "Where" ->
          broadcast(node);
      case "Abs",
          "Cast",
          "Clip",
          "DequantizeLinear",
          "Dropout",
          "Elu",
          "Erf",
          "Exp",
          "Gelu",
          "HardSigmoid",
          "HardSwish",
          "Identity",
          "InstanceNormalization",
          "LRN",
          "LeakyRelu",
          "Log",
          "LogSoftmax",
          "Neg",
          "QuantizeLinear",
          "Relu",
          "Selu",
          "Sigmoid",
          "Softmax",
          "Softplus",
          "Sqrt",
          "Tanh" ->
          node.shape(0);
      default -> null;
    };
  }

  /** [M,K] by [K,N], each possibly transposed. */
  private static @Nullable List<Dimension> gemm(NodeShapes node) {
    List<Dimension> a = node.shape(0, 2);
    List<Dimension> b = node.shape(1, 2);
    if (b == null || b.size() != 2 || a != null && a.size() != 2) {
      return null;
    }
    boolean transA = node.node().integer("transA", 0) != 0;
    boolean transB = node.node().integer("transB", 0) != 0;
    if (a == null) {
      return List.of(Dimensions.UNKNOWN, b.get(transB ? 0 : 1));
    }
    if (contradict(a.get(transA ? 0 : 1), b.get(transB ? 1 : 0))) {
      return null;
    }
    return List.of(a.get(transA ? 1 : 0), b.get(transB ? 0 : 1));
  }

  /** NumPy's matmul: a row or column where a side has one dimension, else stacks of matrices. */
  private static @Nullable List<Dimension> matMul(NodeShapes node) {
    List<Dimension> a = node.shape(0, 1);
    List<Dimension> b = node.shape(1, 1);
    if (a == null || b == null) {
      return null;
    }
    if (contradict(a.getLast(), b.get(Math.max(0, b.size() - 2)))) {
      return null;
    }
    List<Dimension> stack =
        Dimensions.broadcast(
            a.subList(0, Math.max(0, a.size() - 2)), b.subList(0, Math.max(0, b.size() - 2)));
    if (stack == null) {
      return null;
    }
    List<Dimension> shape = new ArrayList<>(stack);
    if (a.size() > 1) {
      shape.add(a.get(a.size() - 2));
    }
    if (b.size() > 1) {
      shape.add(b.getLast());
    }
    return shape;
  }

  /** Whether two lengths that must be the same are known to differ. */
  static boolean contradict(Dimension a, Dimension b) {
    return a instanceof Dimension.Fixed && b instanceof Dimension.Fixed && !a.equals(b);
  }

  private static @Nullable List<Dimension> broadcast(NodeShapes node) {
    List<Dimension> shape = List.of();
    for (int i = 0; i < node.node().inputs().size(); i++) {
      List<Dimension> next = node.shape(i);
      shape = next == null || shape == null ? null : Dimensions.broadcast(shape, next);
    }
    return shape;
  }

  private static @Nullable List<Dimension> constantOfShape(NodeShapes node) {
    List<Long> shape = node.constant(0);
    return shape == null || shape.stream().anyMatch(length -> length < 0)
        ? null
        : shape.stream().map(length -> Dimension.of((long) length)).toList();
  }

  private static @Nullable List<Dimension> constant(Node node) {
    for (Attribute attribute : node.attributes().values()) {
      switch (attribute) {
        case Attribute.OfTensor(StoredTensor tensor) -> {
          return ShapeInference.shape(tensor);
        }
        case Attribute.Ints(List<Long> values) -> {
          return Dimensions.fixed(values.size());
        }
        case Attribute.Reals(List<Float> values) -> {
          return Dimensions.fixed(values.size());
        }
        case Attribute.Int one -> {
          return List.of();
        }
        case Attribute.Real one -> {
          return List.of();
        }
        default -> {}
      }
    }
    return null;
  }
}
