package org.alexnetedge.ort;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a session is made. Immutable and without native memory.
 *
 * <p>What is not set keeps ONNX Runtime's default: the CPU, one thread for each core, all
 * optimisations.
 */
public final class SessionOptions {
  /** {@code ExecutionMode} of onnxruntime_c_api.h. */
  public enum ExecutionMode {
    SEQUENTIAL,
    PARALLEL
  }

  /** {@code GraphOptimizationLevel} of onnxruntime_c_api.h. */
  public enum OptimizationLevel {
    NONE(0),
    BASIC(1),
    EXTENDED(2),
    /** With layout changes, which are specific to the processor. */
    ALL(99);

    private final int code;

    OptimizationLevel(int code) {
      this.code = code;
    }
  }

  /** ONNX Runtime's own defaults. */
  public static final SessionOptions DEFAULT = builder().build();

  private final int intraOpThreads;
  private final int interOpThreads;
  private final ExecutionMode executionMode;
  private final OptimizationLevel optimization;
  private final boolean memoryPattern;
  private final boolean cpuArena;
  private final List<Provider> providers;
  private final boolean strict;
  private final Map<String, String> configuration;
  private final Map<String, Long> freeDimensions;
  private final Map<String, Long> freeDimensionDenotations;
  private final String logId;
  private final @Nullable LogLevel logLevel;
  private final @Nullable Path optimizedModel;
  private final @Nullable String profilePrefix;

