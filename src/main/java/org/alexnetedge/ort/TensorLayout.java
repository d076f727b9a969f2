package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;

/**
 * What an array of elements takes in memory. The shape is not copied: whoever makes it gives it
 * away.
 *
 * @param elements number of them: 1 for a scalar
 * @param bytes size, rounded up; 0 for strings
 */
record TensorLayout(ElementType type, long[] shape, long elements, long bytes) {

  /**
   * @throws IllegalArgumentException when there is no such tensor
   */
  static TensorLayout of(ElementType type, long... shape) {
    long elements = 1;
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException(
            "A tensor's shape has no negative sizes: " + Arrays.toString(shape));
      }
      elements = saturatedProduct(elements, size);
    }
    try {
      if (elements == Long.MAX_VALUE) {
        throw new ArithmeticException();
      }
      return new TensorLayout(type, shape, elements, type.bytes(elements));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "A tensor " + type + Arrays.toString(shape) + " is too large.", e);
    }
  }

  /** A later 0 makes even an overflow an empty tensor. */
  private static long saturatedProduct(long a, long b) {
    return Math.multiplyHigh(a, b) == 0 && a * b >= 0 ? a * b : Long.MAX_VALUE;
  }

  /** The layout of a dense tensor, or of the dense shape of a sparse one. */
  static TensorLayout of(Api api, long value, SegmentAllocator scratch) {
    if (!api.has(Function.GetTensorElementTypeAndShapeDataReference)) {
      return take(api, api.make(Function.GetTensorTypeAndShape, value), scratch);
    }
    MemorySegment out = scratch.allocate(JAVA_LONG, 3);
    long start = out.address();
    api.call(
        Function.GetTensorElementTypeAndShapeDataReference, value, start, start + 8, start + 16);
    int rank = Math.toIntExact(out.getAtIndex(JAVA_LONG, 2));
    long[] shape = new long[rank];
    MemorySegment.copy(
        MemorySegment.ofAddress(out.getAtIndex(JAVA_LONG, 1))
            .reinterpret(rank * JAVA_LONG.byteSize()),
        JAVA_LONG,
        0,
        shape,
        0,
        rank);
    return of(ElementType.of(out.get(JAVA_INT, 0)), shape);
  }

  /** Reads and releases an {@code OrtTensorTypeAndShapeInfo}. */
  static TensorLayout take(Api api, long info, SegmentAllocator scratch) {
    try {
      MemorySegment out = scratch.allocate(JAVA_LONG);
      api.call(Function.GetTensorElementType, info, out.address());
      ElementType type = ElementType.of(out.get(JAVA_INT, 0));
      api.call(Function.GetDimensionsCount, info, out.address());
      int rank = Math.toIntExact(out.get(JAVA_LONG, 0));
      MemorySegment sizes = scratch.allocate(JAVA_LONG, Math.max(1, rank));
      api.call(Function.GetDimensions, info, sizes.address(), rank);
      long[] shape = new long[rank];
      MemorySegment.copy(sizes, JAVA_LONG, 0, shape, 0, rank);
      return of(type, shape);
    } finally {
      api.plain(Function.ReleaseTensorTypeAndShapeInfo, info);
    }
  }

  /** The shape as a native array. */
  static long dimensions(SegmentAllocator allocator, long[] shape) {
    MemorySegment dims = allocator.allocate(JAVA_LONG, Math.max(1, shape.length));
    MemorySegment.copy(shape, 0, dims, JAVA_LONG, 0, shape.length);
    return dims.address();
  }

  long dimensions(SegmentAllocator allocator) {
    return dimensions(allocator, shape);
  }

  @Override
  public String toString() {
    return type + Arrays.toString(shape);
  }
}
