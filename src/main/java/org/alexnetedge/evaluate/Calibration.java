package org.alexnetedge.evaluate;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether a classifier is as sure as it is right: pictures are put into bins of equal width by the
 * score of the predicted class (the confidence). Immutable.
 *
 * @param error expected calibration error: the mean over pictures of |accuracy - confidence| of
 *     their bins
 * @param bins from 0 to 1
 */
public record Calibration(double error, List<Bin> bins) {

  /**
   * One bin: confidences above {@code low} up to {@code high}; the first one holds 0 too.
   *
   * @param count pictures
   * @param accuracy part of them that was right, NaN when there are none
   * @param confidence their mean confidence, NaN when there are none
   */
  public record Bin(double low, double high, int count, double accuracy, double confidence) {}

  public Calibration {
    bins = List.copyOf(bins);
  }

  /**
   * Measures the calibration.
   *
   * @param scores probabilities
   * @param number how many bins
   */
  public static Calibration of(LabelledScores scores, int number) {
    int[] counts = new int[number];
    int[] right = new int[number];
    double[] sums = new double[number];
    for (int i = 0; i < scores.pictures(); i++) {
      int predicted = scores.predicted(i);
      double confidence = scores.score(i, predicted);
      int bin = Math.clamp((long) Math.ceil(confidence * number) - 1, 0, number - 1);
      counts[bin]++;
      sums[bin] += confidence;
      right[bin] += predicted == scores.truth(i) ? 1 : 0;
    }
    double error = 0;
    List<Bin> bins = new ArrayList<>();
    for (int bin = 0; bin < number; bin++) {
      int n = counts[bin];
      double accuracy = n == 0 ? Double.NaN : (double) right[bin] / n;
      double confidence = n == 0 ? Double.NaN : sums[bin] / n;
      if (n > 0) {
        error += (double) n / scores.pictures() * Math.abs(accuracy - confidence);
      }
      bins.add(
          new Bin((double) bin / number, (double) (bin + 1) / number, n, accuracy, confidence));
    }
    return new Calibration(error, bins);
  }
}
