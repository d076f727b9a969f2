package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A value that goes into a model or comes out of it. Owned by whoever made it; for the outputs of a
 * run that is whoever closes the {@link Outputs}.
 *
 * <p>Thread-safe as far as ownership goes: a value that is closed during a run is released when the
 * run ends, and one that is used after it was closed throws {@link IllegalStateException}.
 */
public abstract sealed class OrtValue implements AutoCloseable
    permits Tensor, SparseTensor, SequenceValue, MapValue, AbsentValue {

  private final OrtEnvironment environment;
  private final long handle;
  private final String kind;
  private final List<MemorySegment> borrowed;
  private final List<SessionAllocator> allocators;
  private final Lifetime lifetime;

  /**
   * @param kind what it is called in messages: "tensor"
   * @param borrowed memory of callers' that the value lies in, or may lie in
   * @param allocators of sessions, that made or may have made its memory
   */
  OrtValue(
      OrtEnvironment environment,
      long handle,
      String kind,
      List<MemorySegment> borrowed,
      List<SessionAllocator> allocators) {
    this.environment = environment;
    this.handle = handle;
    this.kind = kind;
    this.borrowed = borrowed;
    this.allocators = allocators;
    allocators.forEach(SessionAllocator::keep);
    Api api = environment.api();
    this.lifetime =
        new Lifetime(
            kind,
            () -> {
              api.plain(Function.ReleaseValue, handle);
              allocators.forEach(SessionAllocator::leave);
            });
  }

  /**
   * Takes over a value that ONNX Runtime made; it is released when that fails.
   *
   * @param borrowed memory of callers' that ONNX Runtime was working with: the value can lie in it
   * @param allocators of the values that it was working with
   */
  static OrtValue take(
      OrtEnvironment environment,
      long value,
      List<MemorySegment> borrowed,
      List<SessionAllocator> allocators) {
    Api api = environment.api();
    try (Scratch scratch = Scratch.open()) {
      MemorySegment out = scratch.allocate(JAVA_LONG);
      api.call(Function.HasValue, value, out.address());
      if (out.get(JAVA_INT, 0) == 0) {
        return new AbsentValue(environment, value);
      }
      api.call(Function.GetValueType, value, out.address());
      int kind = out.get(JAVA_INT, 0);
      return switch (kind) { // enum ONNXType of onnxruntime_c_api.h
        case 1 -> Tensor.take(environment, value, borrowed, allocators);
        case 2 -> new SequenceValue(environment, value, borrowed, allocators);
        case 3 -> new MapValue(environment, value);
        case 5 -> SparseTensor.take(environment, value);
        default ->
            throw new OrtException(
                "A value of ONNX type number "
                    + kind
                    + " came out, which is neither a tensor, a sequence, a map nor a sparse"
                    + " tensor.");
      };
    } catch (Throwable t) {
      api.plain(Function.ReleaseValue, value);
      throw t;
    }
  }

  /** Releases the value; does nothing the second time. */
  @Override
  public void close() {
    lifetime.close();
  }

  /** Starts a use by a call; the handle may be passed on until {@link #leave}. */
  final long enter() {
    lifetime.enter();
    return handle;
  }

  final void leave() {
    lifetime.leave();
  }

  /** Valid while the value is entered, or known to be open. */
  final long handle() {
    return handle;
  }

  final boolean isClosed() {
    return lifetime.isClosed();
  }

  final OrtEnvironment environment() {
    return environment;
  }

  final Api api() {
    return environment.api();
  }

  /** What it is called in messages: "tensor". */
  final String kind() {
    return kind;
  }

  /** Memory of callers' that the value lies in, or may lie in. */
  final List<MemorySegment> borrowed() {
    return borrowed;
  }

  /** Allocators of sessions that its memory is from, or may be from. */
  final List<SessionAllocator> allocators() {
    return allocators;
  }
}
