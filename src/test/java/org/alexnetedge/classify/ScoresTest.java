package org.alexnetedge.classify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ScoresTest {

  private static MemorySegment batch(float... outputs) {
    return MemorySegment.ofArray(outputs);
  }

  /** e^x by its series in 60 digits: independent of Math.exp. */
  private static BigDecimal exp(double x) {
    MathContext digits = new MathContext(60);
    BigDecimal step = new BigDecimal(x).divide(BigDecimal.valueOf(1 << 10), digits);
    BigDecimal term = BigDecimal.ONE;
    BigDecimal sum = BigDecimal.ONE;
    for (int n = 1; n < 40; n++) {
      term = term.multiply(step, digits).divide(BigDecimal.valueOf(n), digits);
      sum = sum.add(term, digits);
    }
    return sum.pow(1 << 10, digits);
  }

  private static void assertWithinOneUlp(BigDecimal expected, float actual) {
    assertEquals(expected.floatValue(), actual, Math.ulp(expected.floatValue()));
  }

  @Test
  void softmax_is_the_formula_to_the_last_bit_of_a_float() {
    Random random = new Random(1);
    float[] logits = new float[50];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) (random.nextGaussian() * 8);
    }
    BigDecimal sum = BigDecimal.ZERO;
    for (float logit : logits) {
      sum = sum.add(exp(logit));
    }
    float[] scores = Scores.softmax(true, 50).of(batch(logits), 0);
    for (int i = 0; i < logits.length; i++) {
      assertWithinOneUlp(exp(logits[i]).divide(sum, new MathContext(60)), scores[i]);
    }
  }

  @Test
  void softmax_of_huge_logits_neither_overflows_nor_vanishes() {
    float[] scores = Scores.softmax(true, 3).of(batch(3e38f, 3e38f, -3e38f), 0);
    assertArrayEquals(new float[] {0.5f, 0.5f, 0}, scores);
  }

  @Test
  void softmax_of_many_equal_logits_still_sums_to_one() {
    int classes = 100_000;
    float[] scores = Scores.softmax(true, classes).of(batch(new float[classes]), 0);
    assertEquals(1e-5f, scores[0]);
    assertEquals(1e-5f, scores[classes - 1]);
  }

  @Test
  void a_nan_among_logits_shows_in_every_score() {
    for (float score : Scores.softmax(true, 2).of(batch(1, Float.NaN), 0)) {
      assertTrue(Float.isNaN(score));
    }
  }

  @Test
  void sigmoid_outputs_are_independent() {
    float[] logits = {-100, -3, 0, 0.25f, 12};
    float[] scores = Scores.sigmoid(true, 5, 5).of(batch(logits), 0);
    for (int i = 0; i < logits.length; i++) {
      BigDecimal one = BigDecimal.ONE;
      assertWithinOneUlp(
          one.divide(one.add(exp(-(double) logits[i])), new MathContext(60)), scores[i]);
    }
  }

  @Test
  void one_sigmoid_output_with_two_labels_scores_both() {
    Scores logits = Scores.sigmoid(true, 1, 2);
    assertEquals(2, logits.classes());
    assertArrayEquals(new float[] {0.5f, 0.5f}, logits.of(batch(0), 0));
    float[] sure = logits.of(batch(40), 0);
    assertEquals(1, sure[1]);
    assertEquals(exp(-40).floatValue(), sure[0], 1e-24f); // 1 - 1f would be 0
    assertArrayEquals(new float[] {0.75f, 0.25f}, Scores.sigmoid(false, 1, 2).of(batch(0.25f), 0));
  }

  @Test
  void one_sigmoid_output_without_labels_is_one_class() {
    assertArrayEquals(new float[] {0.5f}, Scores.sigmoid(true, 1, 0).of(batch(0), 0));
  }

  @Test
  void probabilities_stay_as_they_are() {
    float[] probabilities = {0.1f, 0.7f, 0.2f};
    assertArrayEquals(probabilities, Scores.softmax(false, 3).of(batch(probabilities), 0));
    assertArrayEquals(probabilities, Scores.sigmoid(false, 3, 3).of(batch(probabilities), 0));
  }

  @Test
  void each_row_of_an_off_heap_batch_has_its_own_scores() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment batch = arena.allocate(4 * Float.BYTES + 1).asSlice(1); // not aligned
      MemorySegment.copy(batch(0, 0, 0, 1000), 0, batch, 0, 4 * Float.BYTES);
      Scores scores = Scores.softmax(true, 2);
      assertArrayEquals(new float[] {0.5f, 0.5f}, scores.of(batch, 0));
      assertArrayEquals(new float[] {0, 1}, scores.of(batch, 1));
    }
  }
}
