package org.alexnetedge.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.alexnetedge.evaluate.ConfusionMatrix.Confusion;
import org.junit.jupiter.api.Test;

/** Figures of a few pictures, worked out by hand. */
class MetricsTest {
  private static final double EXACT = 1e-15;

  /** Two ties at the top, and a class (2) without pictures that is never predicted. */
  private static final LabelledScores TIES =
      LabelledScores.of(
          new float[][] {{0.5f, 0.5f, 0}, {0.5f, 0.5f, 0}, {0.25f, 0.75f, 0}, {0.25f, 0.75f, 0}},
          new int[] {0, 1, 1, 0});

  private static void assertFigures(
      double precision, double recall, double f1, PrecisionRecall given) {
    assertEquals(precision, given.precision(), EXACT);
    assertEquals(recall, given.recall(), EXACT);
    assertEquals(f1, given.f1(), EXACT);
  }

  @Test
  void of_equal_scores_the_lowest_class_is_predicted() {
    Metrics metrics = Metrics.of(TIES);
    ConfusionMatrix confusion = metrics.confusion();
    assertEquals(1, confusion.count(0, 0));
    assertEquals(1, confusion.count(1, 0));
    assertEquals(1, confusion.count(0, 1));
    assertEquals(1, confusion.count(1, 1));
    assertEquals(0.5, metrics.accuracy());
  }

  @Test
  void a_tie_counts_for_the_top_k_by_the_order_of_the_classes() {
    LabelledScores scores =
        LabelledScores.of(
            new double[][] {{0.25, 0.25, 0.25, 0.25}, {0.25, 0.25, 0.25, 0.25}, {0, 0.5, 0.5, 0}},
            new int[] {0, 3, 2});
    Metrics metrics = Metrics.of(scores);
    // Ranks of the true classes: 0, 3, 1; from the highest class on: 3, 0, 0.
    assertEquals(1 / 3.0, metrics.topK(1), EXACT);
    assertEquals(2 / 3.0, metrics.topK(2), EXACT);
    assertEquals(2 / 3.0, metrics.topK(3), EXACT);
    assertEquals(1, metrics.topK(4));
    assertEquals(1, metrics.topK(5));
    assertEquals(2 / 3.0, metrics.topKHighestFirst(1), EXACT);
    assertEquals(2 / 3.0, metrics.topKHighestFirst(3), EXACT);
  }

  @Test
  void a_class_without_pictures_counts_in_the_macro_average_only() {
    Metrics metrics = Metrics.of(TIES);
    ConfusionMatrix confusion = metrics.confusion();
    assertFigures(0, 0, 0, confusion.of(2));
    assertFigures(1 / 3.0, 1 / 3.0, 1 / 3.0, confusion.macro());
    assertFigures(0.5, 0.5, 0.5, confusion.macroOverPresent());
    assertFigures(0.5, 0.5, 0.5, confusion.weighted());
    assertFigures(0.5, 0.5, 0.5, confusion.micro());
    assertEquals(2, confusion.present());
    assertEquals(Double.NaN, metrics.perClass().get(2).averagePrecision());
    assertEquals(Double.NaN, metrics.perClass().get(2).rocAuc());
    assertEquals(0.5, metrics.meanAveragePrecision(), EXACT);
    assertEquals(0.5, metrics.rocAucMacro(), EXACT);
  }

  @Test
  void a_class_that_is_never_predicted_has_precision_zero() {
    // Of class 0: both pictures found, one other taken for it.
    LabelledScores scores =
        LabelledScores.of(new double[][] {{0.9, 0.1}, {0.8, 0.2}, {0.6, 0.4}}, new int[] {0, 0, 1});
    Metrics metrics = Metrics.of(scores);
    ConfusionMatrix confusion = metrics.confusion();
    assertFigures(2 / 3.0, 1, 0.8, confusion.of(0));
    assertFigures(0, 0, 0, confusion.of(1));
    assertFigures(1 / 3.0, 0.5, 0.4, confusion.macro());
    assertFigures(4 / 9.0, 2 / 3.0, 1.6 / 3, confusion.weighted());
    assertEquals(0, confusion.kappa(), EXACT);
    assertEquals(0, confusion.matthews());
    // Its scores are in order all the same.
    assertEquals(1, metrics.perClass().get(1).averagePrecision());
    assertEquals(1, metrics.perClass().get(1).rocAuc());
  }

  @Test
  void probabilities_have_log_loss_brier_score_and_calibration_error() {
    Metrics metrics = Metrics.of(TIES);
    assertEquals(
        -(2 * Math.log(0.5) + Math.log(0.75) + Math.log(0.25)) / 4, metrics.logLoss(), EXACT);
    assertEquals((0.5 + 0.5 + 0.125 + 1.125) / 4, metrics.brier(), EXACT);
    // Half of the answers are right at both confidences, 0.5 and 0.75.
    assertEquals(0.5 * 0 + 0.5 * 0.25, metrics.calibrationError(), EXACT);
    List<Calibration.Bin> bins = Calibration.of(TIES, 4).bins();
    assertEquals(List.of(0, 2, 2, 0), bins.stream().map(Calibration.Bin::count).toList());
    assertEquals(new Calibration.Bin(0.5, 0.75, 2, 0.5, 0.75), bins.get(2));
  }

  @Test
  void a_zero_for_the_true_class_costs_a_finite_loss() {
    Metrics metrics = Metrics.of(LabelledScores.of(new float[][] {{0, 1}}, new int[] {0}));
    assertEquals(52 * Math.log(2), metrics.logLoss(), 1e-13);
    assertEquals(2, metrics.brier());
  }

