package org.alexnetedge.train;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;

/**
 * A linear head learnt in plain Java, beside which other ways of learning one can be held: mean
 * cross-entropy, PyTorch's Adam without weight decay.
 */
final class SoftmaxRegression {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final int features;
  private final int classes;

  /** Weights [C,F], then biases [C]. */
  private final double[] parameters;

  private final double[] gradient;
  private final double[] first;
  private final double[] second;
  private int steps;

  /**
   * @param start weights [C,F], then biases [C]
   */
  SoftmaxRegression(int features, int classes, float[] start) {
    this.features = features;
    this.classes = classes;
    parameters = new double[start.length];
    Arrays.setAll(parameters, i -> start[i]);
    gradient = new double[start.length];
    first = new double[start.length];
    second = new double[start.length];
  }

  /** Learns from all samples, in another order each epoch; the last batch may be short. */
  void learn(Samples samples, int epochs, int batch, double rate, long seed) throws Exception {
    Random random = new Random(seed);
    int n = samples.size();
    int[] order = new int[n];
    Arrays.setAll(order, i -> i);
    for (int epoch = 0; epoch < epochs; epoch++) {
      for (int i = n - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        int swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
      }
      for (int from = 0; from < n; from += batch) {
        int[] indices = Arrays.copyOfRange(order, from, Math.min(n, from + batch));
        float[] inputs = new float[indices.length * features];
        float[] targets = new float[indices.length * classes];
        fill(samples, epoch, indices, inputs, targets);
        step(inputs, targets, indices.length, rate);
      }
    }
  }

  private static void fill(
      Samples samples, int epoch, int[] indices, float[] inputs, float[] targets) throws Exception {
    samples.fill(
        epoch,
        indices,
        MemorySegment.ofArray(inputs),
        MemorySegment.ofArray(targets),
        MemorySegment.ofArray(new float[indices.length]));
  }

  private void step(float[] inputs, float[] targets, int rows, double rate) {
    Arrays.fill(gradient, 0);
    for (int row = 0; row < rows; row++) {
      double[] scores = scores(inputs, row);
      double most = Arrays.stream(scores).max().orElseThrow();
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        scores[c] = Math.exp(scores[c] - most);
        sum += scores[c];
      }
      for (int c = 0; c < classes; c++) {
        double slope = (scores[c] / sum - targets[row * classes + c]) / rows;
        gradient[classes * features + c] += slope;
        for (int f = 0; f < features; f++) {
          gradient[c * features + f] += slope * inputs[row * features + f];
        }
      }
    }
    steps++;
    double c1 = 1 - Math.pow(BETA1, steps);
    double c2 = Math.sqrt(1 - Math.pow(BETA2, steps));
    for (int i = 0; i < parameters.length; i++) {
      first[i] = BETA1 * first[i] + (1 - BETA1) * gradient[i];
      second[i] = BETA2 * second[i] + (1 - BETA2) * gradient[i] * gradient[i];
      parameters[i] -= rate / c1 * first[i] / (Math.sqrt(second[i]) / c2 + EPSILON);
    }
  }

  private double[] scores(float[] inputs, int row) {
    double[] scores = new double[classes];
    for (int c = 0; c < classes; c++) {
      double score = parameters[classes * features + c];
      for (int f = 0; f < features; f++) {
        score += parameters[c * features + f] * inputs[row * features + f];
      }
      scores[c] = score;
    }
    return scores;
  }

  /** Share of samples whose largest score is that of their class. */
  double accuracy(Samples samples) throws Exception {
    int n = samples.size();
    int[] indices = new int[n];
    Arrays.setAll(indices, i -> i);
    float[] inputs = new float[n * features];
    float[] targets = new float[n * classes];
    fill(samples, 0, indices, inputs, targets);
    int right = 0;
    for (int row = 0; row < n; row++) {
      double[] scores = scores(inputs, row);
      int best = 0;
      for (int c = 1; c < classes; c++) {
        best = scores[c] > scores[best] ? c : best;
      }
      right += targets[row * classes + best] == 1 ? 1 : 0;
    }
    return (double) right / n;
  }
}
