package org.alexnetedge.train;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.ort.ElementType;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.Tensor;

/** Memory for the rows of one pass through the network, which is filled again and again. */
final class Batch {
  private static final int ALIGNMENT = 64;

  private final long[] inputShape;
  private final int classes;
  private final MemorySegment inputs;
  private final MemorySegment targets;
  private final MemorySegment weights;
  private int[] indices = {};

  /**
   * @param arena owner of the memory
   * @param rows at most
   */
  Batch(Arena arena, Samples samples, int rows) {
    inputShape = samples.inputShape();
    classes = samples.classes();
    long row = 1;
    for (long length : inputShape) {
      row *= length;
    }
    inputs = arena.allocate(Float.BYTES * row * rows, ALIGNMENT);
    targets = arena.allocate((long) Float.BYTES * classes * rows, ALIGNMENT);
    weights = arena.allocate((long) Float.BYTES * rows, ALIGNMENT);
  }

  /** Fills it with samples. */
  void fill(Samples samples, int epoch, int[] chosen) throws DataException {
    indices = chosen;
    samples.fill(epoch, chosen, inputs, targets, weights);
  }

  int rows() {
    return indices.length;
  }

  /** Multiplies the weights, so that batches which are added up count by their rows. */
  void scaleWeights(float factor) {
    for (int i = 0; i < rows(); i++) {
      weights.setAtIndex(
          ValueLayout.JAVA_FLOAT, i, factor * weights.getAtIndex(ValueLayout.JAVA_FLOAT, i));
    }
  }

  /** The class of a row: the largest target, or 1 for a yes. */
  int label(int row) {
    return best(targets, row, classes, 0.5f);
  }

  /**
   * Index of a row's largest number, the lowest of equal ones; of one number 1 when it is above.
   */
  static int best(MemorySegment numbers, int row, int classes, float threshold) {
    if (classes == 1) {
      return numbers.getAtIndex(ValueLayout.JAVA_FLOAT, row) > threshold ? 1 : 0;
    }
    long start = (long) row * classes;
    int best = 0;
    for (int c = 1; c < classes; c++) {
      if (numbers.getAtIndex(ValueLayout.JAVA_FLOAT, start + c)
          > numbers.getAtIndex(ValueLayout.JAVA_FLOAT, start + best)) {
        best = c;
      }
    }
    return best;
  }

  /** How many rows have their largest logit where their target is. */
  int right(MemorySegment logits) {
    int right = 0;
    for (int i = 0; i < rows(); i++) {
      right += best(logits, i, classes, 0) == label(i) ? 1 : 0;
    }
    return right;
  }

  /** Sum of the rows' cross-entropies in nats, without the rows' weights. */
  double crossEntropy(MemorySegment logits) {
    double sum = 0;
    for (int i = 0; i < rows(); i++) {
      sum += classes == 1 ? binary(logits, i) : softmax(logits, i);
    }
    return sum;
  }

  private double binary(MemorySegment logits, int row) {
    double z = logits.getAtIndex(ValueLayout.JAVA_FLOAT, row);
    double y = targets.getAtIndex(ValueLayout.JAVA_FLOAT, row);
    return Math.max(z, 0) - z * y + Math.log1p(Math.exp(-Math.abs(z)));
  }

  private double softmax(MemorySegment logits, int row) {
    long start = (long) row * classes;
    double most = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      most = Math.max(most, logits.getAtIndex(ValueLayout.JAVA_FLOAT, start + c));
    }
    double powers = 0;
    for (int c = 0; c < classes; c++) {
      powers += Math.exp(logits.getAtIndex(ValueLayout.JAVA_FLOAT, start + c) - most);
    }
    double whole = most + Math.log(powers);
    double loss = 0;
    for (int c = 0; c < classes; c++) {
      double target = targets.getAtIndex(ValueLayout.JAVA_FLOAT, start + c);
      if (target != 0) {
        loss += target * (whole - logits.getAtIndex(ValueLayout.JAVA_FLOAT, start + c));
      }
    }
    return loss;
  }

  /** The inputs as a tensor over this memory. */
  Tensor inputs(OrtEnvironment environment) {
    long[] shape = new long[inputShape.length + 1];
    shape[0] = rows();
    System.arraycopy(inputShape, 0, shape, 1, inputShape.length);
    return Tensor.wrap(environment, inputs, ElementType.FLOAT, shape);
  }

  /** What the training and the eval model take before a teacher: inputs, targets, weights. */
  List<Tensor> tensors(OrtEnvironment environment) {
    List<Tensor> tensors = new ArrayList<>();
    tensors.add(inputs(environment));
    tensors.add(Tensor.wrap(environment, targets, ElementType.FLOAT, rows(), classes));
    tensors.add(Tensor.wrap(environment, weights, ElementType.FLOAT, rows()));
    return tensors;
  }
}
