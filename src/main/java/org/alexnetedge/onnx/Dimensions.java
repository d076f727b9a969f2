package org.alexnetedge.onnx;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What shapes have in common across operators. */
final class Dimensions {
  static final Dimension UNKNOWN = new Dimension.Unknown();

  private Dimensions() {}

  static List<Dimension> fixed(long... lengths) {
    List<Dimension> shape = new ArrayList<>();
    for (long length : lengths) {
      shape.add(Dimension.of(length));
    }
    return shape;
  }

  static boolean isFixed(Dimension dimension, long length) {
    return dimension instanceof Dimension.Fixed(long is) && is == length;
  }

  /** Shape of an element-wise operation on both, by NumPy's rules; null when they do not fit. */
  static @Nullable List<Dimension> broadcast(List<Dimension> a, List<Dimension> b) {
    int rank = Math.max(a.size(), b.size());
    List<Dimension> shape = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      Dimension left = fromRight(a, rank - axis);
      Dimension right = fromRight(b, rank - axis);
      Dimension both = broadcast(left, right);
      if (both == null) {
        return null;
      }
      shape.add(both);
    }
    return shape;
  }

  private static Dimension fromRight(List<Dimension> shape, int place) {
    return place > shape.size() ? Dimension.of(1) : shape.get(shape.size() - place);
  }

  private static @Nullable Dimension broadcast(Dimension a, Dimension b) {
    if (isFixed(a, 1) || a.equals(b)) {
      return b;
    }
    if (isFixed(b, 1)) {
      return a;
    }
    // A length other than 1 leaves the other side no choice but 1 or the same.
    return switch (a) {
      case Dimension.Fixed fixed when b instanceof Dimension.Fixed -> null;
      case Dimension.Fixed fixed -> a;
      default -> b instanceof Dimension.Fixed ? b : UNKNOWN;
    };
  }

  /** Product of the dimensions: fixed, or the one that is not when all others are 1. */
  static Dimension product(List<Dimension> shape) {
    Dimension product = Dimension.of(1);
    for (Dimension dimension : shape) {
      if (isFixed(product, 1)) {
        product = dimension;
      } else if (product instanceof Dimension.Fixed(long a)
          && dimension instanceof Dimension.Fixed(long b)) {
        product = Dimension.of(Math.multiplyExact(a, b));
      } else if (!isFixed(dimension, 1)) {
        return UNKNOWN;
      }
    }
    return product;
  }

  static Dimension sum(Dimension a, Dimension b) {
    if (isFixed(a, 0)) {
      return b;
    }
    if (isFixed(b, 0)) {
      return a;
    }
    return a instanceof Dimension.Fixed(long x) && b instanceof Dimension.Fixed(long y)
        ? Dimension.of(Math.addExact(x, y))
        : UNKNOWN;
  }

  /** An axis counted from the front; -1 when there is no such axis. */
  static int axis(long axis, int rank) {
    long fromFront = axis < 0 ? axis + rank : axis;
    return fromFront < 0 || fromFront >= rank ? -1 : (int) fromFront;
  }
}
