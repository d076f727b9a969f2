package org.alexnetedge.ort;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Options of a run, and the way to end it from another thread.
 *
 * <p>Owned by whoever made it; may be used by several runs at once, which {@link #terminate} then
 * all ends. {@link #terminate} and {@link #close} may be called by any thread at any time; the
 * others throw {@link IllegalStateException} while a run uses the options, since that reads the
 * texts that they replace.
 */
public final class RunOptions implements AutoCloseable {
  private static final int CHANGING = -1;

  private final OrtEnvironment environment;
  private final Api api;
  private final long handle;
  private final Lifetime lifetime;

  /** Runs that use the options, or {@link #CHANGING}. */
  private final AtomicInteger runs = new AtomicInteger();

  private final List<LoraAdapter> adapters = new CopyOnWriteArrayList<>();

  /** Options that change nothing yet. */
  public RunOptions(OrtEnvironment environment) {
    this.environment = environment;
    api = environment.api();
    long made = api.make(Function.CreateRunOptions);
    handle = made;
    Api owner = api;
    List<LoraAdapter> activated = adapters;
    lifetime =
        new Lifetime(
            "run options",
            () -> {
              owner.plain(Function.ReleaseRunOptions, made);
              activated.forEach(LoraAdapter::leave);
            });
  }

  /** Ends the runs that use these options: they throw {@link OrtException} soon. */
  public void terminate() {
    set(Function.RunOptionsSetTerminate);
  }

  /** Makes the options usable again after {@link #terminate}. */
  public void clearTerminate() {
    set(Function.RunOptionsUnsetTerminate);
  }

  /** A tag for the run's log lines. */
  public void tag(String tag) {
    beginChange();
    try (Arena arena = Arena.ofConfined()) {
      api.call(Function.RunOptionsSetRunTag, handle, arena.allocateFrom(tag).address());
    } finally {
      endChange();
    }
  }

  /** The run's own log level. */
  public void logLevel(LogLevel level) {
    beginChange();
    try {
      api.call(Function.RunOptionsSetRunLogSeverityLevel, handle, level.ordinal());
    } finally {
      endChange();
    }
  }

  /** An entry of onnxruntime_run_options_config_keys.h. */
  public void configuration(String key, String value) {
    beginChange();
    try (Arena arena = Arena.ofConfined()) {
      api.call(
          Function.AddRunConfigEntry,
          handle,
          arena.allocateFrom(key).address(),
          arena.allocateFrom(value).address());
    } finally {
      endChange();
    }
  }

  private void set(Function function) {
    lifetime.enter();
    try {
      api.call(function, handle);
    } finally {
      lifetime.leave();
    }
  }

  /**
   * Uses an adapter's parameters in the runs; several adapters are used together. The options keep
   * it open until they are closed. Only {@link Session#run} takes them: ONNX Runtime (1.29) passes
   * them over in asynchronous runs and in those of bindings, which refuse such options therefore.
   * Needs ONNX Runtime 1.20.
   *
   * @throws IllegalArgumentException when it belongs to another library
   */
  public void activate(LoraAdapter adapter) {
    beginChange();
    try {
      long adapterHandle = adapter.enter(environment);
      try {
        api.call(Function.RunOptionsAddActiveLoraAdapter, handle, adapterHandle);
        adapters.add(adapter);
      } catch (Throwable t) {
        adapter.leave();
        throw t;
      }
    } finally {
      endChange();
    }
  }

  /** For runs in which ONNX Runtime would quietly compute without the adapters. */
  void refuseAdapters(String run) {
    if (!adapters.isEmpty()) {
      throw new IllegalArgumentException(
          "ONNX Runtime does not use adapters in "
              + run
              + ": use Session.run, or give their parameters as inputs.");
    }
  }

  OrtEnvironment environment() {
    return environment;
  }

  private void beginChange() {
    lifetime.enter();
    if (!runs.compareAndSet(0, CHANGING)) {
      lifetime.leave();
      throw new IllegalStateException(
          "A run is using the options; change them before it or after it.");
    }
  }

  private void endChange() {
    runs.set(0);
    lifetime.leave();
  }

  /** Starts a use by a run; the handle is valid until {@link #leave}. */
  long enter() {
    lifetime.enter();
    int before = runs.get();
    while (before == CHANGING || !runs.compareAndSet(before, before + 1)) {
      Thread.onSpinWait(); // A change takes less than a microsecond.
      before = runs.get();
    }
    return handle;
  }

  void leave() {
    runs.decrementAndGet();
    lifetime.leave();
  }

  /** Releases the options when no run uses them any more. Does nothing the second time. */
  @Override
  public void close() {
    lifetime.close();
  }
}
