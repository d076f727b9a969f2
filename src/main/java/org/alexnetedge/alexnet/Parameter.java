package org.alexnetedge.alexnet;

import java.util.List;

/**
 * A tensor that is learned.
 *
 * @param name for instance {@code features.0.weight}
 * @param shape its dimensions
 * @param fanIn number of values that go into one output of its layer
 */
public record Parameter(String name, List<Long> shape, long fanIn) {
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
