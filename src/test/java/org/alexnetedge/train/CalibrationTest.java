package org.alexnetedge.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.onnx.ValueType;
import org.alexnetedge.ort.ModelFixture;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.Session;
import org.junit.jupiter.api.Test;

class CalibrationTest {

  /** Labels drawn from softmax(logits / 3): no other temperature fits as well. */
  @Test
  void the_temperature_that_labels_were_drawn_with_is_found() {
    Random random = new Random(4);
    int rows = 20_000;
    float[][] logits = new float[rows][5];
    int[] labels = new int[rows];
    for (int i = 0; i < rows; i++) {
      double[] powers = new double[5];
      double sum = 0;
      for (int c = 0; c < 5; c++) {
        logits[i][c] = (float) (6 * random.nextGaussian());
        powers[c] = Math.exp(logits[i][c] / 3);
        sum += powers[c];
      }
      double left = random.nextDouble() * sum;
      while (labels[i] < 4 && (left -= powers[labels[i]]) > 0) {
        labels[i]++;
      }
    }
    assertEquals(3, Calibration.temperature(logits, labels).orElseThrow(), 0.1);
  }

  @Test
  void nothing_but_right_answers_have_no_temperature() {
    float[][] logits = {{2, 0}, {0, 1}, {5, 3}};
    assertTrue(Calibration.temperature(logits, new int[] {0, 1, 0}).isEmpty());
    assertTrue(Calibration.temperature(logits, new int[] {1, 0, 1}).isEmpty());
  }

  @Test
  void the_loss_of_known_logits_is_that_of_their_softmax() {
    // softmax(0, log 3) = (1/4, 3/4); at temperature 2: 1 / (1 + sqrt 3).
    float[][] logits = {{0, (float) Math.log(3)}};
    assertEquals(Math.log(4), Calibration.loss(logits, new int[] {0}, 1), 1e-7);
    assertEquals(Math.log(1 + Math.sqrt(3)), Calibration.loss(logits, new int[] {0}, 2), 1e-7);
    float[][] yes = {{(float) Math.log(3)}};
    assertEquals(Math.log(4.0 / 3), Calibration.loss(yes, new int[] {1}, 1), 1e-7);
    assertEquals(Math.log(4), Calibration.loss(yes, new int[] {0}, 1), 1e-7);
  }

  @Test
  void logits_of_a_last_gemm_are_divided_in_its_weights_and_others_behind_them() {
    for (String last : List.of("Gemm", "Relu", "Softmax")) {
      GraphBuilder graph =
          new GraphBuilder("g", 8, 17)
              .input("x", ValueType.tensor(ElementType.FLOAT32, 1, 2))
              .output("y", ValueType.tensor(ElementType.FLOAT32, 1, 2))
              .initializer("w", Tensor.ofFloats(new long[] {2, 2}, 2, 0, 0, 4))
              .initializer("b", Tensor.ofFloats(new long[] {2}, 6, 8));
      if (last.equals("Gemm")) {
        graph.node("Gemm", List.of("x", "w", "b"), "y");
      } else {
        graph.node("Gemm", List.of("x", "w", "b"), "h").node(last, List.of("h"), "y");
      }
      if (last.equals("Softmax")) {
        graph.metadata("output", "probabilities");
      }
      OnnxModel divided = Calibration.into(graph.build(), 2);
      assertEquals(
          last.equals("Gemm") ? 1 : last.equals("Relu") ? 3 : 2, divided.graph().nodes().size());
      double p = 1 / (1 + Math.exp(2));
      float[] expected =
          last.equals("Softmax") ? new float[] {(float) p, (float) (1 - p)} : new float[] {4, 6};
      assertArrayEquals(expected, run(divided, new float[] {1, 1}, 1, 2), 1e-6f);
    }
  }

  /** y = scale (conv - mean) / sqrt(var + eps) + shift, by the definition in double. */
  @Test
  void folded_batch_normalisation_gives_the_same_numbers() {
    Random random = new Random(2);
    float[] weights = floats(random, 3 * 2 * 2 * 2);
    float[] x = floats(random, 2 * 3 * 3);
    GraphBuilder graph =
        new GraphBuilder("g", 8, 17)
            .input("x", ValueType.tensor(ElementType.FLOAT32, 1, 2, 3, 3))
            .output("y", ValueType.tensor(ElementType.FLOAT32, 1, 3, 2, 2))
            .initializer("w", Tensor.ofFloats(new long[] {3, 2, 2, 2}, weights))
            .initializer("s", Tensor.ofFloats(new long[] {3}, 1.5f, -2, 0.5f))
            .initializer("t", Tensor.ofFloats(new long[] {3}, 1, 2, 3))
            .initializer("m", Tensor.ofFloats(new long[] {3}, 0.1f, 0.2f, 0.3f))
            .initializer("v", Tensor.ofFloats(new long[] {3}, 1, 4, 0.25f))
            .node("Conv", List.of("x", "w"), "c")
            .node(
                Node.of("BatchNormalization", List.of("c", "s", "t", "m", "v"), List.of("n"))
                    .with("epsilon", Attribute.of(1e-3f)))
            .node("Relu", List.of("n"), "y");
    OnnxModel plain = graph.build();
    OnnxModel folded = FoldedNormalization.in(plain);
    assertEquals(List.of("Conv", "Relu"), folded.graph().nodes().stream().map(Node::op).toList());
    assertEquals(2, folded.graph().initializers().size());
    float[] before = run(plain, x, 1, 2, 3, 3);
    assertArrayEquals(before, run(folded, x, 1, 2, 3, 3), 1e-5f);
    // The first value by hand.
    double sum = 0;
    for (int c = 0; c < 2; c++) {
      for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 2; j++) {
          sum += weights[c * 4 + i * 2 + j] * x[c * 9 + i * 3 + j];
        }
      }
    }
    double expected = 1.5 * (sum - 0.1f) / Math.sqrt(1 + 1e-3) + 1;
    assertEquals(Math.max(0, expected), before[0], 1e-5);
  }

  @Test
  void normalisation_whose_convolution_something_else_uses_stays() {
    OnnxModel model =
        new GraphBuilder("g", 8, 17)
            .input("x", ValueType.tensor(ElementType.FLOAT32, 1, 1, 2, 2))
            .output("y", ValueType.tensor(ElementType.FLOAT32, 1, 1, 2, 2))
            .initializer("w", Tensor.ofFloats(new long[] {1, 1, 1, 1}, 2))
            .initializer("s", Tensor.ofFloats(new long[] {1}, 1))
            .node("Conv", List.of("x", "w"), "c")
            .node("BatchNormalization", List.of("c", "s", "s", "s", "s"), "n")
            .node("Add", List.of("c", "n"), "y")
            .build();
    assertEquals(3, FoldedNormalization.in(model).graph().nodes().size());
  }

  private static float[] run(OnnxModel model, float[] x, long... shape) {
    try (Session session = ModelFixture.open(model);
        var input = ModelFixture.tensor(x, shape);
        Outputs outputs = session.run(Map.of("x", input))) {
      return outputs.tensor("y").toFloatArray();
    }
  }

  private static float[] floats(Random random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
