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
  /** What a parameter holds before training. */
  public sealed interface Start {}

  /** Random numbers, uniform in (-bound, bound). */
  public record Uniform(double bound) implements Start {}

  /** The same number everywhere. */
  public record Constant(float value) implements Start {}

  public Parameter {
    shape = List.copyOf(shape);
  }

  public long size() {
    return shape.stream().reduce(1L, Math::multiplyExact);
  }

  long[] dimensions() {
    return shape.stream().mapToLong(Long::longValue).toArray();
  }
}
