package org.alexnetedge.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rates, order and patience by hand, where nothing random or native is involved. */
class ScheduleTest {
  private static List<EpochFigures> losses(double... validation) {
    List<EpochFigures> epochs = new ArrayList<>();
    for (double loss : validation) {
      int epoch = epochs.size() + 1;
      epochs.add(new EpochFigures(epoch, epoch, 1, 0.5, loss, 0.5, 0.1, 1, 1));
    }
    return epochs;
  }

  private static double at(String schedule, long step) {
    return Schedule.parse(schedule).factorAt(step, 10, 4, List.of());
  }

  @Test
  void a_cosine_goes_from_one_over_a_half_to_its_floor() {
    assertEquals(1, at("cosine", 0), 1e-15);
    assertEquals(0.5, at("cosine", 20), 1e-15);
    assertEquals(0.5 * (1 + Math.sqrt(0.5)), at("cosine", 10), 1e-15);
    assertEquals(0.1, at("cosine:0.1", 40), 1e-15);
  }

  @Test
  void a_line_falls_evenly_and_steps_fall_at_whole_epochs() {
    assertEquals(0.75, at("linear", 10), 1e-15);
    assertEquals(1, at("step:2:0.5", 19), 1e-15);
    assertEquals(0.5, at("step:2:0.5", 20), 1e-15);
    assertEquals(1, at("constant", 39), 1e-15);
  }

  @Test
  void a_warm_up_multiplies_the_first_steps() {
    // 5 % of 40 steps are 2.
    Schedule warm = Schedule.parse("cosine").withWarmUp("5%");
    assertEquals(0.5, warm.factorAt(0, 10, 4, List.of()), 1e-15);
    assertEquals(0.5 * (1 + Math.cos(Math.PI / 40)), warm.factorAt(1, 10, 4, List.of()), 1e-15);
    Schedule epochs = Schedule.parse("constant").withWarmUp("1");
    assertEquals(0.3, epochs.factorAt(2, 10, 4, List.of()), 1e-15);
  }

  @Test
  void a_plateau_lowers_the_rate_after_so_many_epochs_without_a_better_loss() {
    Schedule plateau = Schedule.parse("plateau:2:0.1");
    assertEquals(1, plateau.factorAt(0, 10, 9, losses(3, 2, 2.5)), 1e-15);
    assertEquals(0.1, plateau.factorAt(0, 10, 9, losses(3, 2, 2.5, 2)), 1e-15);
    assertEquals(0.1, plateau.factorAt(0, 10, 9, losses(3, 2, 2.5, 2, 2.1)), 1e-15);
    assertEquals(0.01, plateau.factorAt(0, 10, 9, losses(3, 2, 2.5, 2, 2.1, 2.1)), 1e-15);
  }

  @Test
  void early_stopping_waits_for_its_patience_and_knows_the_best_epoch() {
    EarlyStopping rule = EarlyStopping.parse("val-loss:2:0.5");
    assertEquals(0, rule.best(List.of()));
    assertTrue(!rule.stops(losses(3, 2, 1.8)));
    assertTrue(rule.stops(losses(3, 2, 1.8, 1.6)), "neither is better by more than 0.5");
    assertEquals(2, rule.best(losses(3, 2, 1.8, 1.6)));
    assertEquals(3, rule.best(losses(3, 2, 1.4)));
  }

  @ParameterizedTest
  @CsvSource({"loss, 1", "accuracy, 2", "val-loss, 3", "val_loss, 3", "val-accuracy, 4"})
  void early_stopping_watches_the_figure_that_keras_calls_so(String figure, int best) {
    List<EpochFigures> epochs =
        List.of(
            epoch(1, 0.1, 0.5, 0.9, 0.5),
            epoch(2, 0.9, 0.8, 0.9, 0.5),
            epoch(3, 0.9, 0.5, 0.1, 0.5),
            epoch(4, 0.9, 0.5, 0.9, 0.8));
    assertEquals(best, EarlyStopping.parse(figure + ":2").best(epochs));
  }

  private static EpochFigures epoch(
      int number, double loss, double accuracy, double held, double heldAccuracy) {
    return new EpochFigures(number, number, loss, accuracy, held, heldAccuracy, 1e-3, 1, 1);
  }

  @Test
  void what_cannot_be_read_is_said_with_the_forms_there_are() {
    for (String wrong : List.of("cosinus", "step", "step:0", "step:2:7", "constant:1", "")) {
      assertThrows(IllegalArgumentException.class, () -> Schedule.parse(wrong), wrong);
    }
    for (String wrong : List.of("loss", "loss:0", "speed:3", "loss:x", "train-loss:2")) {
      assertThrows(IllegalArgumentException.class, () -> EarlyStopping.parse(wrong), wrong);
    }
  }

  @Test
  void an_order_is_a_permutation_that_changes_with_the_epoch_and_the_seed_alone() {
    int[] order = Seeds.order(7, 3, 1000);
    assertEquals(
        IntStream.range(0, 1000).boxed().toList(), Arrays.stream(order).sorted().boxed().toList());
    assertTrue(Arrays.equals(order, Seeds.order(7, 3, 1000)));
    assertTrue(!Arrays.equals(order, Seeds.order(7, 4, 1000)));
    assertTrue(!Arrays.equals(order, Seeds.order(8, 3, 1000)));
  }

  @Test
  void figures_come_back_from_a_line_as_they_were() {
    EpochFigures figures = new EpochFigures(2, 30, 0.1, 2.0 / 3, 1.0 / 7, 0.5, 1e-3, 1.5, 99.9);
    assertEquals(figures, EpochFigures.parse(figures.toJson()));
  }
}
