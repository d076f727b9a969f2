package org.alexnetedge.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class LayerSummaryTest {
  private static final ValueType MAP =
      ValueType.tensor(ElementType.FLOAT32, Dimension.of("n"), Dimension.of(2), Dimension.of(1));

  private static GraphBuilder graph() {
    return new GraphBuilder("g", 8, 17)
        .input("x", MAP)
        .initializer("c", Tensor.ofFloats(new long[] {2}, 1, 2))
        .initializer("d", Tensor.ofFloats(new long[] {2}, 1, 2))
        .initializer("mean", Tensor.ofFloats(new long[] {2}, 0, 0))
        .initializer("variance", Tensor.ofFloats(new long[] {2}, 1, 1));
  }

  private static List<String> rows(GraphBuilder graph) {
    return LayerSummary.of(graph.build()).stream()
        .map(
            row ->
                row.name()
                    + " "
                    + row.operators()
                    + " "
                    + row.shape()
                    + " "
                    + row.parameters()
                    + " "
                    + row.trainable())
        .toList();
  }

  @Test
  void running_statistics_are_not_trainable() {
    GraphBuilder graph =
        graph().node("BatchNormalization", List.of("x", "c", "d", "mean", "variance"), "y");
    assertEquals(List.of("y [BatchNormalization] [n, 2, 1] 8 4"), rows(graph));
  }

  @Test
  void an_activation_joins_the_layer_before_it_when_nobody_else_sees_that() {
    GraphBuilder graph =
        graph()
            .node("Unheard", List.of("x"), "u")
            .node("Relu", List.of("u"), "r")
            .node("Sigmoid", List.of("r"), "s")
            .node("Tanh", List.of("r"), "t")
            .node("Add", List.of("s", "t"), "y");
    assertEquals(
        List.of(
            "u [Unheard, Relu] null 0 0",
            "s [Sigmoid] null 0 0",
            "t [Tanh] null 0 0",
            "y [Add] null 0 0"),
        rows(graph));
    GraphBuilder seen =
        graph()
            .node("Identity", List.of("x"), "i")
            .output("i", MAP)
            .node("Relu", List.of("i"), "y");
    assertEquals(List.of("i [Identity] [n, 2, 1] 0 0", "y [Relu] [n, 2, 1] 0 0"), rows(seen));
  }

  @Test
  void shared_weights_count_once() {
    GraphBuilder graph =
        new GraphBuilder("g", 8, 17)
            .input("x", ValueType.tensor(ElementType.FLOAT32, 3, 2))
            .initializer("w", Tensor.ofFloats(new long[] {2, 2}, 1, 2, 3, 4))
            .node("MatMul", List.of("x", "w"), "a")
            .node("MatMul", List.of("a", "w"), "b");
    assertEquals(List.of("a [MatMul] [3, 2] 4 4", "b [MatMul] [3, 2] 0 0"), rows(graph));
  }
}
