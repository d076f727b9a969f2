package org.alexnetedge.classify;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Turns the outputs of a model for one input into scores, one a class.
 *
 * <p>Exponentials and their sum are taken in double and rounded to float once, so the result does
 * not depend on the order of the classes beyond the last bit, and thousands of small terms are not
 * lost. As in other libraries, a NaN among the outputs, or an infinite largest one, makes all
 * softmax scores NaN.
 *
 * <p>The work arrays are reused: not thread-safe, one for each thread.
 */
public final class Scores {

  private enum Rule {
    AS_THEY_ARE,
    SOFTMAX,
    SIGMOID
  }

  private final Rule rule;
  private final boolean pair;
  private final int outputs;
  private final float[] scores;
  private final double[] terms;

  private Scores(Rule rule, boolean pair, int outputs) {
    if (outputs < 1) {
      throw new IllegalArgumentException("a model needs at least one output, not " + outputs);
    }
    this.rule = rule;
    this.pair = pair;
    this.outputs = outputs;
    this.scores = new float[pair ? 2 : outputs];
    this.terms = new double[rule == Rule.SOFTMAX ? outputs : 0];
  }

  /**
   * Scores of a model that picks one class.
   *
   * @param logits whether its outputs are logits; false for probabilities, which stay as they are
   * @param outputs number of outputs an input
   */
  public static Scores softmax(boolean logits, int outputs) {
    return new Scores(logits ? Rule.SOFTMAX : Rule.AS_THEY_ARE, false, outputs);
  }

  /**
   * Scores of a model whose outputs are independent of each other. One output s with two labels is
   * a question with a yes and a no: both classes get a score, (1-s, s).
   *
   * @param logits whether its outputs are logits; false for probabilities
   * @param outputs number of outputs an input
   * @param labels number of labels, 0 when there are none
   */
  public static Scores sigmoid(boolean logits, int outputs, int labels) {
    boolean pair = outputs == 1 && labels == 2;
    return new Scores(logits ? Rule.SIGMOID : Rule.AS_THEY_ARE, pair, outputs);
  }

  /** Number of classes: the length of what {@link #of} returns. */
  public int classes() {
    return scores.length;
  }

  /**
   * The scores of one input of a batch.
   *
   * @param batch the model's outputs, float32 [N, outputs] in native byte order
   * @param row which input, from 0
   * @return an array of {@link #classes()} that the next call overwrites
   */
  public float[] of(MemorySegment batch, int row) {
    long first = (long) row * outputs;
    if (pair) {
      fillPair(batch.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, first));
      return scores;
    }
    MemorySegment.copy(
        batch, ValueLayout.JAVA_FLOAT_UNALIGNED, first * Float.BYTES, scores, 0, outputs);
    switch (rule) {
      case AS_THEY_ARE -> {}
      case SOFTMAX -> fillSoftmax();
      case SIGMOID -> {
        for (int i = 0; i < outputs; i++) {
          scores[i] = (float) sigmoid(scores[i]);
        }
      }
    }
    return scores;
  }

  private void fillPair(float output) {
    // sigmoid(-x) is 1 - sigmoid(x) without the cancellation.
    boolean logit = rule == Rule.SIGMOID;
    scores[0] = (float) (logit ? sigmoid(-output) : 1.0 - output);
    scores[1] = logit ? (float) sigmoid(output) : output;
  }

  private void fillSoftmax() {
    float largest = Float.NEGATIVE_INFINITY;
    for (float logit : scores) {
      largest = Math.max(largest, logit);
    }
    double sum = 0;
    for (int i = 0; i < outputs; i++) {
      // The largest exponent is 0, so nothing overflows and the sum is at least 1.
      terms[i] = Math.exp((double) scores[i] - largest);
      sum += terms[i];
    }
    for (int i = 0; i < outputs; i++) {
      scores[i] = (float) (terms[i] / sum);
    }
  }

  private static double sigmoid(double logit) {
    // exp(-logit) overflows to infinity for very negative logits, which gives the right 0.
    return 1 / (1 + Math.exp(-logit));
  }
}
