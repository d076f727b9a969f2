package org.alexnetedge.train;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * What a model is to say: labels to rows of targets and weights, float32.
 *
 * <p>With {@code outputs} numbers a row is a distribution over the classes: with label smoothing s
 * the class gets {@code 1 - s + s / outputs} and each other {@code s / outputs}, as PyTorch's. With
 * one output (a yes or no, of two classes) it is the probability of the second, {@code y (1 - s) +
 * s / 2} as Keras'. Of two classes that are mixed, a share each. The weight of a row multiplies its
 * loss; it is that of its class.
 *
 * @param classes number of labels
 * @param outputs numbers in a row: {@code classes}, or 1 for two classes
 * @param smoothing 0 for none
 * @param classWeights one a class; empty for all 1
 */
public record Targets(int classes, int outputs, double smoothing, List<Double> classWeights) {
  public Targets {
    classWeights = List.copyOf(classWeights);
    if (classes < 2) {
      throw new IllegalArgumentException("There must be two classes or more, got " + classes + ".");
    }
    if (outputs != classes && !(outputs == 1 && classes == 2)) {
      throw new IllegalArgumentException(
          "%,d classes need as many outputs (or one, for two classes), got %,d."
              .formatted(classes, outputs));
    }
    if (!(smoothing >= 0 && smoothing < 1)) {
      throw new IllegalArgumentException(
          "The label smoothing must be 0 (none) or more and less than 1, got " + smoothing + ".");
    }
    if (!classWeights.isEmpty() && classWeights.size() != classes) {
      throw new IllegalArgumentException(
          "There must be one weight for each of the %,d classes, got %,d."
              .formatted(classes, classWeights.size()));
    }
    for (double weight : classWeights) {
      if (!(weight >= 0 && Double.isFinite(weight))) {
        throw new IllegalArgumentException("A class weight must be 0 or more, got " + weight + ".");
      }
    }
  }

  /** Without smoothing and weights. */
  public static Targets plain(int classes, int outputs) {
    return new Targets(classes, outputs, 0, List.of());
  }

  /**
   * Weights by which rare classes count for more, of mean 1 over the pictures. With the power 1
   * each class counts the same however many pictures it has: {@code n / (classes * n_class)},
   * scikit-learn's {@code balanced}.
   *
   * @param counts pictures of each class, none 0
   * @param power 0 to 1, of the number of pictures
   */
  public static List<Double> balanced(int[] counts, double power) {
    double all = 0;
    double weighted = 0;
    for (int count : counts) {
      if (count < 1) {
        throw new IllegalArgumentException("A class without pictures has no balanced weight.");
      }
      all += count;
      weighted += StrictMath.pow(count, 1 - power);
    }
    List<Double> weights = new ArrayList<>();
    for (int count : counts) {
      weights.add(all / weighted * StrictMath.pow(count, -power));
    }
    return weights;
  }

  /**
   * Writes a row.
   *
   * @param targets float32, [N, outputs]
   * @param weights float32, [N]
   */
  public void write(int label, MemorySegment targets, MemorySegment weights, long row) {
    write(label, 1, label, targets, weights, row);
  }

  /**
   * Writes the row of two samples that are mixed. Its loss is the two samples' own losses (each
   * with the weight of its class), by their shares.
   *
   * @param share of the first, 0 to 1
   * @return the first one's part of the row, which is its share but for the weights of the classes
   */
  public double write(
      int first, double share, int second, MemorySegment targets, MemorySegment weights, long row) {
    double a = share * weight(first);
    double b = (1 - share) * weight(second);
    double weight = a + b;
    double part = weight > 0 ? a / weight : share;
    weights.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, row, (float) weight);
    for (int c = 0; c < outputs; c++) {
      int output = outputs == 1 ? 1 : c;
      double target = (output == first ? part : 0) + (output == second ? 1 - part : 0);
      double smoothed = target * (1 - smoothing) + smoothing / classes;
      targets.setAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, row * outputs + c, (float) smoothed);
    }
    return part;
  }

  private double weight(int label) {
    return classWeights.isEmpty() ? 1 : classWeights.get(label);
  }
}
