package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor of numbers of which only those that are not zero are stored. What it is made from is
 * copied, and what is read from it is a copy.
 */
public final class SparseTensor extends OrtValue {
  /** {@code OrtSparseFormat} of onnxruntime_c_api.h: how the places of the values are told. */
  public enum Format {
    /** Coordinates: for each value its index in the flat tensor, or its row and its column. */
    COO,
    /** Compressed rows: for each value its column, and for each row where its values begin. */
    CSR,
    /** Dense blocks, and for each its row and column in blocks. */
    BLOCK_SPARSE
  }

  // enum OrtSparseIndicesFormat
  private static final int COO_INDICES = 0;
  private static final int CSR_INNER_INDICES = 1;
  private static final int CSR_OUTER_INDICES = 2;
  private static final int BLOCK_SPARSE_INDICES = 3;

  private final Format format;
  private final long[] shape;
  private final TensorLayout values;

  private SparseTensor(
      OrtEnvironment environment, long handle, Format format, long[] shape, TensorLayout values) {
    super(environment, handle, "sparse tensor", List.of(), List.of());
    this.format = format;
    this.shape = shape;
    this.values = values;
  }

  /**
   * A tensor by coordinates.
   *
   * @param shape of the dense tensor
   * @param values the elements that are not zero, n of {@code type}, on the heap or not
   * @param indices n indices into the flat tensor, or 2n numbers: row, column, row, column...
   * @throws IllegalArgumentException when a number of values or indices does not fit
   * @throws OrtException when an index lies outside the shape
   */
  public static SparseTensor coo(
      OrtEnvironment environment,
      ElementType type,
      long[] shape,
      MemorySegment values,
      long... indices) {
    TensorLayout layout = flat(type, values);
    if (indices.length != layout.elements() && indices.length != 2 * layout.elements()) {
      throw new IllegalArgumentException(
          layout.elements()
              + " values need as many indices, or twice as many (row, column), not "
              + indices.length
              + ".");
    }
    return create(
        environment,
        Format.COO,
        shape,
        layout,
        (api, arena, handle) ->
            api.call(
                Function.FillSparseTensorCoo,
                handle,
                environment.cpuMemory(),
                layout.dimensions(arena),
                1,
                copy(arena, values),
                longs(arena, indices),
                indices.length));
  }

  /**
   * A matrix by compressed rows.
   *
   * @param shape rows, columns
   * @param values the elements that are not zero, row by row, n of {@code type}, on the heap or not
   * @param columns n: the column of each value
   * @param rowStarts one more than there are rows: where each row's values begin, and n at the end
   * @throws IllegalArgumentException when a number of values or indices does not fit
   * @throws OrtException when an index lies outside the shape
   */
  public static SparseTensor csr(
      OrtEnvironment environment,
      ElementType type,
      long[] shape,
      MemorySegment values,
      long[] columns,
      long[] rowStarts) {
    TensorLayout layout = flat(type, values);
    if (columns.length != layout.elements()) {
      throw new IllegalArgumentException(
          layout.elements() + " values need as many columns, not " + columns.length + ".");
    }
    if (shape.length != 2 || rowStarts.length != shape[0] + 1) {
      throw new IllegalArgumentException(
          "Compressed rows of a matrix "
              + Arrays.toString(shape)
              + " need one start more than there are rows, not "
              + rowStarts.length
              + ".");
    }
    return create(
        environment,
        Format.CSR,
        shape,
        layout,
        (api, arena, handle) ->
            api.call(
                Function.FillSparseTensorCsr,
                handle,
                environment.cpuMemory(),
                layout.dimensions(arena),
                1,
                copy(arena, values),
                longs(arena, columns),
                columns.length,
                longs(arena, rowStarts),
                rowStarts.length,
                0));
  }

  /**
   * A matrix by dense blocks.
   *
   * @param shape rows, columns
   * @param values the blocks one after another, on the heap or not
   * @param valuesShape rows of a block, columns of a block, number of blocks: ONNX Runtime 1.29
   *     takes the last size for the number
   * @param indices for each block its row and its column, counted in blocks
   * @throws IllegalArgumentException when a number of values or indices does not fit
   */
  public static SparseTensor blockSparse(
      OrtEnvironment environment,
      ElementType type,
      long[] shape,
      MemorySegment values,
      long[] valuesShape,
      int... indices) {
    TensorLayout layout = TensorLayout.of(type, valuesShape.clone());
    checkType(type);
    if (valuesShape.length != 3 || values.byteSize() != layout.bytes()) {
      throw new IllegalArgumentException(
          "Blocks "
              + layout
              + " (rows, columns, number) take "
              + layout.bytes()
              + " bytes; the values have "
              + values.byteSize()
              + ".");
    }
    if (indices.length != 2 * layout.shape()[2]) {
      throw new IllegalArgumentException(
          valuesShape[2]
              + " blocks need twice as many indices (row, column), not "
              + indices.length
              + ".");
    }
    return create(
        environment,
        Format.BLOCK_SPARSE,
        shape,
        layout,
        (api, arena, handle) ->
            api.call(
                Function.FillSparseTensorBlockSparse,
                handle,
                environment.cpuMemory(),
                layout.dimensions(arena),
                3,
                copy(arena, values),
                longs(arena, 2, layout.shape()[2]), // [2, blocks]; how the kernels read it
                2,
                arena.allocateFrom(JAVA_INT, indices).address()));
  }

  private interface Filling {
    void fill(Api api, Arena arena, long handle);
  }

