package org.alexnetedge.ort;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one run uses: each value is entered once and left at the end, and memory of callers' is held
 * so that its arena cannot be closed meanwhile.
 */
final class Uses implements AutoCloseable {
  private final OrtEnvironment environment;
  private final List<Tensor> entered = new ArrayList<>();
  private final MemorySegment[] held = new MemorySegment[Calls.HOLDERS];
  private @Nullable RunOptions options;
  private int holding;

  Uses(OrtEnvironment environment) {
    this.environment = environment;
    Arrays.fill(held, MemorySegment.NULL);
  }

  long enter(OrtValue value) {
    Tensor tensor = (Tensor) value;
    if (tensor.environment() != environment) {
      throw new IllegalArgumentException(
          "The tensor belongs to another library ("
              + tensor.environment().library()
              + ") than the session ("
              + environment.library()
              + ").");
    }
    long handle = tensor.enter();
    entered.add(tensor);
    MemorySegment wrapped = tensor.wrapped();
    if (wrapped != null) {
      hold(wrapped);
    }
    return handle;
  }

  long enter(@Nullable RunOptions given) {
    if (given == null) {
      return 0;
    }
    long handle = given.enter(environment);
    options = given;
    return handle;
  }

  /** One segment for each scope is enough. */
  private void hold(MemorySegment segment) {
    for (int i = 0; i < holding; i++) {
      if (held[i].scope().equals(segment.scope())) {
        return;
      }
    }
    if (holding == Calls.HOLDERS) {
      throw new IllegalArgumentException(
          "A run can use memory of at most "
              + Calls.HOLDERS
              + " arenas; allocate the tensors' memory from fewer.");
    }
    held[holding++] = segment;
  }

  List<Tensor> tensors() {
    return entered;
  }

  MemorySegment[] held() {
    return held;
  }

  @Override
  public void close() {
    entered.forEach(Tensor::leave);
    if (options != null) {
      options.leave();
    }
  }
}
