package org.alexnetedge.ort;

import java.lang.foreign.Arena;

/**
 * Options of a run, and the way to end it from another thread.
 *
 * <p>Owned by whoever made it; may be used by several runs at once, which {@link #terminate} then
 * all ends. {@link #terminate} and {@link #close} may be called by any thread at any time; the
 * others not while a run uses the options, since that reads the texts that they replace.
 */
public final class RunOptions implements AutoCloseable {
  private final OrtEnvironment environment;
  private final Api api;
  private final long handle;
  private final Lifetime lifetime;

  public RunOptions(OrtEnvironment environment) {
    this.environment = environment;
    api = environment.api();
    long made = api.make(Function.CreateRunOptions);
    handle = made;
    Api owner = api;
    lifetime = new Lifetime("run options", () -> owner.plain(Function.ReleaseRunOptions, made));
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
    lifetime.enter();
    try (Arena arena = Arena.ofConfined()) {
      api.call(Function.RunOptionsSetRunTag, handle, arena.allocateFrom(tag).address());
    } finally {
      lifetime.leave();
    }
  }

  /** The run's own log level. */
  public void logLevel(LogLevel level) {
    lifetime.enter();
    try {
      api.call(Function.RunOptionsSetRunLogSeverityLevel, handle, level.ordinal());
    } finally {
      lifetime.leave();
    }
  }

  /** An entry of onnxruntime_run_options_config_keys.h. */
  public void configuration(String key, String value) {
    lifetime.enter();
    try (Arena arena = Arena.ofConfined()) {
      api.call(
          Function.AddRunConfigEntry,
          handle,
          arena.allocateFrom(key).address(),
          arena.allocateFrom(value).address());
    } finally {
      lifetime.leave();
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

  /** Starts a use by a run of a library's session. */
  long enter(OrtEnvironment user) {
    if (user != environment) {
      throw new IllegalArgumentException(
          "The run options belong to another library ("
              + environment.library()
              + ") than the session ("
              + user.library()
              + ").");
    }
    lifetime.enter();
    return handle;
  }

  void leave() {
    lifetime.leave();
  }

  @Override
  public void close() {
    lifetime.close();
  }
}