  @Test
  void the_loss_is_of_scores_that_add_up_to_one() {
    Metrics metrics =
        Metrics.of(
            LabelledScores.of(
                new double[][] {{0.2, 0.2}, {0.9, 0.3}, {0, 0}}, new int[] {0, 1, 0}));
    assertEquals(
        -(Math.log(0.5) + Math.log(0.25) - 52 * Math.log(2)) / 3, metrics.logLoss(), 1e-13);
  }

  @Test
  void logits_have_the_figures_that_need_no_probabilities() {
    Metrics metrics =
        Metrics.of(LabelledScores.of(new double[][] {{-3, 2}, {4, 1}}, new int[] {1, 0}));
    assertFalse(metrics.ofProbabilities());
    assertEquals(1, metrics.accuracy());
    assertEquals(1, metrics.rocAucMacro());
    assertEquals(Double.NaN, metrics.logLoss());
    assertEquals(Double.NaN, metrics.brier());
    assertEquals(Double.NaN, metrics.calibrationError());
  }

  @Test
  void agreement_beyond_chance() {
    // Confusion [[2,1],[1,4]]: accuracy 6/8, by chance (3*3 + 5*5)/64.
    double[][] rows = {{1, 0}, {1, 0}, {0, 1}, {1, 0}, {0, 1}, {0, 1}, {0, 1}, {0, 1}};
    ConfusionMatrix confusion =
        ConfusionMatrix.of(LabelledScores.of(rows, new int[] {0, 0, 0, 1, 1, 1, 1, 1}));
    assertEquals((0.75 - 34 / 64.0) / (1 - 34 / 64.0), confusion.kappa(), EXACT);
    // (2*4 - 1*1) / sqrt(3*3*5*5)
    assertEquals(7 / 15.0, confusion.matthews(), EXACT);
    assertEquals(
        List.of(new Confusion(0, 1, 1), new Confusion(1, 0, 1)), confusion.mostFrequent(10));
    assertEquals(List.of(new Confusion(0, 1, 1)), confusion.mostFrequent(1));
  }

  @Test
  void curves_take_equal_scores_together() {
    OneVersusRest counts = OneVersusRest.of(TIES, 0);
    OneVersusRest.PrecisionRecallCurve curve = counts.precisionRecall();
    assertArrayEquals(new double[] {0.5, 0.5, 1}, curve.precision());
    assertArrayEquals(new double[] {1, 0.5, 0}, curve.recall());
    assertArrayEquals(new double[] {0.25, 0.5}, curve.thresholds());
    OneVersusRest.RocCurve roc = counts.roc();
    assertArrayEquals(new double[] {0, 0.5, 1}, roc.falsePositiveRate());
    assertArrayEquals(new double[] {0, 0.5, 1}, roc.truePositiveRate());
    assertArrayEquals(new double[] {Double.POSITIVE_INFINITY, 0.5, 0.25}, roc.thresholds());
  }

  @Test
  void without_the_points_between_corners_the_areas_stay() {
    // In the order of the scores: no, no, no, yes, no, no, no, yes, no, no.
    double[] scores = {1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1};
    double[][] rows = new double[10][];
    int[] truth = new int[10];
    for (int i = 0; i < 10; i++) {
      rows[i] = new double[] {1 - scores[i], scores[i]};
      truth[i] = i == 3 || i == 7 ? 1 : 0;
    }
    OneVersusRest all = OneVersusRest.of(LabelledScores.of(rows, truth), 1);
    OneVersusRest corners = all.corners();
    assertEquals(10, all.points());
    assertArrayEquals(
        new double[] {0.1, 0.3, 0.4, 0.7, 0.8, 1}, corners.precisionRecall().thresholds());
    assertEquals(0.5 * 1 / 4 + 0.5 * 2 / 8, all.averagePrecision(), EXACT);
    assertEquals(all.averagePrecision(), corners.averagePrecision(), EXACT);
    assertEquals((5 + 2) / 16.0, all.rocAuc(), EXACT);
    assertEquals(all.rocAuc(), corners.rocAuc(), EXACT);
  }

  @Test
  void one_class_alone_has_no_roc() {
    LabelledScores scores = LabelledScores.of(new float[][] {{0.9f, 0.1f}}, new int[] {0});
    Metrics metrics = Metrics.of(scores);
    assertEquals(1, metrics.perClass().get(0).averagePrecision());
    assertEquals(Double.NaN, metrics.rocAucMacro());
    assertEquals(Double.NaN, metrics.confusion().kappa());
    assertThrows(IllegalStateException.class, () -> OneVersusRest.of(scores, 0).roc());
    assertThrows(IllegalStateException.class, () -> OneVersusRest.of(scores, 1).precisionRecall());
  }

  @Test
  void scores_that_cannot_be_measured_are_refused() {
    record Case(String part, double[][] scores, int... truth) {}
    for (Case one :
        List.of(
            new Case("at least one", new double[0][]),
            new Case("fit together", new double[][] {{1, 0}}, 0, 1),
            new Case("fit together", new double[][] {{1, 0}, {1}}, 0, 0),
            new Case("there are 2 classes", new double[][] {{1, 0}}, 2),
            new Case("is NaN", new double[][] {{1, Double.NaN}}, 0))) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> LabelledScores.of(one.scores(), one.truth()))
              .getMessage();
      assertTrue(message.contains(one.part()), message);
    }
  }
}
