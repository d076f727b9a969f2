package org.alexnetedge.onnx;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Shapes after operators that arrange, join, cut or reduce axes. */
final class LayoutShapes {
  private LayoutShapes() {}

  static @Nullable List<Dimension> flatten(NodeShapes node) {
    List<Dimension> input = node.shape(0);
    long axis = node.node().integer("axis", 1);
    if (input == null || axis < -input.size() || axis > input.size()) {
      return null;
    }
    int split = (int) (axis < 0 ? axis + input.size() : axis);
    return List.of(
        Dimensions.product(input.subList(0, split)),
        Dimensions.product(input.subList(split, input.size())));
  }

  /** 0 keeps a dimension, -1 takes what is left of all elements. */
  static @Nullable List<Dimension> reshape(NodeShapes node) {
    List<Dimension> input = node.shape(0);
    List<Long> wanted = node.list("shape", 1);
    if (wanted == null) {
      return null;
    }
    boolean zeroKeeps = node.node().integer("allowzero", 0) == 0;
    List<Dimension> shape = new ArrayList<>();
    int rest = -1;
    for (int axis = 0; axis < wanted.size(); axis++) {
      long length = wanted.get(axis);
      if (length == -1 && rest < 0) {
        rest = axis;
        shape.add(Dimension.of(1));
      } else if (length == 0 && zeroKeeps) {
        boolean there = input != null && axis < input.size();
        shape.add(there ? input.get(axis) : Dimensions.UNKNOWN);
      } else if (length >= 0) {
        shape.add(Dimension.of(length));
      } else {
        return null;
      }
    }
    if (rest >= 0) {
      shape.set(rest, input == null ? Dimensions.UNKNOWN : quotient(input, shape));
    }
    return shape;
  }

  /** Elements of one shape divided by those of another; what both name alike falls out. */
  private static Dimension quotient(List<Dimension> all, List<Dimension> taken) {
    List<Dimension> left = new ArrayList<>();
    long elements = fixedAndOthers(all, left);
    List<Dimension> others = new ArrayList<>();
    long divisor = fixedAndOthers(taken, others);
    for (Dimension other : others) {
      if (!(other instanceof Dimension.Symbolic) || !left.remove(other)) {
        return Dimensions.UNKNOWN;
      }
    }
    if (divisor == 0 || elements % divisor != 0) {
      return Dimensions.UNKNOWN;
    }
    left.add(Dimension.of(elements / divisor));
    return Dimensions.product(left);
  }

  /** The product of all fixed lengths; the other dimensions are added to the list. */
  private static long fixedAndOthers(List<Dimension> shape, List<Dimension> others) {
    long product = 1;
    for (Dimension dimension : shape) {
      if (dimension instanceof Dimension.Fixed(long length)) {
        product = Math.multiplyExact(product, length);
      } else {
        others.add(dimension);
      }
    }
    return product;
  }

  static @Nullable List<Dimension> transpose(NodeShapes node) {
    List<Dimension> input = node.shape(0);
    if (input == null) {
      return null;
    }
    List<Long> order = node.attribute("perm");
    if (order == null) {
      return input.reversed();
    }
    List<Long> axes = LongStream.range(0, input.size()).boxed().toList();
    if (!order.stream().sorted().toList().equals(axes)) {
      return null;
    }
    return order.stream().map(axis -> input.get(axis.intValue())).toList();
  }

  static @Nullable List<Dimension> squeeze(NodeShapes node) {
    List<Dimension> input = node.shape(0);
    if (input == null) {
      return null;
    }
    List<Long> listed = node.list("axes", 1);
    if (listed == null) {
      // All of length 1, which only fixed lengths tell.
      boolean known = !node.has(1) && input.stream().allMatch(Dimension.Fixed.class::isInstance);
      return known ? input.stream().filter(d -> !Dimensions.isFixed(d, 1)).toList() : null;
    }
    Set<Integer> axes = axes(listed, input.size());
    return axes == null ? null : without(input, axes, false);
  }

