package org.alexnetedge.onnx;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * An n-dimensional array: what ONNX tensors and NumPy arrays have in common.
 *
 * <p>Numbers lie off the Java heap, little-endian, in C order (last dimension fastest), not
 * necessarily aligned to their size. The memory belongs to whoever made the segment; tensors made
 * here from Java values, and those read without an arena, are freed when nothing refers to them.
 * Strings are Java strings. Immutable as long as the owner of the segment leaves it alone.
 */
public final class Tensor {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final ElementType type;
  private final long[] shape;
  private final long size;
  private final MemorySegment data;
  private final List<String> strings;

  private Tensor(ElementType type, long[] shape, MemorySegment data, List<String> strings) {
    this.type = type;
    this.shape = shape.clone();
    this.size = size(shape);
    this.data = data;
    this.strings = strings;
  }

  /**
   * A tensor over memory that is not copied.
   *
   * @param type any but strings and the undefined type
   * @param shape dimensions; empty for a scalar
   * @param data native memory, little-endian, exactly as long as shape and type say
   */
  public static Tensor of(ElementType type, long[] shape, MemorySegment data) {
    if (type.bits() == 0) {
      throw new IllegalArgumentException("a tensor of type " + type + " has no bytes");
    }
    if (!data.isNative()) {
      throw new IllegalArgumentException("a tensor's memory must be off the Java heap");
    }
    long bytes = type.byteSize(size(shape));
    if (data.byteSize() != bytes) {
      throw new IllegalArgumentException(
          "a tensor " + describe(type, shape) + " has " + bytes + " bytes, not " + data.byteSize());
    }
    return new Tensor(type, shape, data.asReadOnly(), List.of());
  }

  /** A float32 tensor with a copy of the values. */
  public static Tensor ofFloats(long[] shape, float... values) {
    MemorySegment data = Arena.ofAuto().allocate(4L * values.length, 8);
    MemorySegment.copy(values, 0, data, FLOAT, 0, values.length);
    return of(ElementType.FLOAT32, shape, data);
  }

  /** An int64 tensor with a copy of the values. */
  public static Tensor ofLongs(long[] shape, long... values) {
    MemorySegment data = Arena.ofAuto().allocate(8L * values.length, 8);
    MemorySegment.copy(values, 0, data, LONG, 0, values.length);
    return of(ElementType.INT64, shape, data);
  }

  /** A tensor of strings. */
  public static Tensor ofStrings(long[] shape, List<String> values) {
    if (values.size() != size(shape)) {
      throw new IllegalArgumentException(
          "a tensor "
              + describe(ElementType.STRING, shape)
              + " has "
              + size(shape)
              + " elements, not "
              + values.size());
    }
    return new Tensor(ElementType.STRING, shape, MemorySegment.NULL, List.copyOf(values));
  }

  public ElementType type() {
    return type;
  }

  /** A copy of the dimensions; empty for a scalar. */
  public long[] shape() {
    return shape.clone();
  }

  public int rank() {
    return shape.length;
  }

  /** Number of elements: 1 for a scalar. */
  public long size() {
    return size;
  }

  /** The elements' memory, read-only; empty for strings. */
  public MemorySegment data() {
    return data;
  }

  /** The elements of a tensor of strings, in C order; else empty. */
  public List<String> strings() {
    return strings;
  }

  /** The same elements under another shape of the same size. */
  public Tensor reshaped(long... other) {
    if (size(other) != size) {
      throw new IllegalArgumentException(
          this + " cannot be reshaped to " + Arrays.toString(other) + ": other number of elements");
    }
    return new Tensor(type, other, data, strings);
  }

  /** The same elements in C order, copied into native memory that the arena owns. */
  public Tensor copy(Arena arena) {
    MemorySegment copied = arena.allocate(data.byteSize(), 8);
    copied.copyFrom(data);
    return new Tensor(type, shape, copied.asReadOnly(), strings);
  }

  /**
   * One element of a floating type of 16 bits or more, or of an integer type of 8 bits or more,
   * widened.
   *
   * @param index in C order
   */
  public double doubleAt(long index) {
    return switch (type) {
      case FLOAT32 -> data.get(FLOAT, 4 * index);
      case FLOAT64 -> data.get(DOUBLE, 8 * index);
      case FLOAT16 -> Float.float16ToFloat(data.get(SHORT, 2 * index));
      case BFLOAT16 -> Float.intBitsToFloat(data.get(SHORT, 2 * index) << 16);
      case UINT64 -> {
        long bits = data.get(LONG, 8 * index);
        // The lowest bit is kept so that halves round as the whole number would.
        yield bits >= 0 ? bits : ((bits >>> 1) | (bits & 1)) * 2.0;
      }
      default -> longAt(index);
    };
  }

  /**
   * One element of an integer type of 8 bits or more, or of bool; uint64 keeps its bits.
   *
   * @param index in C order
   */
  public long longAt(long index) {
    return switch (type) {
      case BOOL, UINT8 -> data.get(ValueLayout.JAVA_BYTE, index) & 0xffL;
      case INT8 -> data.get(ValueLayout.JAVA_BYTE, index);
      case UINT16 -> data.get(SHORT, 2 * index) & 0xffffL;
      case INT16 -> data.get(SHORT, 2 * index);
      case UINT32 -> data.get(INT, 4 * index) & 0xffff_ffffL;
      case INT32 -> data.get(INT, 4 * index);
      case INT64, UINT64 -> data.get(LONG, 8 * index);
      default -> throw new IllegalStateException("the elements of " + this + " are not integers");
    };
  }

  /** All elements as float32, rounded where they are wider; for tensors that fit a Java array. */
  public float[] toFloats() {
    float[] values = new float[Math.toIntExact(size)];
    if (type == ElementType.FLOAT32) {
      MemorySegment.copy(data, FLOAT, 0, values, 0, values.length);
    } else {
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) doubleAt(i);
      }
    }
    return values;
  }

  /** All elements of an integer tensor; for tensors that fit a Java array. */
  public long[] toLongs() {
    long[] values = new long[Math.toIntExact(size)];
    for (int i = 0; i < values.length; i++) {
      values[i] = longAt(i);
    }
    return values;
  }

  /**
   * Number of elements of a shape; dimensions must not be negative and their product fit a long.
   */
  static long size(long[] shape) {
    long size = 1;
    for (long dimension : shape) {
      if (dimension < 0) {
        throw new IllegalArgumentException("a dimension is negative in " + Arrays.toString(shape));
      }
      size = Math.multiplyExact(size, dimension);
    }
    return size;
  }

  private static String describe(ElementType type, long[] shape) {
    return type.label() + Arrays.toString(shape).replace(" ", "");
  }

  /** Same type, shape and bytes (so a NaN equals the same NaN, and 0 differs from -0). */
  @Override
  public boolean equals(Object other) {
    return other instanceof Tensor that
        && type == that.type
        && Arrays.equals(shape, that.shape)
        && strings.equals(that.strings)
        && data.byteSize() == that.data.byteSize()
        && data.mismatch(that.data) < 0;
  }

  /** Of type and shape only, since the data may be hundreds of megabytes. */
  @Override
  public int hashCode() {
    return 31 * type.hashCode() + Arrays.hashCode(shape);
  }

  @Override
  public String toString() {
    return describe(type, shape);
  }
}
