package org.alexnetedge.classify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class TopKTest {

  private static final float NONE = Float.NEGATIVE_INFINITY;

  private static List<Integer> indices(int k, float threshold, float... scores) {
    return new TopK(k, threshold, null).rank(scores).stream().map(Prediction::index).toList();
  }

  @Test
  void the_best_come_first() {
    assertEquals(List.of(2, 0), indices(2, NONE, 0.3f, 0.1f, 0.6f));
  }

  @Test
  void equal_scores_come_lowest_index_first() {
    assertEquals(List.of(1, 2, 4, 0), indices(4, NONE, 0.2f, 0.5f, 0.5f, 0.1f, 0.5f));
    assertEquals(List.of(0, 1), indices(2, NONE, 0.25f, 0.25f, 0.25f, 0.25f));
    assertEquals(List.of(0, 1), indices(2, NONE, -0.0f, 0.0f));
  }

  @Test
  void more_places_than_classes_give_all_classes() {
    assertEquals(List.of(1, 0), indices(5, NONE, 0.4f, 0.6f));
  }

  @Test
  void a_score_equal_to_the_threshold_is_kept() {
    assertEquals(List.of(0, 2), indices(5, 0.5f, 0.6f, 0.49f, 0.5f));
    assertEquals(List.of(), indices(5, 0.9f, 0.6f, 0.4f));
  }

  @Test
  void nan_ranks_after_every_number_and_reaches_no_threshold() {
    assertEquals(List.of(3, 1, 0, 2), indices(4, NONE, Float.NaN, NONE, Float.NaN, 1));
    assertEquals(List.of(1), indices(4, 0, Float.NaN, 0.5f));
    assertThrows(IllegalArgumentException.class, () -> new TopK(1, Float.NaN, null));
  }

  @Test
  void labels_go_by_index_and_a_short_list_leaves_the_rest_unknown() {
    List<Prediction> ranking = new TopK(2, NONE, List.of("cat")).rank(new float[] {0.2f, 0.8f});
    assertEquals(List.of(new Prediction(1, null, 0.8f), new Prediction(0, "cat", 0.2f)), ranking);
  }

  @Test
  void a_ranking_is_that_of_a_stable_sort_whatever_the_scores() {
    Random random = new Random(7);
    TopK five = new TopK(5, NONE, null);
    TopK all = new TopK(1000, NONE, null);
    for (int round = 0; round < 300; round++) {
      float[] scores = new float[1 + random.nextInt(40)];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = random.nextInt(12) / 4f; // many are equal
      }
      List<Integer> sorted =
          IntStream.range(0, scores.length)
              .boxed()
              .sorted(Comparator.comparing((Integer i) -> -scores[i]))
              .toList();
      List<Integer> best = five.rank(scores).stream().map(Prediction::index).toList();
      assertEquals(sorted.subList(0, Math.min(5, sorted.size())), best);
      assertEquals(sorted, all.rank(scores).stream().map(Prediction::index).toList());
    }
  }
}
