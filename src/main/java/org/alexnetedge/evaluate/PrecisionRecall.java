package org.alexnetedge.evaluate;

/**
 * Precision, recall and F1, of a class or averaged. What would be a division by zero is 0, as
 * scikit-learn's {@code zero_division=0} has it.
 *
 * @param precision of what was predicted, the part that was right
 * @param recall of what was there, the part that was found
 * @param f1 their harmonic mean; in an average the mean of the classes' F1
 */
public record PrecisionRecall(double precision, double recall, double f1) {

  static PrecisionRecall of(long hits, long predicted, long support) {
    return new PrecisionRecall(
        ratio(hits, predicted), ratio(hits, support), ratio(2 * hits, predicted + support));
  }

  private static double ratio(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }
}
