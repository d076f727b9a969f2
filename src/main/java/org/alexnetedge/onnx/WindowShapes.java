package org.alexnetedge.onnx;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Shapes after convolution and pooling: [batch, channels, lengths...]. */
final class WindowShapes {
  private WindowShapes() {}

  /** Weights are [channels out, channels in / group, kernel...]. */
  static @Nullable List<Dimension> conv(NodeShapes node) {
    List<Dimension> input = node.shape(0, 3);
    List<Dimension> weights = node.shape(1, 3);
    if (input == null || weights == null || input.size() != weights.size()) {
      return null;
    }
    long group = node.node().integer("group", 1);
    if (weights.get(1) instanceof Dimension.Fixed(long each)
        && ShapeRules.contradict(input.get(1), Dimension.of(Math.multiplyExact(each, group)))) {
      return null;
    }
    List<Long> kernel = new ArrayList<>();
    for (Dimension length : weights.subList(2, weights.size())) {
      if (!(length instanceof Dimension.Fixed(long fixed))) {
        return null;
      }
      kernel.add(fixed);
    }
    return windows(node.node(), input, weights.getFirst(), kernel);
  }

  static @Nullable List<Dimension> pool(NodeShapes node) {
    List<Dimension> input = node.shape(0, 3);
    return input == null
        ? null
        : windows(
            node.node(), input, input.get(1), node.node().integers("kernel_shape", List.of()));
  }

  static @Nullable List<Dimension> globalPool(NodeShapes node) {
    List<Dimension> input = node.shape(0, 3);
    if (input == null) {
      return null;
    }
    List<Dimension> shape = new ArrayList<>(input.subList(0, 2));
    shape.addAll(Collections.nCopies(input.size() - 2, Dimension.of(1)));
    return shape;
  }

  private static @Nullable List<Dimension> windows(
      Node node, List<Dimension> input, Dimension channels, List<Long> kernel) {
    int axes = input.size() - 2;
    List<Long> ones = Collections.nCopies(axes, 1L);
    List<Long> strides = node.integers("strides", ones);
    List<Long> dilations = node.integers("dilations", ones);
    List<Long> pads = node.integers("pads", Collections.nCopies(2 * axes, 0L));
    if (kernel.size() != axes
        || strides.size() != axes
        || dilations.size() != axes
        || pads.size() != 2 * axes) {
      return null;
    }
    List<Dimension> shape = new ArrayList<>(List.of(input.getFirst(), channels));
    for (int axis = 0; axis < axes; axis++) {
      // The distance between the first and the last value that a window sees, and one.
      long window =
          Math.addExact(Math.multiplyExact(kernel.get(axis) - 1, dilations.get(axis)), 1L);
      if (window < 1 || strides.get(axis) < 1) {
        return null;
      }
      Dimension length =
          windows(
              input.get(axis + 2),
              window,
              strides.get(axis),
              pads.get(axis),
              pads.get(axes + axis),
              node.text("auto_pad", "NOTSET"),
              node.integer("ceil_mode", 0) != 0);
      if (length instanceof Dimension.Fixed(long fixed) && fixed < 1) {
        return null;
      }
      shape.add(length);
    }
    return shape;
  }

  /** How many windows fit along one axis. */
  private static Dimension windows(
      Dimension input,
      long window,
      long stride,
      long padBefore,
      long padAfter,
      String autoPad,
      boolean ceil) {
    boolean same = autoPad.startsWith("SAME_");
    boolean none = autoPad.equals("VALID");
    long before = same || none ? 0 : padBefore;
    long after = same || none ? 0 : padAfter;
    if (!(input instanceof Dimension.Fixed(long length))) {
      boolean kept = stride == 1 && (same || before + after == window - 1);
      return kept ? input : Dimensions.UNKNOWN;
    }
    if (same) {
      return Dimension.of(Math.ceilDiv(length, stride));
    }
    long padded = Math.addExact(length, Math.addExact(before, after));
    if (padded < window) {
      return Dimension.of(0);
    }
    long steps = ceil ? Math.ceilDiv(padded - window, stride) : (padded - window) / stride;
    // Rounded up, the last window may be cut off by the end, but must not begin beyond it.
    boolean beyond = ceil && Math.multiplyExact(steps, stride) >= length + before;
    return Dimension.of(beyond ? steps : steps + 1);
  }
}
