package org.alexnetedge.onnx;

import java.util.List;

/** Models for the tests of this package. */
final class SmallModels {
  private SmallModels() {}

  /** One fully connected layer, with everything a file can say about itself. */
  static GraphBuilder linear() {
    return new GraphBuilder("linear", 8, 17)
        .producer("a test", "1.2")
        .doc("one layer")
        .metadata("labels", "[\"Größe\",\"\"]")
        .metadata("task", "softmax")
        .input("x", ValueType.tensor(ElementType.FLOAT32, Dimension.of("batch"), Dimension.of(3)))
        .output("y", ValueType.tensor(ElementType.FLOAT32, Dimension.of("batch"), Dimension.of(2)))
        .initializer("w", Tensor.ofFloats(new long[] {2, 3}, 1, 2, 3, 4, 5, 6))
        .initializer("b", Tensor.ofFloats(new long[] {2}, -1, 1))
        .node(
            Node.of("Gemm", List.of("x", "w", "b"), List.of("y"))
                .with("transB", Attribute.of(1))
                .with("alpha", Attribute.of(1f)));
  }
}
