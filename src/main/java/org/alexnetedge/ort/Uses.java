package org.alexnetedge.ort;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a call uses, or a session for as long as it lives: each value is entered once and left at
 * the end, and memory of callers' is held during a call so that its arena cannot be closed
 * meanwhile.
 */
final class Uses implements AutoCloseable {
  private static final MemorySegment[] NOTHING = new MemorySegment[Calls.HOLDERS];

  static {
    Arrays.fill(NOTHING, MemorySegment.NULL);
  }

  private final OrtEnvironment environment;
  private final String user;
  private OrtValue[] values = new OrtValue[4];
  private int entered;
  private List<Runnable> others = List.of();
  private List<MemorySegment> borrowed = List.of();
  private List<SessionAllocator> allocators = List.of();
  private MemorySegment[] held = NOTHING;
  private int holding;

  /**
   * @param user what uses them, for messages: "session"
   */
  Uses(OrtEnvironment environment, String user) {
    this.environment = environment;
    this.user = user;
  }

  OrtEnvironment environment() {
    return environment;
  }

  /** Enters a value; its handle is valid until {@link #close}. */
  long enter(OrtValue value) {
    checkLibrary(value.kind(), value.environment());
    long handle = value.enter();
    if (entered == values.length) {
      values = Arrays.copyOf(values, 2 * entered);
    }
    values[entered++] = value;
    List<MemorySegment> memory = value.borrowed();
    for (int i = 0; i < memory.size(); i++) {
      hold(memory.get(i));
    }
    if (!value.allocators().isEmpty()) {
      allocators = new ArrayList<>(allocators);
      allocators.addAll(value.allocators());
    }
    return handle;
  }

  /** Enters options; null are none. */
  long enter(@Nullable RunOptions options) {
    if (options == null) {
      return 0;
    }
    checkLibrary("options", options.environment());
    long handle = options.enter();
    leaveAtEnd(options::leave);
    return handle;
  }

  /** Enters something else that has a lifetime, such as a container of weights. */
  void enter(Lifetime lifetime, String kind, OrtEnvironment owner) {
    checkLibrary(kind, owner);
    lifetime.enter();
    leaveAtEnd(lifetime::leave);
  }

  private void leaveAtEnd(Runnable leave) {
    if (others.isEmpty()) {
      others = new ArrayList<>();
    }
    others.add(leave);
  }

  private void checkLibrary(String kind, OrtEnvironment owner) {
    if (owner != environment) {
      throw new IllegalArgumentException(
          "The "
              + kind
              + " belongs to another library ("
              + owner.library()
              + ") than the "
              + user
              + " ("
              + environment.library()
              + ").");
    }
  }

  /** Memory that must not go away while the call runs; one segment for each scope is held. */
  void hold(MemorySegment segment) {
    if (borrowed.isEmpty()) {
      borrowed = new ArrayList<>();
    }
    borrowed.add(segment);
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
    if (holding == 0) {
      held = NOTHING.clone();
    }
    held[holding++] = segment;
  }

  /** All memory of callers' that the values lie in. */
  List<MemorySegment> borrowed() {
    return borrowed;
  }

  /** Allocators of sessions that the values' memory is from; valid until {@link #close}. */
  List<SessionAllocator> allocators() {
    return allocators;
  }

  /** For {@link Calls#callHolding}. */
  MemorySegment[] held() {
    return held;
  }

  /** Calls a function while everything is held; returns the status. */
  long call(Function function, long a, long b, long c, long d, long e, long f, long g, long h) {
    MemorySegment address = environment.api().function(function);
    return holding == 0
        ? Calls.call(address, a, b, c, d, e, f, g, h)
        : Calls.callHolding(address, a, b, c, d, e, f, g, h, held);
  }

  @Override
  public void close() {
    while (entered > 0) {
      values[--entered].leave();
    }
    others.forEach(Runnable::run);
    others = List.of();
  }
}
