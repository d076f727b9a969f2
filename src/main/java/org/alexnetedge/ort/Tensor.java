package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A dense tensor in CPU memory: {@link #shape} outermost axis first, row-major, in the machine's
 * byte order.
 *
 * <p>Its memory is ONNX Runtime's ({@link #allocate}, and what runs return) or the caller's ({@link
 * #wrap}). {@link #data} gives it without a copy.
 *
 * <p>Thread-safe as far as ownership goes: a tensor that is closed during a run is released when
 * the run ends. Who writes into its memory during a run gets undefined numbers, nothing worse.
 */
public final class Tensor implements OrtValue {
  private final OrtEnvironment environment;
  private final long handle;
  private final ElementType type;
  private final long[] shape;
  private final long elements;
  private final Lifetime lifetime;
  private final @Nullable MemorySegment wrapped;
  private @Nullable View view;

  /** Memory that ends with the tensor; the arena is closed by {@link #close}. */
  private record View(Arena arena, MemorySegment segment) {}

  private Tensor(
      OrtEnvironment environment,
      long handle,
      ElementType type,
      long[] shape,
      @Nullable MemorySegment wrapped) {
    this.environment = environment;
    this.handle = handle;
    this.type = type;
    this.shape = shape;
    this.elements = count(shape);
    this.wrapped = wrapped;
    Api api = environment.api();
    this.lifetime = new Lifetime("tensor", () -> api.plain(Function.ReleaseValue, handle));
  }

  /**
   * A new tensor with memory of ONNX Runtime's, 64-byte aligned, not cleared.
   *
   * @param shape sizes, outermost first; none for a scalar; 0 makes an empty tensor
   */
  public static Tensor allocate(OrtEnvironment environment, ElementType type, long... shape) {
    bytes(type, shape);
    try (Arena arena = Arena.ofConfined()) {
      long value =
          environment
              .api()
              .make(
                  Function.CreateTensorAsOrtValue,
                  environment.allocator(),
                  dims(arena, shape),
                  shape.length,
                  type.code());
      return new Tensor(environment, value, type, shape.clone(), null);
    }
  }

  /**
   * A tensor over the caller's memory, which is neither copied nor freed. It must stay alive while
   * the tensor is used: that is checked at each run, and a shared arena cannot be closed during
   * one.
   *
   * @param data native memory of at least the tensor's size, aligned for the type
   * @throws IllegalArgumentException when it is on the heap, read-only, too small or not aligned
   */
  public static Tensor wrap(
      OrtEnvironment environment, MemorySegment data, ElementType type, long... shape) {
    long bytes = bytes(type, shape);
    if (type == ElementType.STRING) {
      throw new IllegalArgumentException("Strings cannot be wrapped; use Tensor.ofStrings.");
    }
    if (!data.isNative()) {
      throw new IllegalArgumentException("Only native memory can be wrapped, not a Java array.");
    }
    if (data.isReadOnly()) {
      throw new IllegalArgumentException("Read-only memory cannot be wrapped.");
    }
    if (data.byteSize() < bytes) {
      throw new IllegalArgumentException(
          "A tensor "
              + type
              + Arrays.toString(shape)
              + " takes "
              + bytes
              + " bytes, but the memory has "
              + data.byteSize()
              + ".");
    }
    if (data.address() % Math.clamp(type.bits() / 8, 1, 8) != 0) {
      throw new IllegalArgumentException(
          "The memory at " + data.address() + " is not aligned for " + type + ".");
    }
    MemorySegment used = data.asSlice(0, bytes);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      environment
          .api()
          .call(
              Function.CreateTensorWithDataAsOrtValue,
              environment.cpuMemory(),
              Math.max(used.address(), 1), // An empty tensor's pointer must not be null either.
              bytes,
              dims(arena, shape),
              shape.length,
              type.code(),
              out.address());
      return new Tensor(environment, out.get(JAVA_LONG, 0), type, shape.clone(), used);
    }
  }

  /** A tensor of strings. */
  public static Tensor ofStrings(OrtEnvironment environment, String[] strings, long... shape) {
    bytes(ElementType.STRING, shape);
    if (count(shape) != strings.length) {
      throw new IllegalArgumentException(
          "A shape "
              + Arrays.toString(shape)
              + " has "
              + count(shape)
              + " elements, but there are "
              + strings.length
              + " strings.");
    }
    Tensor tensor = allocate(environment, ElementType.STRING, shape);
    try {
      for (int i = 0; i < strings.length; i++) {
        // By length, not to a zero: a zero may be a character of the string.
        byte[] bytes = strings[i].getBytes(StandardCharsets.UTF_8);
        long buffer =
            environment
                .api()
                .make(Function.GetResizedStringTensorElementBuffer, tensor.handle, i, bytes.length);
        MemorySegment.ofAddress(buffer)
            .reinterpret(bytes.length)
            .copyFrom(MemorySegment.ofArray(bytes));
      }
      return tensor;
    } catch (Throwable t) {
      tensor.close();
      throw t;
    }
  }

  /**
   * Takes over a value that ONNX Runtime made.
   *
   * @param lenders tensors of the run: an output can be one of them, and then lies in the caller's
   *     memory if that tensor does
   */
  static Tensor take(OrtEnvironment environment, long value, Iterable<Tensor> lenders) {
    Api api = environment.api();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment kind = arena.allocate(JAVA_INT);
      api.call(Function.GetValueType, value, kind.address());
      if (kind.get(JAVA_INT, 0) != 1) { // ONNX_TYPE_TENSOR
        throw new OrtException(
            "The output is no dense tensor; sequences, maps, sparse and optional values are not"
                + " supported yet.");
      }
      long info = api.make(Function.GetTensorTypeAndShape, value);
      try {
        MemorySegment out = arena.allocate(JAVA_LONG);
        api.call(Function.GetTensorElementType, info, out.address());
        ElementType type = ElementType.of(out.get(JAVA_INT, 0));
        api.call(Function.GetDimensionsCount, info, out.address());
        int rank = Math.toIntExact(out.get(JAVA_LONG, 0));
        MemorySegment sizes = arena.allocate(JAVA_LONG, Math.max(1, rank));
        api.call(Function.GetDimensions, info, sizes.address(), rank);
        long[] shape = new long[rank];
        MemorySegment.copy(sizes, JAVA_LONG, 0, shape, 0, rank);
        return new Tensor(environment, value, type, shape, lent(api, value, type, shape, lenders));
      } finally {
        api.plain(Function.ReleaseTensorTypeAndShapeInfo, info);
      }
    } catch (Throwable t) {
      api.plain(Function.ReleaseValue, value);
      throw t;
    }
  }

  /** The part of a lender's wrapped memory that is the value's memory; null when it has its own. */
  private static @Nullable MemorySegment lent(
      Api api, long value, ElementType type, long[] shape, Iterable<Tensor> lenders) {
    for (Tensor lender : lenders) {
      MemorySegment memory = lender.wrapped;
      if (memory != null && type != ElementType.STRING) {
        long start = api.make(Function.GetTensorMutableData, value) - memory.address();
        long bytes = type.bytes(count(shape));
        if (start >= 0 && start + bytes <= memory.byteSize()) {
          return memory.asSlice(start, bytes);
        }
      }
    }
    return null;
  }

  public ElementType type() {
    return type;
  }

  /** Sizes, outermost first; empty for a scalar. A copy. */
  public long[] shape() {
    return shape.clone();
  }

  /** Number of elements: 1 for a scalar, 0 for an empty tensor. */
  public long elements() {
    return elements;
  }

  /** Size of the data; 0 for strings. */
  public long byteSize() {
    return type.bytes(elements);
  }

  /**
   * The tensor's memory, without a copy. Using the segment after the tensor was closed throws
   * {@link IllegalStateException}. The first call makes an arena that {@link #close} closes, which
   * costs some microseconds: {@link #copyTo} is cheaper for a tensor that is read once.
   *
   * @throws IllegalStateException when the tensor is closed
   */
  public MemorySegment data() {
    if (type == ElementType.STRING) {
      throw new IllegalStateException("A tensor of strings has no plain memory; use strings().");
    }
    synchronized (this) {
      if (lifetime.isClosed()) {
        throw new IllegalStateException("The tensor is closed.");
      }
      if (wrapped != null) {
        return wrapped;
      }
      if (view == null) {
        Arena arena = Arena.ofShared();
        view = new View(arena, address().reinterpret(byteSize(), arena, null));
      }
      return view.segment();
    }
  }

  /** Copies all elements' bytes to the start of {@code target}. */
  public void copyTo(MemorySegment target) {
    copy(raw -> MemorySegment.copy(raw, 0, target, 0, raw.byteSize()));
  }

  /**
   * All elements of a float32 tensor.
   *
   * @throws IllegalStateException for another type
   */
  public float[] toFloatArray() {
    if (type != ElementType.FLOAT) {
      throw new IllegalStateException("The tensor's elements are " + type + ", not FLOAT.");
    }
    float[] array = new float[Math.toIntExact(elements)];
    copy(raw -> MemorySegment.copy(raw, ValueLayout.JAVA_FLOAT, 0, array, 0, array.length));
    return array;
  }

  /**
   * All elements of a tensor of strings.
   *
   * @throws IllegalStateException for another type
   */
  public String[] strings() {
    if (type != ElementType.STRING) {
      throw new IllegalStateException("The tensor's elements are " + type + ", not STRING.");
    }
    int n = Math.toIntExact(elements);
    lifetime.enter();
    try (Arena arena = Arena.ofConfined()) {
      Api api = environment.api();
      MemorySegment size = arena.allocate(JAVA_LONG);
      api.call(Function.GetStringTensorDataLength, handle, size.address());
      long bytes = size.get(JAVA_LONG, 0);
      MemorySegment buffer = arena.allocate(Math.max(1, bytes));
      MemorySegment offsets = arena.allocate(JAVA_LONG, Math.max(1, n));
      api.call(
          Function.GetStringTensorContent, handle, buffer.address(), bytes, offsets.address(), n);
      String[] strings = new String[n];
      for (int i = 0; i < n; i++) {
        long start = offsets.getAtIndex(JAVA_LONG, i);
        long end = i + 1 < n ? offsets.getAtIndex(JAVA_LONG, i + 1) : bytes;
        strings[i] =
            new String(
                buffer.asSlice(start, end - start).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
      }
      return strings;
    } finally {
      lifetime.leave();
    }
  }

  /**
   * Releases the tensor, or leaves that to the run that uses it. Does nothing the second time.
   *
   * @throws IllegalStateException when another thread is in a native call (file or socket output)
   *     with {@link #data}; the tensor then stays open
   */
  @Override
  public synchronized void close() {
    // The view goes first: memory is never freed while somebody can still reach it.
    if (view != null) {
      view.arena().close();
      view = null;
    }
    lifetime.close();
  }

  @Override
  public String toString() {
    return type + Arrays.toString(shape);
  }

  /** Starts a use by a run; the handle may be passed on until {@link #leave}. */
  long enter() {
    lifetime.enter();
    return handle;
  }

  void leave() {
    lifetime.leave();
  }

  OrtEnvironment environment() {
    return environment;
  }

  /** The caller's memory, or null when it is ONNX Runtime's. */
  @Nullable MemorySegment wrapped() {
    return wrapped;
  }

  private interface Use {
    void of(MemorySegment raw);
  }

  private void copy(Use use) {
    if (type == ElementType.STRING) {
      throw new IllegalStateException("A tensor of strings has no plain memory; use strings().");
    }
    lifetime.enter();
    try {
      use.of(wrapped != null ? wrapped : address().reinterpret(byteSize()));
    } finally {
      Reference.reachabilityFence(this);
      lifetime.leave();
    }
  }

  private MemorySegment address() {
    return MemorySegment.ofAddress(environment.api().make(Function.GetTensorMutableData, handle));
  }

  private static long dims(Arena arena, long[] shape) {
    MemorySegment dims = arena.allocate(JAVA_LONG, Math.max(1, shape.length));
    MemorySegment.copy(shape, 0, dims, JAVA_LONG, 0, shape.length);
    return dims.address();
  }

  private static long count(long[] shape) {
    long count = 1;
    for (long size : shape) {
      count = Math.multiplyExact(count, size);
    }
    return count;
  }

  /**
   * Size of a tensor's data.
   *
   * @throws IllegalArgumentException when there is no such tensor
   */
  private static long bytes(ElementType type, long[] shape) {
    for (long size : shape) {
      if (size < 0) {
        throw new IllegalArgumentException(
            "A tensor's shape has no negative sizes: " + Arrays.toString(shape));
      }
    }
    try {
      return type.bytes(count(shape));
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(
          "A tensor " + type + Arrays.toString(shape) + " is too large.", e);
    }
  }
}