  private static SparseTensor create(
      OrtEnvironment environment,
      Format format,
      long[] shape,
      TensorLayout values,
      Filling filling) {
    TensorLayout.of(values.type(), shape);
    Api api = environment.api();
    try (Arena arena = Arena.ofConfined()) {
      long handle =
          api.make(
              Function.CreateSparseTensorAsOrtValue,
              environment.allocator(),
              TensorLayout.dimensions(arena, shape),
              shape.length,
              values.type().code());
      try {
        filling.fill(api, arena, handle);
        return new SparseTensor(environment, handle, format, shape.clone(), values);
      } catch (Throwable t) {
        api.plain(Function.ReleaseValue, handle);
        throw t;
      }
    }
  }

  private static TensorLayout flat(ElementType type, MemorySegment values) {
    checkType(type);
    long size = type.bits() / 8;
    if (values.byteSize() % size != 0) {
      throw new IllegalArgumentException(
          values.byteSize() + " bytes are no whole number of elements " + type + ".");
    }
    return TensorLayout.of(type, values.byteSize() / size);
  }

  private static void checkType(ElementType type) {
    if (type.bits() < 8) {
      throw new IllegalArgumentException("There are no sparse tensors of " + type + ".");
    }
  }

  private static long copy(Arena arena, MemorySegment values) {
    return arena.allocate(Math.max(1, values.byteSize()), 16).copyFrom(values).address();
  }

  private static long longs(Arena arena, long... numbers) {
    return TensorLayout.dimensions(arena, numbers);
  }

  /** Takes over a sparse tensor that ONNX Runtime made; see {@link OrtValue#take}. */
  static SparseTensor take(OrtEnvironment environment, long value) {
    Api api = environment.api();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      api.call(Function.GetSparseTensorFormat, value, out.address());
      Format format = switch (out.get(JAVA_INT, 0)) { // enum OrtSparseFormat
            case 1 -> Format.COO;
            case 2 -> Format.CSR;
            case 4 -> Format.BLOCK_SPARSE;
            default -> throw new OrtException("A sparse tensor of an unknown format came out.");
          };
      TensorLayout dense = TensorLayout.of(api, value, arena);
      TensorLayout values =
          TensorLayout.take(
              api, api.make(Function.GetSparseTensorValuesTypeAndShape, value), arena);
      return new SparseTensor(environment, value, format, dense.shape(), values);
    }
  }

  /** How the places of the values are told. */
  public Format format() {
    return format;
  }

  /** The type of the elements. */
  public ElementType type() {
    return values.type();
  }

  /** Sizes of the dense tensor, outermost first. A copy. */
  public long[] shape() {
    return shape.clone();
  }

  /** Sizes of the stored values: [n], or for blocks [rows, columns, n]. A copy. */
  public long[] valuesShape() {
    return values.shape().clone();
  }

  /** Size of the stored values. */
  public long byteSize() {
    return values.bytes();
  }

  /** Copies the stored values' bytes to the start of {@code target}, on the heap or not. */
  public void copyTo(MemorySegment target) {
    long handle = enter();
    try {
      long address = api().make(Function.GetSparseTensorValues, handle);
      MemorySegment raw = MemorySegment.ofAddress(address).reinterpret(byteSize());
      MemorySegment.copy(raw, 0, target, 0, byteSize());
    } finally {
      leave();
    }
  }

  /**
   * The coordinates of {@link Format#COO}: as many as there are values, or twice as many.
   *
   * @throws IllegalStateException for another format
   */
  public long[] indices() {
    return indices(Format.COO, COO_INDICES);
  }

  /**
   * The values' columns of {@link Format#CSR}.
   *
   * @throws IllegalStateException for another format
   */
  public long[] columns() {
    return indices(Format.CSR, CSR_INNER_INDICES);
  }

  /**
   * Where the rows of {@link Format#CSR} begin.
   *
   * @throws IllegalStateException for another format
   */
  public long[] rowStarts() {
    return indices(Format.CSR, CSR_OUTER_INDICES);
  }

  /**
   * Row and column, in blocks, of each block of {@link Format#BLOCK_SPARSE}.
   *
   * @throws IllegalStateException for another format
   */
  public int[] blockIndices() {
    return read(Format.BLOCK_SPARSE, BLOCK_SPARSE_INDICES, Integer.BYTES).toArray(JAVA_INT);
  }

  private long[] indices(Format needed, int indicesFormat) {
    return read(needed, indicesFormat, Long.BYTES).toArray(JAVA_LONG);
  }

  private MemorySegment read(Format needed, int indicesFormat, int size) {
    if (format != needed) {
      throw new IllegalStateException(
          "The sparse tensor's format is " + format + ", which has no such indices.");
    }
    long handle = enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(JAVA_LONG);
      MemorySegment out = arena.allocate(JAVA_LONG);
      api()
          .call(
              Function.GetSparseTensorIndices,
              handle,
              indicesFormat,
              count.address(),
              out.address());
      long bytes = count.get(JAVA_LONG, 0) * size;
      MemorySegment raw = MemorySegment.ofAddress(out.get(JAVA_LONG, 0)).reinterpret(bytes);
      MemorySegment copy =
          size == Long.BYTES
              ? MemorySegment.ofArray(new long[(int) (bytes / size)])
              : MemorySegment.ofArray(new int[(int) (bytes / size)]);
      return copy.copyFrom(raw);
    } finally {
      leave();
    }
  }

  @Override
  public String toString() {
    return "sparse " + type() + Arrays.toString(shape);
  }
}