  private SessionOptions(Builder builder) {
    intraOpThreads = builder.intraOpThreads;
    interOpThreads = builder.interOpThreads;
    executionMode = builder.executionMode;
    optimization = builder.optimization;
    memoryPattern = builder.memoryPattern;
    cpuArena = builder.cpuArena;
    providers = List.copyOf(builder.providers);
    strict = builder.strict;
    configuration = Collections.unmodifiableMap(new LinkedHashMap<>(builder.configuration));
    freeDimensions = Map.copyOf(builder.freeDimensions);
    freeDimensionDenotations = Map.copyOf(builder.freeDimensionDenotations);
    logId = builder.logId;
    logLevel = builder.logLevel;
    optimizedModel = builder.optimizedModel;
    profilePrefix = builder.profilePrefix;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** A builder that begins with these options. */
  public Builder toBuilder() {
    Builder builder = new Builder();
    builder.intraOpThreads = intraOpThreads;
    builder.interOpThreads = interOpThreads;
    builder.executionMode = executionMode;
    builder.optimization = optimization;
    builder.memoryPattern = memoryPattern;
    builder.cpuArena = cpuArena;
    builder.providers = providers;
    builder.strict = strict;
    builder.configuration.putAll(configuration);
    builder.freeDimensions.putAll(freeDimensions);
    builder.freeDimensionDenotations.putAll(freeDimensionDenotations);
    builder.logId = logId;
    builder.logLevel = logLevel;
    builder.optimizedModel = optimizedModel;
    builder.profilePrefix = profilePrefix;
    return builder;
  }

  /** The providers asked for, in the order of preference, without the CPU. */
  public List<Provider> providers() {
    return providers;
  }

  /** The configuration entries. */
  public Map<String, String> configuration() {
    return configuration;
  }

  /** Makes native options, which the caller releases. */
  long create(OrtEnvironment environment) {
    Api api = environment.api();
    long options = api.make(Function.CreateSessionOptions);
    try (Arena arena = Arena.ofConfined()) {
      api.call(Function.SetIntraOpNumThreads, options, intraOpThreads);
      api.call(Function.SetInterOpNumThreads, options, interOpThreads);
      api.call(Function.SetSessionExecutionMode, options, executionMode.ordinal());
      api.call(Function.SetSessionGraphOptimizationLevel, options, optimization.code);
      api.call(memoryPattern ? Function.EnableMemPattern : Function.DisableMemPattern, options);
      api.call(cpuArena ? Function.EnableCpuMemArena : Function.DisableCpuMemArena, options);
      if (!logId.isEmpty()) {
        api.call(Function.SetSessionLogId, options, arena.allocateFrom(logId).address());
      }
      if (logLevel != null) {
        api.call(Function.SetSessionLogSeverityLevel, options, logLevel.ordinal());
      }
      if (optimizedModel != null) {
        api.call(
            Function.SetOptimizedModelFilePath,
            options,
            CStrings.path(arena, optimizedModel).address());
      }
      if (profilePrefix != null) {
        api.call(Function.EnableProfiling, options, arena.allocateFrom(profilePrefix).address());
      }
      freeDimensions.forEach(
          (symbol, size) ->
              api.call(
                  Function.AddFreeDimensionOverrideByName,
                  options,
                  arena.allocateFrom(symbol).address(),
                  size));
      freeDimensionDenotations.forEach(
          (denotation, size) ->
              api.call(
                  Function.AddFreeDimensionOverride,
                  options,
                  arena.allocateFrom(denotation).address(),
                  size));
      configuration.forEach(
          (key, value) ->
              api.call(
                  Function.AddSessionConfigEntry,
                  options,
                  arena.allocateFrom(key).address(),
                  arena.allocateFrom(value).address()));
      if (strict && !providers.isEmpty()) {
        api.call(
            Function.AddSessionConfigEntry,
            options,
            arena.allocateFrom("session.disable_cpu_ep_fallback").address(),
            arena.allocateFrom("1").address());
      }
      for (Provider provider : providers) {
        provider.appendTo(environment, options);
      }
      return options;
    } catch (Throwable t) {
      api.plain(Function.ReleaseSessionOptions, options);
      throw t;
    }
  }

  /** Collects options. Not thread-safe. */
  public static final class Builder {
    private int intraOpThreads;
    private int interOpThreads;
    private ExecutionMode executionMode = ExecutionMode.SEQUENTIAL;
    private OptimizationLevel optimization = OptimizationLevel.ALL;
    private boolean memoryPattern = true;
    private boolean cpuArena = true;
    private List<Provider> providers = List.of();
    private boolean strict;
    private final Map<String, String> configuration = new LinkedHashMap<>();
    private final Map<String, Long> freeDimensions = new LinkedHashMap<>();
    private final Map<String, Long> freeDimensionDenotations = new LinkedHashMap<>();
    private String logId = "";
    private @Nullable LogLevel logLevel;
    private @Nullable Path optimizedModel;
    private @Nullable String profilePrefix;

    private Builder() {}

    /** Threads for one operator; 0: one for each core. */
    public Builder intraOpThreads(int threads) {
      intraOpThreads = threads;
      return this;
    }

    /** Threads across operators, for {@link ExecutionMode#PARALLEL}; 0: as many as cores. */
    public Builder interOpThreads(int threads) {
      interOpThreads = threads;
      return this;
    }

    /** Operators one after another, or side by side where the graph permits it. */
    public Builder executionMode(ExecutionMode mode) {
      executionMode = mode;
      return this;
    }

    /** How far the graph is rewritten. */
    public Builder optimization(OptimizationLevel level) {
      optimization = level;
      return this;
    }

    /** Whether memory is planned once for equal input shapes. */
    public Builder memoryPattern(boolean on) {
      memoryPattern = on;
      return this;
    }

    /** Whether freed CPU memory is kept for the next run. */
    public Builder cpuArena(boolean on) {
      cpuArena = on;
      return this;
    }

    /** Providers in the order of preference; the CPU always comes last by itself. */
    public Builder providers(Provider... preferred) {
      providers = List.of(preferred);
      return this;
    }

    /** No node may fall back to the CPU when providers are asked for. */
    public Builder strict(boolean on) {
      strict = on;
      return this;
    }

    /**
     * An entry of onnxruntime_session_options_config_keys.h, such as {@code
     * session.intra_op.allow_spinning}.
     */
    public Builder configuration(String key, String value) {
      configuration.put(key, value);
      return this;
    }

    /** Fixes the size of the free axes that the model calls {@code symbol}. */
    public Builder freeDimension(String symbol, long size) {
      freeDimensions.put(symbol, size);
      return this;
    }

    /** Fixes the size of free axes by denotation, such as {@code DATA_BATCH}. */
    public Builder freeDimensionDenotation(String denotation, long size) {
      freeDimensionDenotations.put(denotation, size);
      return this;
    }

    /** Identifier and level of the session's own log lines. */
    public Builder log(String id, LogLevel level) {
      logId = id;
      logLevel = level;
      return this;
    }

    /** File that the optimised model is written to. */
    public Builder optimizedModel(Path file) {
      optimizedModel = file;
      return this;
    }

    /** Writes a profile; {@link Session#endProfiling} returns its path. */
    public Builder profile(String pathPrefix) {
      profilePrefix = pathPrefix;
      return this;
    }

    public SessionOptions build() {
      return new SessionOptions(this);
    }
  }
}
