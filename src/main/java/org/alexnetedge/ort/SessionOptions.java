package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnetedge.natives.NativeLibrary;
import org.jspecify.annotations.Nullable;

/**
 * How a session is made. Immutable, and without native memory of its own: initialisers and buffers
 * stay their makers'.
 *
 * <p>What is not set keeps ONNX Runtime's default: the CPU, one thread for each core, all
 * optimisations.
 */
public final class SessionOptions {
  /** {@code ExecutionMode} of onnxruntime_c_api.h. */
  public enum ExecutionMode {
    /** One operator after another. */
    SEQUENTIAL,
    /** Operators side by side where the graph permits it. */
    PARALLEL
  }

  /** {@code GraphOptimizationLevel} of onnxruntime_c_api.h. */
  public enum OptimizationLevel {
    /** As the file has it. */
    NONE(0),
    /** What leaves standard operators: constants folded, nodes without effect removed. */
    BASIC(1),
    /** With fused operators, which only ONNX Runtime knows. */
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
  private final boolean sharedThreads;
  private final boolean deterministic;
  private final List<Path> customOperators;
  private final Map<String, Tensor> initializers;
  private final Map<String, Tensor> externalInitializers;
  private final Map<String, MemorySegment> externalFiles;
  private final @Nullable PrepackedWeights prepackedWeights;

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
    sharedThreads = builder.sharedThreads;
    deterministic = builder.deterministic;
    customOperators = List.copyOf(builder.customOperators);
    initializers = Collections.unmodifiableMap(new LinkedHashMap<>(builder.initializers));
    externalInitializers =
        Collections.unmodifiableMap(new LinkedHashMap<>(builder.externalInitializers));
    externalFiles = Collections.unmodifiableMap(new LinkedHashMap<>(builder.externalFiles));
    prepackedWeights = builder.prepackedWeights;
  }

  /** A builder that begins with ONNX Runtime's defaults. */
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
    builder.sharedThreads = sharedThreads;
    builder.deterministic = deterministic;
    builder.customOperators.addAll(customOperators);
    builder.initializers.putAll(initializers);
    builder.externalInitializers.putAll(externalInitializers);
    builder.externalFiles.putAll(externalFiles);
    builder.prepackedWeights = prepackedWeights;
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

  /**
   * Enters the container of prepacked weights, which a session uses as long as it lives.
   *
   * @return the container, or 0
   */
  long keep(Uses uses) {
    return prepackedWeights == null ? 0 : prepackedWeights.enter(uses);
  }

  /** As {@link #create(OrtEnvironment, Uses, Uses)}, for what does not outlive {@code uses}. */
  long create(OrtEnvironment environment, Uses uses) {
    return create(environment, uses, uses);
  }

