package org.alexnetedge.artifacts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.ort.ModelFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The update rules on one parameter, against their formulas in double. */
class UpdateRulesTest {
  private static final int STEPS = 12;
  private static final double RATE = 0.01;
  private static final double TOLERANCE = 1e-6;

  /** One parameter p, logit p x, two classes. */
  private static OnnxModel model() {
    return ModelFixture.graph("one")
        .input("x", ModelFixture.floats("batch", 1))
        .output("probability", ModelFixture.floats("batch", 1))
        .initializer("p", Tensor.ofFloats(new long[] {1, 1}, 0.75f))
        .node("MatMul", List.of("x", "p"), "z")
        .node("Sigmoid", List.of("z"), "probability")
        .build();
  }

  /** What the rule makes of a parameter and its gradient at step t, from 1. */
  private abstract static class Rule {
    double m;
    double v;

    abstract double next(double p, double g, int t);
  }

  @Test
  void sgd_takes_the_gradient_and_l2_decay(@TempDir Path folder) {
    assertFollows(
        new Optimizer.Sgd(0.1f),
        new Rule() {
          @Override
          double next(double p, double g, int t) {
            return p - RATE * (g + 0.1 * p);
          }
        },
        folder);
  }

  @Test
  void momentum_is_that_of_pytorch(@TempDir Path folder) {
    assertFollows(
        new Optimizer.Momentum(0.9f, 0.1f),
        new Rule() {
          @Override
          double next(double p, double g, int t) {
            m = 0.9 * m + g + 0.1 * p;
            return p - RATE * m;
          }
        },
        folder);
  }

  @Test
  void adamw_decays_beside_the_update(@TempDir Path folder) {
    assertFollows(
        new Optimizer.AdamW(0.9f, 0.99f, 1e-3f, 0.1f),
        new Rule() {
          @Override
          double next(double p, double g, int t) {
            m = 0.9 * m + 0.1 * g;
            v = 0.99 * v + 0.01 * g * g;
            double corrected = m / (1 - Math.pow(0.9, t));
            double root = Math.sqrt(v / (1 - Math.pow(0.99, t)));
            return p * (1 - RATE * 0.1) - RATE * corrected / (root + 1e-3);
          }
        },
        folder);
  }

  @Test
  void adam_decays_in_the_gradient(@TempDir Path folder) {
    assertFollows(
        new Optimizer.Adam(0.9f, 0.99f, 1e-3f, 0.1f),
        new Rule() {
          @Override
          double next(double p, double g, int t) {
            double all = g + 0.1 * p;
            m = 0.9 * m + 0.1 * all;
            v = 0.99 * v + 0.01 * all * all;
            double corrected = m / (1 - Math.pow(0.9, t));
            double root = Math.sqrt(v / (1 - Math.pow(0.99, t)));
            return p - RATE * corrected / (root + 1e-3);
          }
        },
        folder);
  }

  @Test
  void adam_of_keras_adds_epsilon_before_the_correction(@TempDir Path folder) {
    assertFollows(
        new Optimizer.KerasAdam(0.9f, 0.99f, 1e-3f, 0),
        new Rule() {
          @Override
          double next(double p, double g, int t) {
            m = 0.9 * m + 0.1 * g;
            v = 0.99 * v + 0.01 * g * g;
            double rate = RATE * Math.sqrt(1 - Math.pow(0.99, t)) / (1 - Math.pow(0.9, t));
            return p - rate * m / (Math.sqrt(v) + 1e-3);
          }
        },
        folder);
  }

  /** Each update has the gradients of two steps. */
  private static void assertFollows(Optimizer optimizer, Rule rule, Path folder) {
    Artifacts artifacts = Artifacts.of(model(), ArtifactOptions.of(Trainable.all(), optimizer));
    double p = 0.75;
    try (Learning learning = new Learning(artifacts, optimizer, RATE, folder)) {
      assertEquals(List.of("loss", "logits"), learning.session.evalOutputs());
      assertEquals("loss", learning.session.trainingOutputs().getFirst());
      for (int t = 1; t <= STEPS; t++) {
        double[][] x = {{1, 0.5}, {-t / 8.0, 2}};
        double[][] targets = {{1, 0.25}, {t % 2, 0}};
        double gradient = 0;
        for (int part = 0; part < 2; part++) {
          double loss = 0;
          for (int n = 0; n < 2; n++) {
            double s = 1 / (1 + Math.exp(-p * x[part][n]));
            gradient += (s - targets[part][n]) * x[part][n] / 2;
            loss -= targets[part][n] * Math.log(s) / 2;
            loss -= (1 - targets[part][n]) * Math.log(1 - s) / 2;
          }
          assertEquals(loss, learning.gather(inputs(x[part], targets[part])), TOLERANCE);
        }
        learning.update();
        p = rule.next(p, gradient, t);
        assertEquals(p, learning.parameter("p")[0], TOLERANCE, optimizer + ", step " + t);
      }
    }
    assertTrue(Math.abs(p - 0.75) > 0.01, "the parameter has moved");
  }

  @Test
  void gradients_are_clipped_to_the_norm(@TempDir Path folder) {
    Optimizer optimizer = new Optimizer.Sgd(0);
    Artifacts artifacts =
        Artifacts.of(model(), ArtifactOptions.of(Trainable.all(), optimizer).withClipNorm(0.125f));
    try (Learning learning = new Learning(artifacts, optimizer, 1, folder)) {
      learning.gather(inputs(new double[] {4, 4}, new double[] {0, 0}));
      learning.update();
      assertEquals(0.75 - 0.125, learning.parameter("p")[0], TOLERANCE);
      // Shorter ones stay.
      double s = 1 / (1 + Math.exp(-0.625 * 0.01));
      learning.gather(inputs(new double[] {0.01, 0.01}, new double[] {0, 0}));
      learning.update();
      assertEquals(0.625 - s * 0.01, learning.parameter("p")[0], TOLERANCE);
    }
  }

  private static Map<String, Tensor> inputs(double[] x, double[] targets) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    long[] shape = {2, 1};
    inputs.put("x", Tensor.ofFloats(shape, (float) x[0], (float) x[1]));
    inputs.put("targets", Tensor.ofFloats(shape, (float) targets[0], (float) targets[1]));
    inputs.put("weights", TrainingModel.ones(2));
    return inputs;
  }
}
