package org.alexnetedge.draw;

import java.util.List;
import org.alexnetedge.onnx.Node;

/** What sort of layer an operator is, and how it is coloured. */
enum Kind {
  INPUT("#eceff2", "#4a5058"),
  OUTPUT("#eceff2", "#4a5058"),
  CONVOLUTION("#dbe9fb", "#2a5d9f", "Conv", "ConvTranspose", "ConvInteger", "QLinearConv"),
  POOLING(
      "#dcf2e1",
      "#2c6b3f",
      "MaxPool",
      "AveragePool",
      "LpPool",
      "GlobalAveragePool",
      "GlobalMaxPool",
      "GlobalLpPool"),
  DENSE("#fde8d0", "#8a4b08", "Gemm", "MatMul", "MatMulInteger", "QLinearMatMul"),
  NORMALIZATION(
      "#ece4f7",
      "#5b3a8e",
      "BatchNormalization",
      "LRN",
      "InstanceNormalization",
      "GroupNormalization",
      "LayerNormalization"),
  JOIN("#fdf3c7", "#6b5900", "Add", "Sum", "Mul", "Concat", "Max", "Mean"),
  FORM("#ffffff", "#4a5058", "Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Identity"),
  OTHER("#ffffff", "#4a5058");

  private final String fill;
  private final String stroke;
  private final List<String> operators;

  Kind(String fill, String stroke, String... operators) {
    this.fill = fill;
    this.stroke = stroke;
    this.operators = List.of(operators);
  }

  static Kind of(Node node) {
    if (node.domain().isEmpty()) {
      for (Kind kind : values()) {
        if (kind.operators.contains(node.op())) {
          return kind;
        }
      }
    }
    return OTHER;
  }

  String fill() {
    return fill;
  }

  String stroke() {
    return stroke;
  }
}
