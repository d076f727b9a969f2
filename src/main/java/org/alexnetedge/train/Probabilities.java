package org.alexnetedge.train;

/** What logits say, in double and with the same bits on every machine. */
final class Probabilities {
  private Probabilities() {}

  /** Of one class out of all: exp(z / temperature), divided by the sum over the classes. */
  static double[] softmax(float[] logits, double temperature) {
    double most = Double.NEGATIVE_INFINITY;
    for (float logit : logits) {
      most = Math.max(most, logit);
    }
    double[] probabilities = new double[logits.length];
    double sum = 0;
    for (int c = 0; c < logits.length; c++) {
      probabilities[c] = StrictMath.exp((logits[c] - most) / temperature);
      sum += probabilities[c];
    }
    for (int c = 0; c < logits.length; c++) {
      probabilities[c] /= sum;
    }
    return probabilities;
  }

  /** Of each class for itself. */
  static double[] sigmoid(float[] logits, double temperature) {
    double[] probabilities = new double[logits.length];
    for (int c = 0; c < logits.length; c++) {
      probabilities[c] = 1 / (1 + StrictMath.exp(-logits[c] / temperature));
    }
    return probabilities;
  }
}
