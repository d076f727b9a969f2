package org.alexnetedge.evaluate;

/**
 * What a classifier said of N pictures whose classes are known: scores [N,C] and N true classes. At
 * least one picture and one class; all scores are finite. Immutable as long as the arrays are,
 * which are kept and not copied; so thread-safe.
 */
public final class LabelledScores {
  /** A sum that is rounded may be a little more than 1. */
  private static final double ROUNDING = 1e-6;

  /** Scores are kept in the precision in which they came: ties are ties there. */
  @FunctionalInterface
  private interface Matrix {
    double at(int row, int column);
  }

  private final Matrix scores;
  private final int classes;
  private final int[] truth;
  private final int[] predicted;
  private final boolean probabilities;

  private LabelledScores(Matrix scores, int classes, int[] truth) {
    if (truth.length == 0 || classes == 0) {
      throw new IllegalArgumentException("There must be at least one picture and one class.");
    }
    this.scores = scores;
    this.classes = classes;
    this.truth = truth;
    this.predicted = new int[truth.length];
    boolean within = true;
    for (int row = 0; row < truth.length; row++) {
      if (truth[row] < 0 || truth[row] >= classes) {
        throw new IllegalArgumentException(
            "The true class of row %d is %d; there are %d classes."
                .formatted(row, truth[row], classes));
      }
      for (int k = 0; k < classes; k++) {
        double score = scores.at(row, k);
        if (!Double.isFinite(score)) {
          throw new IllegalArgumentException(
              "The score of row %d for class %d is %s.".formatted(row, k, score));
        }
        within &= score >= 0 && score <= 1 + ROUNDING;
        if (score > scores.at(row, predicted[row])) {
          predicted[row] = k;
        }
      }
    }
    this.probabilities = within;
  }

  /**
   * Scores of a model.
   *
   * @param scores [N][C]
   * @param truth [N], each from 0 to C-1
   * @throws IllegalArgumentException when the shapes do not fit, or a number is not finite
   */
  public static LabelledScores of(float[][] scores, int[] truth) {
    int classes = scores.length == 0 ? 0 : scores[0].length;
    check(scores.length, truth.length);
    for (float[] row : scores) {
      check(row.length, classes);
    }
    return new LabelledScores((row, column) -> scores[row][column], classes, truth);
  }

  /** As {@link #of(float[][], int[])}, in double precision. */
  public static LabelledScores of(double[][] scores, int[] truth) {
    int classes = scores.length == 0 ? 0 : scores[0].length;
    check(scores.length, truth.length);
    for (double[] row : scores) {
      check(row.length, classes);
    }
    return new LabelledScores((row, column) -> scores[row][column], classes, truth);
  }

  private static void check(int given, int expected) {
    if (given != expected) {
      throw new IllegalArgumentException(
          "Rows or columns do not fit together: %d and %d.".formatted(given, expected));
    }
  }

  /** N. */
  public int pictures() {
    return truth.length;
  }

  /** C. */
  public int classes() {
    return classes;
  }

  /** The score of a picture for a class. */
  public double score(int picture, int k) {
    return scores.at(picture, k);
  }

  /** The true class of a picture. */
  public int truth(int picture) {
    return truth[picture];
  }

  /** The class with the largest score; of equal ones the lowest. */
  public int predicted(int picture) {
    return predicted[picture];
  }

  /** Whether all scores are from 0 to 1. */
  public boolean areProbabilities() {
    return probabilities;
  }

  /**
   * A picture's probability for a class: the score divided by the sum of the picture's scores,
   * since those of independent outputs, or rounded ones, do not add up to 1. Only for {@link
   * #areProbabilities}; 0 when all scores are 0.
   */
  double share(int picture, int k) {
    double sum = 0;
    for (int other = 0; other < classes; other++) {
      sum += scores.at(picture, other);
    }
    return sum == 0 ? 0 : scores.at(picture, k) / sum;
  }
}
