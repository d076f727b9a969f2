package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A dense tensor: {@link #shape} outermost axis first, row-major, in the machine's byte order.
 *
 * <p>Its memory is ONNX Runtime's ({@link #allocate}, and what runs return) or the caller's ({@link
 * #wrap}). {@link #data} gives it without a copy. A tensor in a device's memory ({@link Memory}) is
 * read by copying it to one in main memory: {@link OrtEnvironment#copy}.
 *
 * <p>Thread-safe as far as ownership goes: a tensor that is closed during a run is released when
 * the run ends. Who writes into its memory during a run gets undefined numbers, nothing worse.
 */
public final class Tensor extends OrtValue {
  private final TensorLayout layout;
  private final @Nullable MemorySegment wrapped;

  /** Whether Java can read the memory; null while nobody asked. */
  private @Nullable Boolean inMainMemory;

  private @Nullable View view;

  /** Memory that ends with the tensor; the arena is closed by {@link #close}. */
  private record View(Arena arena, MemorySegment segment) {}

  private Tensor(
      OrtEnvironment environment,
      long handle,
      TensorLayout layout,
      @Nullable MemorySegment wrapped,
      @Nullable Boolean inMainMemory,
      List<SessionAllocator> allocators) {
    super(
        environment, handle, "tensor", wrapped == null ? List.of() : List.of(wrapped), allocators);
    this.layout = layout;
    this.wrapped = wrapped;
    this.inMainMemory = inMainMemory;
  }

  /**
   * A new tensor with memory of ONNX Runtime's, 64-byte aligned, not cleared.
   *
   * @param shape sizes, outermost first; none for a scalar; 0 makes an empty tensor
   */
  public static Tensor allocate(OrtEnvironment environment, ElementType type, long... shape) {
    return allocate(
        environment,
        environment.allocator(),
        TensorLayout.of(type, shape.clone()),
        true,
        List.of());
  }

  /**
   * A new tensor in the memory of a device, or in main memory that a device reaches quickly, from
   * the session's own allocator. The session's memory stays as long as the tensor.
   *
   * @throws OrtException when none of the session's providers has such memory
   */
  public static Tensor allocate(Session session, Memory memory, ElementType type, long... shape) {
    if (type == ElementType.STRING) {
      throw new IllegalArgumentException("Strings lie in main memory; use Tensor.ofStrings.");
    }
    TensorLayout layout = TensorLayout.of(type, shape.clone());
    SessionAllocator allocator = SessionAllocator.of(session, memory);
    try {
      return allocate(session.environment(), allocator.handle(), layout, null, List.of(allocator));
    } finally {
      allocator.leave();
    }
  }

  private static Tensor allocate(
      OrtEnvironment environment,
      long allocator,
      TensorLayout layout,
      @Nullable Boolean inMainMemory,
      List<SessionAllocator> allocators) {
    try (Scratch scratch = Scratch.open()) {
      long value =
          environment
              .api()
              .make(
                  Function.CreateTensorAsOrtValue,
                  allocator,
                  layout.dimensions(scratch),
                  layout.shape().length,
                  layout.type().code());
      return new Tensor(environment, value, layout, null, inMainMemory, allocators);
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
    TensorLayout layout = TensorLayout.of(type, shape.clone());
    if (type == ElementType.STRING) {
      throw new IllegalArgumentException("Strings cannot be wrapped; use Tensor.ofStrings.");
    }
    if (!data.isNative()) {
      throw new IllegalArgumentException("Only native memory can be wrapped, not a Java array.");
    }
    if (data.isReadOnly()) {
      throw new IllegalArgumentException("Read-only memory cannot be wrapped.");
    }
    checkSize(layout, data, false);
    if (data.address() % Math.clamp(type.bits() / 8, 1, 8) != 0) {
      throw new IllegalArgumentException(
          "The memory at " + data.address() + " is not aligned for " + type + ".");
    }
    MemorySegment used = data.asSlice(0, layout.bytes());
    try (Scratch scratch = Scratch.open()) {
      MemorySegment out = scratch.allocate(JAVA_LONG);
      environment
          .api()
          .call(
              Function.CreateTensorWithDataAsOrtValue,
              environment.cpuMemory(),
              Math.max(used.address(), 1), // An empty tensor's pointer must not be null either.
              layout.bytes(),
              layout.dimensions(scratch),
              shape.length,
              type.code(),
              out.address());
      return new Tensor(environment, out.get(JAVA_LONG, 0), layout, used, true, List.of());
    }
  }

  private static void checkSize(TensorLayout layout, MemorySegment data, boolean exactly) {
    if (exactly ? data.byteSize() != layout.bytes() : data.byteSize() < layout.bytes()) {
      throw new IllegalArgumentException(
          "A tensor "
              + layout
              + " takes "
              + layout.bytes()
              + " bytes, but the memory has "
              + data.byteSize()
              + ".");
    }
  }

  /**
   * A new tensor with a copy of the elements, for instance of {@code MemorySegment.ofArray(new
   * long[] {1, 2, 3})}.
   *
   * @param elements memory of exactly the tensor's size, on the heap or not
   * @throws IllegalArgumentException when the size is another
   */
  public static Tensor copyOf(
      OrtEnvironment environment, MemorySegment elements, ElementType type, long... shape) {
    if (type == ElementType.STRING) {
      throw new IllegalArgumentException("Strings have no plain memory; use Tensor.ofStrings.");
    }
    checkSize(TensorLayout.of(type, shape), elements, true);
    Tensor tensor = allocate(environment, type, shape);
    try {
      tensor.copyFrom(elements);
      return tensor;
    } catch (Throwable t) {
      tensor.close();
      throw t;
    }
  }

  /**
   * A new tensor with these values, rounded to the nearest where the type is narrower than float32.
   *
   * @param type {@link ElementType#FLOAT}, {@link ElementType#FLOAT16} or {@link
   *     ElementType#BFLOAT16}
   */
  public static Tensor ofFloats(
      OrtEnvironment environment, ElementType type, float[] values, long... shape) {
    checkCount(TensorLayout.of(type, shape), values.length, "numbers");
    return copyOf(
        environment,
        switch (type) {
          case FLOAT -> MemorySegment.ofArray(values);
          case FLOAT16 -> halves(values, Float::floatToFloat16);
          case BFLOAT16 -> halves(values, BFloat16::of);
          default ->
              throw new IllegalArgumentException(
                  "Floats make tensors of FLOAT, FLOAT16 or BFLOAT16, not of " + type + ".");
        },
        type,
        shape);
  }

  /** A new float32 tensor with these values. */
  public static Tensor ofFloats(OrtEnvironment environment, float[] values, long... shape) {
    return ofFloats(environment, ElementType.FLOAT, values, shape);
  }

  private interface Narrowing {
    short of(float value);
  }

  private static MemorySegment halves(float[] values, Narrowing narrowing) {
    short[] halves = new short[values.length];
    for (int i = 0; i < halves.length; i++) {
      halves[i] = narrowing.of(values[i]);
    }
    return MemorySegment.ofArray(halves);
  }

  /** A tensor of strings. */
  public static Tensor ofStrings(OrtEnvironment environment, String[] strings, long... shape) {
    checkCount(TensorLayout.of(ElementType.STRING, shape), strings.length, "strings");
    Tensor tensor = allocate(environment, ElementType.STRING, shape);
    try {
      for (int i = 0; i < strings.length; i++) {
        // By length, not to a zero: a zero may be a character of the string.
        byte[] bytes = strings[i].getBytes(StandardCharsets.UTF_8);
        long buffer =
            environment
                .api()
                .make(
                    Function.GetResizedStringTensorElementBuffer, tensor.handle(), i, bytes.length);
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

  private static void checkCount(TensorLayout layout, int given, String what) {
    if (layout.elements() != given) {
      throw new IllegalArgumentException(
          "A shape "
              + Arrays.toString(layout.shape())
              + " has "
              + layout.elements()
              + " elements, but there are "
              + given
              + " "
              + what
              + ".");
    }
  }

  /** Takes over a dense tensor that ONNX Runtime made; see {@link OrtValue#take}. */
  static Tensor take(
      OrtEnvironment environment,
      long value,
      List<MemorySegment> borrowed,
      List<SessionAllocator> allocators) {
    Api api = environment.api();
    try (Scratch scratch = Scratch.open()) {
      TensorLayout layout = TensorLayout.of(api, value, scratch);
      return new Tensor(
          environment, value, layout, lent(api, value, layout, borrowed), null, allocators);
    }
  }

  /** The part of a caller's memory that is the value's memory; null when it has its own. */
  private static @Nullable MemorySegment lent(
      Api api, long value, TensorLayout layout, List<MemorySegment> borrowed) {
    if (borrowed.isEmpty() || layout.type() == ElementType.STRING) {
      return null;
    }
    long address = api.make(Function.GetTensorMutableData, value);
    for (MemorySegment memory : borrowed) {
      long start = address - memory.address();
      if (start >= 0 && start + layout.bytes() <= memory.byteSize()) {
        return memory.asSlice(start, layout.bytes());
      }
    }
    return null;
  }

  boolean isWrapped() {
    return wrapped != null;
  }

  /**
   * This tensor's memory as if it were the caller's; it must be entered as long as that is used.
   */
  Tensor wrapped() {
    return wrap(environment(), address().reinterpret(byteSize()), type(), shape());
  }

  /** The type of the elements. */
  public ElementType type() {
    return layout.type();
  }

  /** Sizes, outermost first; empty for a scalar. A copy. */
  public long[] shape() {
    return layout.shape().clone();
  }

  /** Number of elements: 1 for a scalar, 0 for an empty tensor. */
  public long elements() {
    return layout.elements();
  }

  /** Size of the data; 0 for strings. */
  public long byteSize() {
    return layout.bytes();
  }

  /**
   * The tensor's memory, without a copy. Using the segment after the tensor was closed throws
   * {@link IllegalStateException}. The first call makes an arena that {@link #close} closes, which
   * costs some microseconds: {@link #copyTo} is cheaper for a tensor that is read once.
   *
   * @throws IllegalStateException when the tensor is closed, holds strings, or lies in a device's
   *     memory
   */
  public MemorySegment data() {
    checkPlain();
    synchronized (this) {
      if (isClosed()) {
        throw new IllegalStateException("The tensor is closed.");
      }
      if (wrapped != null) {
        return wrapped;
      }
      if (view == null) {
        Arena arena = Arena.ofShared();
        try {
          view = new View(arena, address().reinterpret(byteSize(), arena, null));
        } catch (Throwable t) {
          arena.close();
          throw t;
        }
      }
      return view.segment();
    }
  }

  /** Copies all elements' bytes to the start of {@code target}, on the heap or not. */
  public void copyTo(MemorySegment target) {
    copy(raw -> MemorySegment.copy(raw, 0, target, 0, raw.byteSize()));
  }

  /**
   * Fills the tensor with bytes.
   *
   * @param elements exactly {@link #byteSize} bytes, on the heap or not
   * @throws IllegalArgumentException when there are fewer or more
   */
  public void copyFrom(MemorySegment elements) {
    checkPlain();
    checkSize(layout, elements, true);
    copy(raw -> raw.copyFrom(elements));
  }

  /**
   * All elements of a tensor of {@link ElementType#FLOAT}, {@link ElementType#FLOAT16} or {@link
   * ElementType#BFLOAT16}.
   *
   * @throws IllegalStateException for another type
   */
  public float[] toFloatArray() {
    float[] array = new float[Math.toIntExact(elements())];
    switch (type()) {
      case FLOAT -> copy(raw -> MemorySegment.copy(raw, JAVA_FLOAT, 0, array, 0, array.length));
      case FLOAT16 ->
          copy(
              raw -> {
                for (int i = 0; i < array.length; i++) {
                  array[i] = Float.float16ToFloat(raw.getAtIndex(JAVA_SHORT, i));
                }
              });
      case BFLOAT16 ->
          copy(
              raw -> {
                for (int i = 0; i < array.length; i++) {
                  array[i] = BFloat16.toFloat(raw.getAtIndex(JAVA_SHORT, i));
                }
              });
      default ->
          throw new IllegalStateException(
              "The tensor's elements are " + type() + ", not FLOAT, FLOAT16 or BFLOAT16.");
    }
    return array;
  }

  /**
   * All elements as the Java array of their type, in a copy: {@code float[]}, {@code double[]},
   * {@code long[]}, {@code int[]}, {@code short[]} or {@code byte[]} by their size, signed or not;
   * {@code boolean[]}; {@code String[]}; {@code float[]} for FLOAT16 and BFLOAT16; the raw {@code
   * byte[]} for the types that Java has no number for (complex, 8 bits and less).
   */
  public Object toArray() {
    int n = type().bits() == 0 ? 0 : Math.toIntExact(elements());
    return switch (type()) {
      case FLOAT, FLOAT16, BFLOAT16 -> toFloatArray();
      case STRING -> strings();
      case DOUBLE -> filled(new double[n], MemorySegment::ofArray);
      case INT64, UINT64 -> filled(new long[n], MemorySegment::ofArray);
      case INT32, UINT32 -> filled(new int[n], MemorySegment::ofArray);
      case INT16, UINT16 -> filled(new short[n], MemorySegment::ofArray);
      case BOOL -> {
        boolean[] truths = new boolean[n];
        copy(
            raw -> {
              for (int i = 0; i < n; i++) {
                truths[i] = raw.get(JAVA_BYTE, i) != 0;
              }
            });
        yield truths;
      }
      default -> filled(new byte[Math.toIntExact(byteSize())], MemorySegment::ofArray);
    };
  }

  private <A> A filled(A array, java.util.function.Function<A, MemorySegment> segment) {
    copyTo(segment.apply(array));
    return array;
  }

  /**
   * All elements of a tensor of strings.
   *
   * @throws IllegalStateException for another type
   */
  public String[] strings() {
    if (type() != ElementType.STRING) {
      throw new IllegalStateException("The tensor's elements are " + type() + ", not STRING.");
    }
    int n = Math.toIntExact(elements());
    long handle = enter();
    try (Arena arena = Arena.ofConfined()) {
      Api api = api();
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
      leave();
    }
  }

  /** Where the tensor's memory is. */
  public Memory memory() {
    long handle = enter();
    try {
      return Memory.of(api(), api().make(Function.GetTensorMemoryInfo, handle));
    } finally {
      leave();
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
    super.close();
  }

  @Override
  public String toString() {
    return layout.toString();
  }

  /** For an open tensor: whether Java can read the memory. */
  boolean isInMainMemory() {
    Boolean known = inMainMemory;
    if (known == null) {
      known = Memory.of(api(), api().make(Function.GetTensorMemoryInfo, handle())).isMain();
      inMainMemory = known;
    }
    return known;
  }

  private interface Use {
    void of(MemorySegment raw);
  }

  private void copy(Use use) {
    checkPlain();
    enter();
    try {
      use.of(wrapped != null ? wrapped : address().reinterpret(byteSize()));
    } finally {
      Reference.reachabilityFence(this);
      leave();
    }
  }

  /** As {@link #copyFrom(MemorySegment)}, from a tensor of the same size. */
  void copyFrom(Tensor source) {
    copy(source::copyTo);
  }

  private void checkPlain() {
    if (type() == ElementType.STRING) {
      throw new IllegalStateException("A tensor of strings has no plain memory; use strings().");
    }
  }

  /** For an open tensor. A pointer into a device's memory would end the process when read. */
  private MemorySegment address() {
    if (!isInMainMemory()) {
      throw new IllegalStateException(
          "The tensor lies in a device's memory ("
              + memory()
              + "), which Java cannot read; copy it with OrtEnvironment.copy.");
    }
    return MemorySegment.ofAddress(api().make(Function.GetTensorMutableData, handle()));
  }
}
