package org.alexnetedge.alexnet;

import java.util.List;

/**
 * A tensor that belongs to a layer.
 *
 * @param name for instance {@code features.0.weight}
 * @param shape its dimensions
 * @param start what it holds before training
 * @param trainable whether an optimizer changes it; false for running statistics
 */
public record Parameter(String name, List<Long> shape, Start start, boolean trainable) {
  private static final double LAST_DEVIATION = 0.01;

  /** What a parameter holds before training. */
  public sealed interface Start {}

  /** Random numbers, uniform in (-bound, bound). */
  public record Uniform(double bound) implements Start {}

  /** The same number everywhere. */
  public record Constant(float value) implements Start {}

  public Parameter {
    shape = List.copyOf(shape);
  }

  /**
   * Weights before a rectified linear unit, which begin as He et al. (2015, equation 10) have it:
   * their variance, 2 / fan in, keeps that of the activations.
   *
   * @param fanIn number of values that go into one output of its layer
   */
  static Parameter weight(String name, List<Long> shape, long fanIn) {
    return new Parameter(name, shape, new Uniform(Math.sqrt(6.0 / fanIn)), true);
  }

  /** Weights whose outputs are the logits: small, so that no class is preferred at first. */
  static Parameter lastWeight(String name, List<Long> shape) {
    return new Parameter(name, shape, new Uniform(LAST_DEVIATION * Math.sqrt(3)), true);
  }

  public long size() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  long[] dimensions() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }
}
