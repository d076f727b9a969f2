package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Inputs and outputs tied to tensors, so that a run makes no objects at all, in Java or native.
 *
 * <p>For one thread at a time. Bound tensors stay the caller's and must be open at each run.
 */
public final class IoBinding implements AutoCloseable {
  private static final Tensor[] NOTHING = {};

  private final Session session;
  private final OrtEnvironment environment;
  private final long handle;
  private final Lifetime lifetime;
  private final Map<String, Tensor> bound = new LinkedHashMap<>();

  /** Outputs that ONNX Runtime allocates. */
  private final Set<String> unbound = new LinkedHashSet<>();

  /** {@link #bound} and what it holds, as arrays for the run; null when they must be made anew. */
  private Tensor @Nullable [] tensors;

  /** Addresses of the names in {@link #unbound}. */
  private long[] allocated = new long[0];

  private MemorySegment[] held = new MemorySegment[0];

  public IoBinding(Session session) {
    this.session = session;
    this.environment = session.environment();
    Api api = environment.api();
    // The session lives as long as the binding, even when it is closed before.
    long sessionHandle = session.enter();
    try {
      this.handle = api.make(Function.CreateIoBinding, sessionHandle);
    } catch (Throwable t) {
      session.leave();
      throw t;
    }
    long made = handle;
    this.lifetime =
        new Lifetime(
            "binding",
            () -> {
              api.plain(Function.ReleaseIoBinding, made);
              session.leave();
            });
  }

  /** Ties an input to a tensor, whose content is read at each run. */
  public void bindInput(String name, Tensor tensor) {
    Session.checkNames(List.of(name), session.inputs(), "input");
    bind(Function.BindInput, "input " + name, name, tensor);
  }

  /** Ties an output to a tensor of the right type and shape, which each run writes to. */
  public void bindOutput(String name, Tensor tensor) {
    Session.checkNames(List.of(name), session.outputs(), "output");
    bind(Function.BindOutput, "output " + name, name, tensor);
    unbound.remove(name);
  }

  /**
   * Lets ONNX Runtime allocate an output at each run, in CPU memory and in the size that it turns
   * out to have; see {@link #outputs}.
   */
  public void bindOutput(String name) {
    Session.checkNames(List.of(name), session.outputs(), "output");
    enter();
    try {
      allocate(session.address(name));
      unbound.add(name);
      bound.remove("output " + name);
      tensors = null;
    } finally {
      lifetime.leave();
    }
  }

  private void allocate(long name) {
    environment.api().call(Function.BindOutputToDevice, handle, name, environment.cpuMemory());
  }

  private void bind(Function function, String key, String name, Tensor tensor) {
    enter();
    try (Uses uses = new Uses(environment)) {
      environment.api().call(function, handle, session.address(name), uses.enter(tensor));
      bound.put(key, tensor);
      tensors = null;
    } finally {
      lifetime.leave();
    }
  }

  /** Runs the session; see {@link #run(RunOptions)}. */
  public void run() {
    run(null);
  }

  /**
   * Runs the session with what is bound.
   *
   * @throws IllegalStateException when the binding, the session or a bound tensor is closed, or a
   *     wrapped tensor's memory is gone
   * @throws OrtException when types or shapes do not fit, or the run fails or is ended
   */
  public void run(@Nullable RunOptions options) {
    enter();
    Tensor[] used = NOTHING;
    int entered = 0;
    RunOptions enteredOptions = null;
    try {
      used = tensors != null ? tensors : prepare();
      long optionsHandle = 0;
      if (options != null) {
        optionsHandle = options.enter(environment);
        enteredOptions = options;
      }
      for (; entered < used.length; entered++) {
        used[entered].enter();
      }
      for (long name : allocated) {
        // Else the run would write over what it allocated the last time, and only in that size.
        allocate(name);
      }
      Api api = environment.api();
      api.check(
          Calls.callHolding(
              api.function(Function.RunWithBinding),
              session.handle(),
              optionsHandle,
              handle,
              0,
              0,
              0,
              0,
              0,
              held));
    } finally {
      while (entered > 0) {
        used[--entered].leave();
      }
      if (enteredOptions != null) {
        enteredOptions.leave();
      }
      lifetime.leave();
      Reference.reachabilityFence(this);
    }
  }

  /**
   * The outputs of the last run, in the order of binding: what ONNX Runtime allocated and what was
   * bound alike. The caller closes them; bound tensors stay open.
   */
  public Outputs outputs() {
    enter();
    try (Arena arena = Arena.ofConfined()) {
      Api api = environment.api();
      MemorySegment out = arena.allocate(JAVA_LONG);
      MemorySegment lengths = arena.allocate(JAVA_LONG);
      MemorySegment count = arena.allocate(JAVA_LONG);
      api.call(
          Function.GetBoundOutputNames,
          handle,
          environment.allocator(),
          out.address(),
          lengths.address(),
          count.address());
      List<String> outputNames = takeNames(out, lengths, count.get(JAVA_LONG, 0));
      api.call(
          Function.GetBoundOutputValues,
          handle,
          environment.allocator(),
          out.address(),
          count.address());
      long n = count.get(JAVA_LONG, 0);
      if (n == 0) {
        return Outputs.take(environment, List.of(), MemorySegment.NULL, List.of());
      }
      long values = out.get(JAVA_LONG, 0);
      try {
        return Outputs.take(
            environment,
            outputNames,
            MemorySegment.ofAddress(values).reinterpret(n * JAVA_LONG.byteSize()),
            bound.values());
      } finally {
        api.call(Function.AllocatorFree, environment.allocator(), values);
      }
    } finally {
      lifetime.leave();
    }
  }

  /** The names lie one after another, without zeros between. */
  private List<String> takeNames(MemorySegment out, MemorySegment lengths, long n) {
    if (n == 0) {
      return List.of();
    }
    long[] sizes =
        MemorySegment.ofAddress(lengths.get(JAVA_LONG, 0))
            .reinterpret(n * JAVA_LONG.byteSize())
            .toArray(JAVA_LONG);
    MemorySegment text =
        MemorySegment.ofAddress(out.get(JAVA_LONG, 0)).reinterpret(Arrays.stream(sizes).sum());
    List<String> result = new ArrayList<>();
    long start = 0;
    for (long size : sizes) {
      result.add(new String(text.asSlice(start, size).toArray(JAVA_BYTE), StandardCharsets.UTF_8));
      start += size;
    }
    Api api = environment.api();
    api.call(Function.AllocatorFree, environment.allocator(), out.get(JAVA_LONG, 0));
    api.call(Function.AllocatorFree, environment.allocator(), lengths.get(JAVA_LONG, 0));
    return result;
  }

  private Tensor[] prepare() {
    Tensor[] made = bound.values().toArray(new Tensor[0]);
    // The same bookkeeping as for a run by names, done once instead of at each run.
    try (Uses uses = new Uses(environment)) {
      for (Tensor tensor : made) {
        uses.enter(tensor);
      }
      held = uses.held();
    }
    allocated = unbound.stream().mapToLong(session::address).toArray();
    tensors = made;
    return made;
  }

  private void enter() {
    lifetime.enter();
    if (session.isClosed()) {
      lifetime.leave();
      throw new IllegalStateException("The session is closed.");
    }
  }

  /** Releases the binding; bound tensors stay open. Does nothing the second time. */
  @Override
  public void close() {
    lifetime.close();
  }
}