  /**
   * Makes native options, which the caller releases.
   *
   * @param uses keeps what the options refer to while the session is made
   * @param kept keeps what the session uses as long as it lives
   */
  long create(OrtEnvironment environment, Uses uses, Uses kept) {
    Api api = environment.api();
    long options = api.make(Function.CreateSessionOptions);
    try (Arena arena = Arena.ofConfined()) {
      setThreads(environment, options);
      api.call(Function.SetSessionExecutionMode, options, executionMode.ordinal());
      api.call(Function.SetSessionGraphOptimizationLevel, options, optimization.code);
      api.call(memoryPattern ? Function.EnableMemPattern : Function.DisableMemPattern, options);
      api.call(cpuArena ? Function.EnableCpuMemArena : Function.DisableCpuMemArena, options);
      if (deterministic) {
        api.call(Function.SetDeterministicCompute, options, 1);
      }
      setFiles(api, options, arena);
      setTexts(api, options, arena);
      setWeights(api, options, arena, uses, kept);
      for (Path library : customOperators) {
        NativeLibrary.check(library); // The loader would end the process on a file that is cut off.
        api.call(
            Function.RegisterCustomOpsLibrary_V2,
            options,
            CStrings.path(arena, library.toAbsolutePath()).address());
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

  private void setThreads(OrtEnvironment environment, long options) {
    Api api = environment.api();
    if (!sharedThreads) {
      api.call(Function.SetIntraOpNumThreads, options, intraOpThreads);
      api.call(Function.SetInterOpNumThreads, options, interOpThreads);
    } else if (environment.hasThreadPools()) {
      api.call(Function.DisablePerSessionThreads, options);
    } else {
      throw new IllegalStateException(
          "The session shall share threads, but the environment has none: make it with ThreadPools"
              + " (OrtLibrary.environment).");
    }
  }

  private void setFiles(Api api, long options, Arena arena) {
    if (optimizedModel != null) {
      api.call(
          Function.SetOptimizedModelFilePath,
          options,
          CStrings.path(arena, optimizedModel).address());
    }
    if (profilePrefix != null) {
      api.call(Function.EnableProfiling, options, arena.allocateFrom(profilePrefix).address());
    }
  }

  private void setTexts(Api api, long options, Arena arena) {
    if (!logId.isEmpty()) {
      api.call(Function.SetSessionLogId, options, arena.allocateFrom(logId).address());
    }
    if (logLevel != null) {
      api.call(Function.SetSessionLogSeverityLevel, options, logLevel.ordinal());
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
    Map<String, String> entries = new LinkedHashMap<>(configuration);
    if (strict && !providers.isEmpty()) {
      entries.put("session.disable_cpu_ep_fallback", "1");
    }
    entries.forEach(
        (key, value) ->
            api.call(
                Function.AddSessionConfigEntry,
                options,
                arena.allocateFrom(key).address(),
                arena.allocateFrom(value).address()));
  }

  private void setWeights(Api api, long options, Arena arena, Uses uses, Uses kept) {
    initializers.forEach(
        (name, tensor) ->
            api.call(
                Function.AddInitializer,
                options,
                arena.allocateFrom(name).address(),
                share(tensor, uses, kept)));
    if (!externalInitializers.isEmpty()) {
      MemorySegment values = arena.allocate(JAVA_LONG, externalInitializers.size());
      int i = 0;
      for (Tensor tensor : externalInitializers.values()) {
        values.setAtIndex(JAVA_LONG, i++, share(tensor, uses, kept));
      }
      api.call(
          Function.AddExternalInitializers,
          options,
          CStrings.array(arena, externalInitializers.keySet()).address(),
          values.address(),
          i);
    }
    if (!externalFiles.isEmpty()) {
      MemorySegment buffers = arena.allocate(JAVA_LONG, externalFiles.size());
      MemorySegment sizes = arena.allocate(JAVA_LONG, externalFiles.size());
      int i = 0;
      for (MemorySegment buffer : externalFiles.values()) {
        buffers.setAtIndex(JAVA_LONG, i, buffer.address());
        sizes.setAtIndex(JAVA_LONG, i++, buffer.byteSize());
        uses.hold(buffer);
      }
      api.call(
          Function.AddExternalInitializersFromFilesInMemory,
          options,
          CStrings.array(arena, externalFiles.keySet()).address(),
          buffers.address(),
          sizes.address(),
          i);
    }
  }

  /** ONNX Runtime shares no memory of its own, so a tensor that lies there is wrapped. */
  private static long share(Tensor tensor, Uses uses, Uses kept) {
    uses.enter(tensor);
    long own = kept.enter(tensor);
    if (tensor.isWrapped() || tensor.type() == ElementType.STRING) {
      return own;
    }
    try (Tensor wrapped = tensor.wrapped()) {
      return kept.enter(wrapped);
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
    private boolean sharedThreads;
    private boolean deterministic;
    private final List<Path> customOperators = new ArrayList<>();
    private final Map<String, Tensor> initializers = new LinkedHashMap<>();
    private final Map<String, Tensor> externalInitializers = new LinkedHashMap<>();
    private final Map<String, MemorySegment> externalFiles = new LinkedHashMap<>();
    private @Nullable PrepackedWeights prepackedWeights;

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
     * session.intra_op.allow_spinning}. {@code ep.context_enable} and {@code ep.context_file_path}
     * make a provider write its compiled model as the session opens; {@link ModelCompilation} does
     * it without a session.
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

    /**
     * Runs on the environment's {@link ThreadPools} instead of threads of the session's own; {@link
     * #intraOpThreads} and {@link #interOpThreads} then mean nothing.
     */
    public Builder sharedThreads(boolean on) {
      sharedThreads = on;
      return this;
    }

    /** Whether operators compute the same bits each time, where they have a way to do so. */
    public Builder deterministic(boolean on) {
      deterministic = on;
      return this;
    }

    /**
     * A library of custom operators, which exports {@code RegisterCustomOps}. It stays loaded as
     * long as a session uses it.
     */
    public Builder customOperators(Path library) {
      customOperators.add(library);
      return this;
    }

    /**
     * A tensor to use in place of the model's initialiser of that name, for several sessions to
     * share. The sessions keep it open; memory that it wraps must outlive them, which is checked at
     * each run.
     */
    public Builder initializer(String name, Tensor tensor) {
      initializers.put(name, tensor);
      return this;
    }

    /**
     * A tensor for an initialiser that the model says to be in a file of external data. Else as
     * {@link #initializer}.
     */
    public Builder externalInitializer(String name, Tensor tensor) {
      externalInitializers.put(name, tensor);
      return this;
    }

    /**
     * The content of a file of external data, for a model that is opened from memory. Needs ONNX
     * Runtime 1.18.
     *
     * @param file its name as the model says it
     * @param content native memory, which is not needed any more when the session is open
     * @throws IllegalArgumentException when it is a Java array
     */
    public Builder externalFile(String file, MemorySegment content) {
      if (!content.isNative()) {
        throw new IllegalArgumentException("The content of " + file + " must be native memory.");
      }
      externalFiles.put(file, content);
      return this;
    }

    /** Keeps weights that are rearranged for the processor once for several sessions. */
    public Builder prepackedWeights(PrepackedWeights container) {
      prepackedWeights = container;
      return this;
    }

    /** The options as they are now. */
    public SessionOptions build() {
      return new SessionOptions(this);
    }
  }
}
