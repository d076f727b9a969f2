package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A sequence of values of one type: tensors, or maps.
 *
 * <p>It owns its elements; {@link #get} gives values of their own, which outlive the sequence.
 */
public final class SequenceValue extends OrtValue {
  private static final int ONNX_TYPE_SEQUENCE = 2; // onnxruntime_c_api.h

  SequenceValue(
      OrtEnvironment environment,
      long handle,
      List<MemorySegment> borrowed,
      List<SessionAllocator> allocators) {
    super(environment, handle, "sequence", borrowed, allocators);
  }

  /**
   * A sequence of the values' contents; they stay the caller's and may be closed afterwards. Memory
   * that an element wraps is checked at each run of the sequence, as the element's own would be.
   *
   * @param elements at least one: ONNX Runtime cannot tell the type of an empty sequence
   * @throws IllegalArgumentException when there is none, or an element is an {@link AbsentValue}
   * @throws OrtException when their types differ, or are no tensors or maps
   */
  public static SequenceValue of(OrtEnvironment environment, List<? extends OrtValue> elements) {
    if (elements.isEmpty()) {
      throw new IllegalArgumentException(
          "A sequence made here needs an element: its type is that of the first.");
    }
    for (int i = 0; i < elements.size(); i++) {
      if (elements.get(i) instanceof AbsentValue) {
        throw new IllegalArgumentException(
            "A sequence holds tensors or maps; the element number " + i + " is an absent value.");
      }
    }
    try (Uses uses = new Uses(environment, "sequence")) {
      long made = create(uses, elements, ONNX_TYPE_SEQUENCE);
      return new SequenceValue(
          environment, made, List.copyOf(uses.borrowed()), List.copyOf(uses.allocators()));
    }
  }

  /** CreateValue for a sequence's elements, or a map's keys and values. */
  static long create(Uses uses, List<? extends OrtValue> parts, int type) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment handles = arena.allocate(JAVA_LONG, parts.size());
      for (int i = 0; i < parts.size(); i++) {
        handles.setAtIndex(JAVA_LONG, i, uses.enter(parts.get(i)));
      }
      MemorySegment out = arena.allocate(JAVA_LONG);
      Api api = uses.environment().api();
      api.check(
          uses.call(
              Function.CreateValue,
              handles.address(),
              parts.size(),
              type,
              out.address(),
              0,
              0,
              0,
              0));
      return out.get(JAVA_LONG, 0);
    }
  }

  /** Number of elements. */
  public int size() {
    long handle = enter();
    try {
      return Math.toIntExact(api().make(Function.GetValueCount, handle));
    } finally {
      leave();
    }
  }

  /**
   * An element, as a value of its own that the caller closes.
   *
   * @param index from 0
   * @throws IndexOutOfBoundsException when there is none
   * @throws IllegalStateException when the sequence is closed, or memory that its elements were
   *     made over is gone
   */
  public OrtValue get(int index) {
    try (Uses uses = new Uses(environment(), "sequence")) {
      long handle = uses.enter(this);
      long size = api().make(Function.GetValueCount, handle);
      if (index < 0 || index >= size) {
        throw new IndexOutOfBoundsException(
            "The sequence has " + size + " elements; there is no number " + index + ".");
      }
      return part(uses, handle, index);
    }
  }

  /**
   * An element that is a dense tensor.
   *
   * @throws IllegalStateException when it is something else
   */
  public Tensor tensor(int index) {
    OrtValue element = get(index);
    if (element instanceof Tensor tensor) {
      return tensor;
    }
    element.close();
    throw new IllegalStateException("The elements are " + element.kind() + "s, not tensors.");
  }

  /** A part of a sequence or map that has been entered; ONNX Runtime copies it. */
  static OrtValue part(Uses uses, long handle, int index) {
    OrtEnvironment environment = uses.environment();
    Api api = environment.api();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      api.check(
          uses.call(
              Function.GetValue,
              handle,
              index,
              environment.allocator(),
              out.address(),
              0,
              0,
              0,
              0));
      return take(environment, out.get(JAVA_LONG, 0), uses.borrowed(), uses.allocators());
    }
  }

  @Override
  public String toString() {
    return "sequence";
  }
}
