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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Inputs and outputs tied to values, so that a run makes no objects at all, in Java or native.
 *
 * <p>For one thread at a time; a second one gets an {@link IllegalStateException}. Bound values
 * stay the caller's and must be open at each run.
 */
public final class IoBinding implements AutoCloseable {
  private static final OrtValue[] NOTHING = {};

  private final Session session;
  private final OrtEnvironment environment;
  private final long handle;
  private final Lifetime lifetime;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final Map<String, OrtValue> bound = new LinkedHashMap<>();

  /** Outputs that ONNX Runtime allocates, with the {@code OrtMemoryInfo} that says where. */
  private final Map<String, Long> unbound = new LinkedHashMap<>();

  /** Memory infos that end with the binding. */
  private final List<Long> memoryInfos = new ArrayList<>();

  /** Of all values that were ever bound: native bindings keep them, and so do outputs. */
  private final Set<SessionAllocator> allocators = new LinkedHashSet<>();

  /** {@link #bound} and what it holds, as arrays for the run; null when they must be made anew. */
  private OrtValue @Nullable [] values;

  /** For each of {@link #unbound} the address of its name and its memory info. */
  private long[] allocated = new long[0];

  private MemorySegment[] held = new MemorySegment[0];

  /** Callers' memory that the last run worked with: what it made may lie there. */
  private List<MemorySegment> ranWith = List.of();

  /** Whether a run has made all of {@link #unbound}. */
  private boolean ran;