  static @Nullable List<Dimension> unsqueeze(NodeShapes node) {
    List<Dimension> input = node.shape(0);
    List<Long> listed = node.list("axes", 1);
    if (input == null || listed == null) {
      return null;
    }
    int rank = input.size() + listed.size();
    Set<Integer> axes = axes(listed, rank);
    if (axes == null || axes.size() != listed.size()) {
      return null;
    }
    List<Dimension> shape = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      shape.add(axes.contains(axis) ? Dimension.of(1) : input.get(axis - ones(axes, axis)));
    }
    return shape;
  }

  private static int ones(Set<Integer> axes, int before) {
    return (int) axes.stream().filter(axis -> axis < before).count();
  }

  static @Nullable List<Dimension> reduce(NodeShapes node) {
    List<Dimension> input = node.shape(0);
    if (input == null) {
      return null;
    }
    List<Long> listed = node.list("axes", 1);
    if (listed == null && node.has(1)) {
      return null;
    }
    if (listed == null || listed.isEmpty()) {
      if (node.node().integer("noop_with_empty_axes", 0) != 0) {
        return input;
      }
      listed = LongStream.range(0, input.size()).boxed().toList();
    }
    Set<Integer> axes = axes(listed, input.size());
    return axes == null ? null : without(input, axes, node.node().integer("keepdims", 1) != 0);
  }

  /** The other axes, and these with length 1 when they are kept. */
  private static List<Dimension> without(List<Dimension> input, Set<Integer> axes, boolean keep) {
    List<Dimension> shape = new ArrayList<>();
    for (int axis = 0; axis < input.size(); axis++) {
      if (!axes.contains(axis)) {
        shape.add(input.get(axis));
      } else if (keep) {
        shape.add(Dimension.of(1));
      }
    }
    return shape;
  }

  private static @Nullable Set<Integer> axes(List<Long> listed, int rank) {
    Set<Integer> axes = new HashSet<>();
    for (long each : listed) {
      int axis = Dimensions.axis(each, rank);
      if (axis < 0) {
        return null;
      }
      axes.add(axis);
    }
    return axes;
  }

  static @Nullable List<Dimension> concat(NodeShapes node) {
    List<Dimension> shape = node.shape(0);
    if (shape == null) {
      return null;
    }
    int along = Dimensions.axis(node.node().integer("axis", 1), shape.size());
    if (along < 0) {
      return null;
    }
    List<Dimension> joined = new ArrayList<>(shape);
    for (int i = 1; i < node.node().inputs().size(); i++) {
      List<Dimension> next = node.shape(i);
      if (next == null || next.size() != joined.size()) {
        return null;
      }
      for (int axis = 0; axis < joined.size(); axis++) {
        Dimension a = joined.get(axis);
        Dimension b = next.get(axis);
        if (axis == along) {
          joined.set(axis, Dimensions.sum(a, b));
        } else if (ShapeRules.contradict(a, b)) {
          return null;
        } else if (b instanceof Dimension.Fixed || a instanceof Dimension.Unknown) {
          joined.set(axis, b); // The same length, said more exactly.
        }
      }
    }
    return joined;
  }

  static @Nullable List<Dimension> pad(NodeShapes node) {
    List<Dimension> input = node.shape(0);
    List<Long> pads = node.list("pads", 1);
    if (input == null || pads == null) {
      return null;
    }
    List<Long> axes =
        node.has(3) ? node.constant(3) : LongStream.range(0, input.size()).boxed().toList();
    if (axes == null || pads.size() != 2 * axes.size()) {
      return null;
    }
    List<Dimension> shape = new ArrayList<>(input);
    for (int i = 0; i < axes.size(); i++) {
      int axis = Dimensions.axis(axes.get(i), input.size());
      if (axis < 0) {
        return null;
      }
      long added = Math.addExact(pads.get(i), pads.get(axes.size() + i));
      Dimension length = Dimensions.sum(shape.get(axis), Dimension.of(added));
      if (length instanceof Dimension.Fixed(long fixed) && fixed < 0) {
        return null;
      }
      shape.set(axis, length);
    }
    return Collections.unmodifiableList(shape);
  }
}
