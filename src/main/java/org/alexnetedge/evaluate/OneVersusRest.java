package org.alexnetedge.evaluate;

import java.util.Arrays;

/**
 * One class against all others, as its score's threshold goes down: at each distinct score how many
 * pictures of the class (true positives) and of others (false positives) reach it. Everything here
 * follows scikit-learn's definitions. Immutable, so thread-safe.
 */
public final class OneVersusRest {
  private final int positives;
  private final int negatives;

  /** Distinct scores, largest first, and the counts at each; equal lengths. */
  private final double[] thresholds;

  private final int[] truePositives;
  private final int[] falsePositives;

  /**
   * Precision over recall. The points lie at ascending thresholds; the last one, (1, 0), has none,
   * so that the first two arrays are longer by one. The arrays are the caller's.
   */
  public record PrecisionRecallCurve(double[] precision, double[] recall, double[] thresholds) {}

  /**
   * Receiver operating characteristic. The points lie at descending thresholds; the first one, (0,
   * 0), at an infinite one. The arrays are the caller's.
   */
  public record RocCurve(
      double[] falsePositiveRate, double[] truePositiveRate, double[] thresholds) {}

  private OneVersusRest(
      int positives,
      int negatives,
      double[] thresholds,
      int[] truePositives,
      int[] falsePositives) {
    this.positives = positives;
    this.negatives = negatives;
    this.thresholds = thresholds;
    this.truePositives = truePositives;
    this.falsePositives = falsePositives;
  }

  /** Counts for class {@code k}; takes N log N steps. */
  public static OneVersusRest of(LabelledScores scores, int k) {
    int n = scores.pictures();
    double[] of = new double[n];
    double[] others = new double[n];
    int positives = 0;
    int negatives = 0;
    for (int i = 0; i < n; i++) {
      if (scores.truth(i) == k) {
        of[positives++] = scores.score(i, k);
      } else {
        others[negatives++] = scores.score(i, k);
      }
    }
    Arrays.sort(of, 0, positives);
    Arrays.sort(others, 0, negatives);
    double[] thresholds = new double[n];
    int[] truePositives = new int[n];
    int[] falsePositives = new int[n];
    int points = 0;
    int mine = positives;
    int rest = negatives;
    while (mine > 0 || rest > 0) {
      double threshold =
          rest == 0
              ? of[mine - 1]
              : mine == 0 ? others[rest - 1] : Math.max(of[mine - 1], others[rest - 1]);
      while (mine > 0 && of[mine - 1] == threshold) {
        mine--;
      }
      while (rest > 0 && others[rest - 1] == threshold) {
        rest--;
      }
      thresholds[points] = threshold;
      truePositives[points] = positives - mine;
      falsePositives[points] = negatives - rest;
      points++;
    }
    return new OneVersusRest(
        positives,
        negatives,
        Arrays.copyOf(thresholds, points),
        Arrays.copyOf(truePositives, points),
        Arrays.copyOf(falsePositives, points));
  }

  /** Number of thresholds. */
  public int points() {
    return thresholds.length;
  }

  /**
   * Without the points between which only false positives were added: at most two for each picture
   * of the class, and the same areas.
   */
  public OneVersusRest corners() {
    int[] kept = new int[points()];
    int n = 0;
    for (int i = 0; i < points(); i++) {
      boolean end = i == 0 || i == points() - 1;
      if (end
          || truePositives[i] != truePositives[i - 1]
          || truePositives[i] != truePositives[i + 1]) {
        kept[n++] = i;
      }
    }
    double[] scores = new double[n];
    int[] mine = new int[n];
    int[] rest = new int[n];
    for (int i = 0; i < n; i++) {
      scores[i] = thresholds[kept[i]];
      mine[i] = truePositives[kept[i]];
      rest[i] = falsePositives[kept[i]];
    }
    return new OneVersusRest(positives, negatives, scores, mine, rest);
  }

  /**
   * The area below precision over recall, as the sum of steps and without interpolation; NaN when
   * the class has no pictures.
   */
  public double averagePrecision() {
    if (positives == 0) {
      return Double.NaN;
    }
    double area = 0;
    int before = 0;
    for (int i = 0; i < points(); i++) {
      area += (double) (truePositives[i] - before) / positives * precision(i);
      before = truePositives[i];
    }
    return area;
  }

  /**
   * The area below the ROC curve: the chance that a picture of the class scores more than another,
   * where equal scores count half; NaN when the class, or the rest, has no pictures.
   */
  public double rocAuc() {
    if (positives == 0 || negatives == 0) {
      return Double.NaN;
    }
    long twice = 0;
    int mine = 0;
    int rest = 0;
    for (int i = 0; i < points(); i++) {
      twice += (long) (falsePositives[i] - rest) * (truePositives[i] + mine);
      mine = truePositives[i];
      rest = falsePositives[i];
    }
    return twice / 2.0 / positives / negatives;
  }

  private double precision(int point) {
    return (double) truePositives[point] / (truePositives[point] + falsePositives[point]);
  }

  /**
   * The curve.
   *
   * @throws IllegalStateException when the class has no pictures
   */
  public PrecisionRecallCurve precisionRecall() {
    if (positives == 0) {
      throw new IllegalStateException("A class without pictures has no curve.");
    }
    int n = points();
    double[] precision = new double[n + 1];
    double[] recall = new double[n + 1];
    double[] ascending = new double[n];
    for (int i = 0; i < n; i++) {
      precision[n - 1 - i] = precision(i);
      recall[n - 1 - i] = (double) truePositives[i] / positives;
      ascending[n - 1 - i] = thresholds[i];
    }
    precision[n] = 1;
    return new PrecisionRecallCurve(precision, recall, ascending);
  }

  /**
   * The curve.
   *
   * @throws IllegalStateException when the class, or the rest, has no pictures
   */
  public RocCurve roc() {
    if (positives == 0 || negatives == 0) {
      throw new IllegalStateException("A class without pictures, or with all, has no ROC curve.");
    }
    int n = points();
    double[] falseRate = new double[n + 1];
    double[] trueRate = new double[n + 1];
    double[] descending = new double[n + 1];
    descending[0] = Double.POSITIVE_INFINITY;
    for (int i = 0; i < n; i++) {
      falseRate[i + 1] = (double) falsePositives[i] / negatives;
      trueRate[i + 1] = (double) truePositives[i] / positives;
      descending[i + 1] = thresholds[i];
    }
    return new RocCurve(falseRate, trueRate, descending);
  }
}