  /** A binding without values; its session's memory stays as long as it is open. */
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
    List<Long> infos = memoryInfos;
    Set<SessionAllocator> kept = allocators;
    this.lifetime =
        new Lifetime(
            "binding",
            () -> {
              api.plain(Function.ReleaseIoBinding, made);
              infos.forEach(info -> api.plain(Function.ReleaseMemoryInfo, info));
              kept.forEach(SessionAllocator::leave);
              session.leave();
            });
  }

  /**
   * Ties an input to a value, whose content is read at each run.
   *
   * @throws IllegalArgumentException when the model has no such input, or the value is an {@link
   *     AbsentValue}
   */
  public void bindInput(String name, OrtValue value) {
    bind(Function.BindInput, "input " + name, session.inputName(name), value);
  }

  /**
   * Ties an output to a value of the right type and shape, which each run writes to.
   *
   * @throws IllegalArgumentException when the model has no such output
   */
  public void bindOutput(String name, OrtValue value) {
    bind(Function.BindOutput, "output " + name, session.outputName(name), value);
    unbound.remove(name);
  }

  /**
   * Lets ONNX Runtime allocate an output at each run, in main memory and in the size that it turns
   * out to have; see {@link #outputs}.
   *
   * @throws IllegalArgumentException when the model has no such output
   */
  public void bindOutput(String name) {
    long address = session.outputName(name);
    enter();
    try {
      bindOutput(name, address, environment.cpuMemory());
    } finally {
      leave();
    }
  }

  /**
   * Lets ONNX Runtime allocate an output at each run, in a device's memory: for a run that goes on
   * with it there, or to be copied later ({@link OrtEnvironment#copy}).
   *
   * @throws IllegalArgumentException when the model has no such output
   */
  public void bindOutput(String name, Memory memory) {
    long address = session.outputName(name);
    enter();
    try (Arena arena = Arena.ofConfined()) {
      long info = memory.create(environment.api(), arena);
      memoryInfos.add(info);
      bindOutput(name, address, info);
    } finally {
      leave();
    }
  }

  private void bindOutput(String name, long address, long memoryInfo) {
    allocate(address, memoryInfo);
    unbound.put(name, memoryInfo);
    ran = false;
    bound.remove("output " + name);
    values = null;
  }

  private void allocate(long name, long memoryInfo) {
    environment.api().call(Function.BindOutputToDevice, handle, name, memoryInfo);
  }

  private void bind(Function function, String key, long name, OrtValue value) {
    if (value instanceof AbsentValue) {
      throw new IllegalArgumentException(
          "An absent value cannot be bound, here to the "
              + key
              + "; an optional input that nothing is bound to is absent.");
    }
    enter();
    try (Uses uses = new Uses(environment, "session")) {
      long valueHandle = uses.enter(value);
      for (SessionAllocator allocator : value.allocators()) {
        if (allocators.add(allocator)) {
          allocator.keep();
        }
      }
      // An input for a device is copied there at once.
      environment.api().check(uses.call(function, handle, name, valueHandle, 0, 0, 0, 0, 0));
      bound.put(key, value);
      values = null;
    } finally {
      leave();
    }
  }

  /** Runs the session; see {@link #run(RunOptions)}. */
  public void run() {
    run(null);
  }

  /**
   * Runs the session with what is bound.
   *
   * @param options null for none
   * @throws IllegalStateException when the binding, the session or a bound value is closed, or a
   *     wrapped tensor's memory is gone
   * @throws OrtException when types or shapes do not fit, or the run fails or is ended
   */
  public void run(@Nullable RunOptions options) {
    enter();
    OrtValue[] used = NOTHING;
    int entered = 0;
    RunOptions enteredOptions = null;
    try {
      used = values != null ? values : prepare();
      long optionsHandle = 0;
      if (options != null) {
        if (options.environment() != environment) {
          throw new IllegalArgumentException("The options belong to another library.");
        }
        options.refuseAdapters("runs of a binding");
        optionsHandle = options.enter();
        enteredOptions = options;
      }
      for (; entered < used.length; entered++) {
        used[entered].enter();
      }
      for (int i = 0; i < allocated.length; i += 2) {
        // Else the run would write over what it allocated the last time, and only in that size.
        allocate(allocated[i], allocated[i + 1]);
      }
      Api api = environment.api();
      MemorySegment run = api.function(Function.RunWithBinding);
      api.check(
          held.length == 0
              ? Calls.call(run, session.handle(), optionsHandle, handle)
              : Calls.callHolding(
                  run, session.handle(), optionsHandle, handle, 0, 0, 0, 0, 0, held));
      ran = true;
    } finally {
      while (entered > 0) {
        used[--entered].leave();
      }
      if (enteredOptions != null) {
        enteredOptions.leave();
      }
      leave();
      Reference.reachabilityFence(this);
    }
  }

  /**
   * The outputs of the last run, in the order of binding: what ONNX Runtime allocated and what was
   * bound alike. The caller closes them; bound values stay open.
   *
   * @throws IllegalStateException when no run has made them yet
   */
  public Outputs outputs() {
    enter();
    try (Arena arena = Arena.ofConfined()) {
      if (!ran && !unbound.isEmpty()) {
        throw new IllegalStateException(
            "There is no output yet: " + unbound.keySet() + " are made by a run of the binding.");
      }
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
        return Outputs.take(environment, List.of(), MemorySegment.NULL, List.of(), List.of());
      }
      long values = out.get(JAVA_LONG, 0);
      try {
        return Outputs.take(
            environment,
            outputNames,
            MemorySegment.ofAddress(values).reinterpret(n * JAVA_LONG.byteSize()),
            Stream.concat(
                    ranWith.stream(),
                    bound.values().stream().flatMap(value -> value.borrowed().stream()))
                .distinct()
                .toList(),
            List.copyOf(allocators));
      } finally {
        api.call(Function.AllocatorFree, environment.allocator(), values);
      }
    } finally {
      leave();
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

  private OrtValue[] prepare() {
    session.checkMaps(name -> bound.containsKey("input " + name));
    OrtValue[] made = bound.values().toArray(NOTHING);
    // The same bookkeeping as for a run by names, done once instead of at each run.
    try (Uses uses = new Uses(environment, "session")) {
      for (OrtValue value : made) {
        uses.enter(value);
      }
      session.heldByInitializers().forEach(uses::hold);
      ranWith = List.copyOf(uses.borrowed());
      held = uses.borrowed().isEmpty() ? new MemorySegment[0] : uses.held();
    }
    allocated =
        unbound.entrySet().stream()
            .flatMapToLong(
                entry -> LongStream.of(session.outputName(entry.getKey()), entry.getValue()))
            .toArray();
    values = made;
    return made;
  }

  /** One thread at a time: ONNX Runtime would write over what another run reads. */
  private void enter() {
    lifetime.enter();
    if (session.isClosed()) {
      lifetime.leave();
      throw new IllegalStateException("The session is closed.");
    }
    if (!busy.compareAndSet(false, true)) {
      lifetime.leave();
      throw new IllegalStateException(
          "Another thread is using the binding; make one for each thread.");
    }
  }

  private void leave() {
    busy.set(false);
    lifetime.leave();
  }

  /** Releases the binding; bound tensors stay open. Does nothing the second time. */
  @Override
  public void close() {
    lifetime.close();
  }
}
