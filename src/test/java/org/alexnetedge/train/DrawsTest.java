package org.alexnetedge.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Random numbers as a function of what they are for. */
final class DrawsTest {
  private static final int MANY = 200_000;

  /** The numbers that are published for SplitMix64 with the seed 1234567. */
  @Test
  void numbers_are_those_of_splitmix64() {
    Draws draws = new Draws(1234567);
    for (String expected :
        new String[] {
          "6457827717110365317",
          "3203168211198807973",
          "9817491932198370423",
          "4593380528125082431",
          "16408922859458223821"
        }) {
      assertEquals(expected, Long.toUnsignedString(draws.bits()));
    }
  }

  @Test
  void every_purpose_epoch_index_and_seed_has_numbers_of_its_own() {
    Set<Long> firsts = new HashSet<>();
    int count = 0;
    for (long seed = -2; seed < 3; seed++) {
      for (Draws.Purpose purpose : Draws.Purpose.values()) {
        for (int epoch = 0; epoch < 20; epoch++) {
          for (int index = 0; index < 50; index++) {
            firsts.add(new Draws(seed, purpose, epoch, index).bits());
            count++;
          }
        }
      }
    }
    assertEquals(count, firsts.size());
  }

  /** These decide what a run that is resumed after an update computes. */
  @Test
  void numbers_never_change() {
    Draws draws = new Draws(7, Draws.Purpose.CROP, 3, 11);
    long first = draws.bits();
    draws.bits();
    draws.restart(7, Draws.Purpose.CROP, 3, 11);
    assertEquals(first, draws.bits());
    assertEquals(FIRST, first);
  }

  /** Computed in Python from the definition: mix(mix(mix(mix(7) + 3) + 3) + 11), one step. */
  private static final long FIRST = 4651223739981415876L;

  @Test
  void whole_numbers_are_uniform() {
    Draws draws = new Draws(1);
    int[] counts = new int[7];
    for (int i = 0; i < MANY; i++) {
      counts[draws.below(7)]++;
    }
    for (int count : counts) {
      assertEquals(MANY / 7.0, count, 5 * Math.sqrt(MANY / 7.0));
    }
  }

  @Test
  void normal_numbers_have_mean_0_and_variance_1() {
    Draws draws = new Draws(2);
    double sum = 0;
    double squares = 0;
    int beyondTwo = 0;
    for (int i = 0; i < MANY; i++) {
      double x = draws.normal();
      sum += x;
      squares += x * x;
      beyondTwo += Math.abs(x) > 2 ? 1 : 0;
    }
    assertEquals(0, sum / MANY, 0.01);
    assertEquals(1, squares / MANY, 0.015);
    assertEquals(0.0455, (double) beyondTwo / MANY, 0.002);
  }

  /**
   * The variance of Beta(a, a) is 1 / (4 (2 a + 1)); the shares below 0.1 are those of 20 million
   * of NumPy's.
   */
  @Test
  void beta_numbers_have_the_distribution() {
    beta(0.2, 0.3367);
    beta(1, 0.1);
    beta(2.5, 0.0154);
  }

  private static void beta(double alpha, double belowTenth) {
    Draws draws = new Draws(3);
    double sum = 0;
    double squares = 0;
    int below = 0;
    for (int i = 0; i < MANY; i++) {
      double x = draws.beta(alpha);
      assertTrue(x >= 0 && x <= 1);
      sum += x;
      squares += (x - 0.5) * (x - 0.5);
      below += x < 0.1 ? 1 : 0;
    }
    assertEquals(0.5, sum / MANY, 0.005);
    assertEquals(1 / (4 * (2 * alpha + 1)), squares / MANY, 0.002);
    assertEquals(belowTenth, (double) below / MANY, 0.005);
  }

  @Test
  void a_tiny_alpha_gives_numbers_all_the_same() {
    Draws draws = new Draws(4);
    for (int i = 0; i < 1000; i++) {
      double x = draws.beta(1e-4);
      assertTrue(x >= 0 && x <= 1, () -> "got " + x);
    }
  }
}
