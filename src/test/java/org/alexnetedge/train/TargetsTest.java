package org.alexnetedge.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rows of targets and weights. */
final class TargetsTest {
  private static final float[] LOGITS = {1, 2, 0.5f};

  private final float[] rows = new float[6];
  private final float[] weights = new float[2];

  private void write(Targets targets, int label, int row) {
    targets.write(label, MemorySegment.ofArray(rows), MemorySegment.ofArray(weights), row);
  }

  private void mix(Targets targets, int first, double share, int second) {
    targets.write(
        first, share, second, MemorySegment.ofArray(rows), MemorySegment.ofArray(weights), 0);
  }

  private double loss() {
    double sum = 0;
    for (float logit : LOGITS) {
      sum += Math.exp(logit);
    }
    double loss = 0;
    for (int c = 0; c < LOGITS.length; c++) {
      loss -= rows[c] * (LOGITS[c] - Math.log(sum));
    }
    return weights[0] * loss;
  }

  @Test
  void a_label_is_one_and_the_rest_zero() {
    write(Targets.plain(3, 3), 1, 1);
    assertArrayEquals(new float[] {0, 0, 0, 0, 1, 0}, rows);
    assertArrayEquals(new float[] {0, 1}, weights);
  }

  /** PyTorch 2.15: {@code cross_entropy([[1, 2, .5]], [2], label_smoothing=.1)} = 1.8977. */
  @Test
  void smoothing_is_pytorch_s() {
    write(new Targets(3, 3, 0.1, List.of()), 2, 0);
    assertEquals(1.8977, loss(), 1e-4);
  }

  /** Keras: y (1 - s) + s / 2. */
  @Test
  void one_output_says_the_second_class_and_is_smoothed_as_keras_does() {
    Targets targets = new Targets(2, 1, 0.2, List.of());
    write(targets, 0, 0);
    write(targets, 1, 1);
    assertArrayEquals(new float[] {0.1f, 0.9f, 0, 0, 0, 0}, rows);
    mix(targets, 1, 0.25, 0);
    assertEquals(0.25 * 0.9 + 0.75 * 0.1, rows[0], 1e-6);
  }

  @Test
  void a_mix_costs_what_its_parts_cost_by_share_and_class_weight() {
    Targets targets = new Targets(3, 3, 0.1, List.of(0.5, 1.0, 3.0));
    write(targets, 0, 0);
    double first = loss();
    write(targets, 2, 0);
    double second = loss();
    mix(targets, 0, 0.3, 2);
    assertEquals(0.3 * first + 0.7 * second, loss(), 1e-6);
    mix(targets, 2, 0.6, 2);
    assertEquals(second, loss(), 1e-6);
  }

  /** scikit-learn's compute_class_weight("balanced") for 6, 3 and 1 samples. */
  @Test
  void balanced_weights_are_scikit_learn_s() {
    List<Double> weights = Targets.balanced(new int[] {6, 3, 1}, 1);
    assertEquals(10 / 18.0, weights.get(0), 1e-12);
    assertEquals(10 / 9.0, weights.get(1), 1e-12);
    assertEquals(10 / 3.0, weights.get(2), 1e-12);
  }

  @Test
  void what_cannot_be_is_refused_with_a_sentence() {
    assertEquals(
        "3 classes need as many outputs (or one, for two classes), got 1.",
        assertThrows(IllegalArgumentException.class, () -> Targets.plain(3, 1)).getMessage());
    assertThrows(IllegalArgumentException.class, () -> new Targets(3, 3, 1, List.of()));
    assertThrows(IllegalArgumentException.class, () -> new Targets(3, 3, 0, List.of(1.0, 2.0)));
    assertThrows(
        IllegalArgumentException.class, () -> new Targets(2, 2, 0, List.of(1.0, Double.NaN)));
    assertThrows(IllegalArgumentException.class, () -> Targets.balanced(new int[] {3, 0}, 1));
  }

  /** 6, 3 and 1 samples: the weights go as 1/sqrt(n), and their mean over the samples is 1. */
  @Test
  void half_a_balance_weighs_by_the_square_root() {
    List<Double> weights = Targets.balanced(new int[] {6, 3, 1}, 0.5);
    assertEquals(Math.sqrt(6), weights.get(2) / weights.get(0), 1e-12);
    assertEquals(Math.sqrt(3), weights.get(2) / weights.get(1), 1e-12);
    assertEquals(10, 6 * weights.get(0) + 3 * weights.get(1) + weights.get(2), 1e-12);
  }
}
