package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A model that is ready to run.
 *
 * <p>Thread-safe: any number of threads may run it at once. Closing it during a run lets that run
 * end; a later run throws {@link IllegalStateException}.
 */
public final class Session implements AutoCloseable {
  private final OrtEnvironment environment;
  private final long handle;
  private final Lifetime lifetime;
  private final List<ValueInfo> inputs;
  private final List<ValueInfo> outputs;
  private final List<ValueInfo> overridable;
  private final List<String> mapInputs;

  /** Zero-terminated names; alive while the session is reachable. */
  private final Map<String, MemorySegment> inputNames = new HashMap<>();

  private final Map<String, MemorySegment> outputNames = new HashMap<>();

  private final List<String> allOutputs;

  /** What the session uses as long as it lives: initialisers that it shares. */
  private final Uses kept;

  /** A mapped model that ONNX Runtime reads its weights from, or null. */
  @SuppressWarnings("unused") // Kept reachable.
  private final @Nullable MemorySegment model;

  private Session(
      OrtEnvironment environment, long handle, Uses kept, @Nullable MemorySegment model) {
    this.environment = environment;
    this.handle = handle;
    this.kept = kept;
    this.model = model;
    Api api = environment.api();
    this.lifetime =
        new Lifetime(
            "session",
            () -> {
              api.plain(Function.ReleaseSession, handle);
              kept.close();
            });
    try {
      this.inputs =
          values(
              Function.SessionGetInputCount,
              Function.SessionGetInputName,
              Function.SessionGetInputTypeInfo);
      this.outputs =
          values(
              Function.SessionGetOutputCount,
              Function.SessionGetOutputName,
              Function.SessionGetOutputTypeInfo);
      this.overridable =
          values(
              Function.SessionGetOverridableInitializerCount,
              Function.SessionGetOverridableInitializerName,
              Function.SessionGetOverridableInitializerTypeInfo);
    } catch (Throwable t) {
      lifetime.close();
      throw t;
    }
    this.mapInputs =
        inputs.stream()
            .filter(info -> info.type() instanceof ValueType.OfMap)
            .map(ValueInfo::name)
            .toList();
    allOutputs = outputs.stream().map(ValueInfo::name).toList();
    Arena arena = Arena.ofAuto();
    inputs.forEach(info -> inputNames.put(info.name(), arena.allocateFrom(info.name())));
    overridable.forEach(info -> inputNames.put(info.name(), arena.allocateFrom(info.name())));
    outputs.forEach(info -> outputNames.put(info.name(), arena.allocateFrom(info.name())));
  }

  /**
   * Opens a model file (ONNX or ORT format), with external data beside it if it has some.
   *
   * @throws OrtException when the file is missing or no model, or a provider cannot be used
   */
  public static Session open(OrtEnvironment environment, Path model, SessionOptions options) {
    return make(
        environment,
        options,
        null,
        (native_, container, out, uses, arena) -> {
          long path = CStrings.path(arena, model).address();
          return container == 0
              ? uses.call(
                  Function.CreateSession, environment.handle(), path, native_, out, 0, 0, 0, 0)
              : uses.call(
                  Function.CreateSessionWithPrepackedWeightsContainer,
                  environment.handle(),
                  path,
                  native_,
                  container,
                  out,
                  0,
                  0,
                  0);
        });
  }

  /**
   * Opens a model from memory, which is not needed any more afterwards. Files of external data are
   * given by {@link SessionOptions.Builder#externalFile}.
   *
   * @throws OrtException when it is no model, or a provider cannot be used
   * @throws IllegalArgumentException when the memory is a Java array, or the options ask to go on
   *     reading it: that is what {@link #openMapped} is for
   */
  public static Session open(
      OrtEnvironment environment, MemorySegment model, SessionOptions options) {
    checkCopied(model, options);
    return ofBytes(environment, model, options, null);
  }

  /**
   * Refuses a model in memory that could be read after the session is opened, or cannot be read.
   *
   * @throws IllegalArgumentException when the memory is a Java array, or the options ask ONNX
   *     Runtime to go on reading it
   */
  public static void checkCopied(MemorySegment model, SessionOptions options) {
    if (!model.isNative()) {
      throw new IllegalArgumentException("The model must be in native memory.");
    }
    if ("1".equals(options.configuration().get("session.use_ort_model_bytes_directly"))) {
      throw new IllegalArgumentException(
          "session.use_ort_model_bytes_directly needs memory that outlives the session: use"
              + " Session.openMapped.");
    }
  }

  /**
   * Opens a model in ORT format so that its weights stay in the file and are paged in as needed.
   * The file must not change while the process lives: writing over it in place ends the process
   * (SIGBUS). Set {@code session.disable_prepacking} as well, or the weights are copied after all.
   *
   * @throws IOException when the file cannot be mapped
   * @throws OrtException when it is no model in ORT format
   */
  public static Session openMapped(OrtEnvironment environment, Path model, SessionOptions options)
      throws IOException {
    try (FileChannel channel = FileChannel.open(model)) {
      // Unmapped when neither this session nor anybody else holds it.
      MemorySegment mapped =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
      return ofBytes(environment, mapped, options, mapped);
    }
  }

  private static Session ofBytes(
      OrtEnvironment environment,
      MemorySegment model,
      SessionOptions options,
      @Nullable MemorySegment mapped) {
    return make(
        environment,
        options,
        mapped,
        (native_, container, out, uses, arena) -> {
          uses.hold(model);
          return container == 0
              ? uses.call(
                  Function.CreateSessionFromArray,
                  environment.handle(),
                  model.address(),
                  model.byteSize(),
                  native_,
                  out,
                  0,
                  0,
                  0)
              : uses.call(
                  Function.CreateSessionFromArrayWithPrepackedWeightsContainer,
                  environment.handle(),
                  model.address(),
                  model.byteSize(),
                  native_,
                  container,
                  out,
                  0,
                  0);
        });
  }

  private interface Creation {
    /** Returns the status. */
    long make(long nativeOptions, long container, long out, Uses uses, Arena arena);
  }

  private static Session make(
      OrtEnvironment environment,
      SessionOptions options,
      @Nullable MemorySegment mapped,
      Creation creation) {
    Api api = environment.api();
    Uses kept = new Uses(environment, "session");
    try (Arena arena = Arena.ofConfined();
        Uses opening = new Uses(environment, "session")) {
      long container = options.keep(kept);
      long nativeOptions = options.create(environment, opening, kept);
      try {
        MemorySegment out = arena.allocate(JAVA_LONG);
        api.check(creation.make(nativeOptions, container, out.address(), opening, arena));
        return new Session(environment, out.get(JAVA_LONG, 0), kept, mapped);
      } finally {
        api.plain(Function.ReleaseSessionOptions, nativeOptions);
      }
    } catch (Throwable t) {
      kept.close();
      throw t;
    }
  }

  /** What the model takes, in its order. */
  public List<ValueInfo> inputs() {
    return inputs;
  }

  /** What the model gives, in its order. */
  public List<ValueInfo> outputs() {
    return outputs;
  }

  /**
   * Initialisers that a run may give other values for, by name among its inputs: those that the
   * model lists as inputs too.
   */
  public List<ValueInfo> overridableInitializers() {
    return overridable;
  }

  /** The environment that the session was opened in. */
  public OrtEnvironment environment() {
    return environment;
  }

  /** What the model file says of itself. */
  public ModelMetadata metadata() {
    lifetime.enter();
    try {
      return ModelMetadata.of(environment, handle);
    } finally {
      lifetime.leave();
    }
  }

  /** Runs the model for all its outputs; see {@link #run(Map, Collection, RunOptions)}. */
  public Outputs run(Map<String, ? extends OrtValue> inputs) {
    return run(inputs, allOutputs, null);
  }

  /**
   * Runs the model.
   *
   * @param inputs a value for each of the model's inputs that the outputs need, by name, and for
   *     overridable initialisers if wanted; they stay the caller's
   * @param outputs names of the outputs to compute, each once
   * @param options may be shared by several runs; null for none
   * @return the outputs, which the caller closes
   * @throws IllegalArgumentException when a name is not the model's, an output is asked for twice,
   *     or an input that is a map has no value
   * @throws IllegalStateException when the session, a value or the options are closed, or memory
   *     that a value wraps is gone
   * @throws OrtException when an input is missing, a value's type or shape does not fit, or the run
   *     fails or is ended
   */
  public Outputs run(
      Map<String, ? extends OrtValue> inputs,
      Collection<String> outputs,
      @Nullable RunOptions options) {
    try (Scratch scratch = Scratch.open();
        Uses uses = new Uses(environment, "session")) {
      RunArguments arguments = RunArguments.of(this, inputs, outputs, uses, scratch);
      kept.borrowed().forEach(uses::hold);
      lifetime.enter();
      try {
        environment
            .api()
            .check(
                uses.call(
                    Function.Run,
                    handle,
                    uses.enter(options),
                    arguments.inputNames(),
                    arguments.inputValues(),
                    arguments.inputs(),
                    arguments.outputNames(),
                    arguments.outputs(),
                    arguments.outputValues().address()));
      } finally {
        lifetime.leave();
        Reference.reachabilityFence(this);
      }
      return Outputs.take(
          environment, outputs, arguments.outputValues(), uses.borrowed(), uses.allocators());
    }
  }

  /**
   * Starts a run on ONNX Runtime's threads and returns at once. What hangs on the result runs on
   * Java's common pool. Cancelling the result does not end the run; {@link RunOptions#terminate}
   * does. Inputs, options and session may be closed meanwhile: they are kept for the run.
   *
   * <p>The session needs at least two threads ({@link SessionOptions.Builder#intraOpThreads}).
   *
   * @param inputs as for {@link #run(Map, Collection, RunOptions)}, but memory that a tensor wraps
   *     must be that of {@link Arena#global}
   * @param options null for none
   * @return completed with the outputs, which whoever takes them closes; or exceptionally with an
   *     {@link OrtException}
   * @throws IllegalArgumentException when a name is not the model's, or an input's memory could go
   *     away
   * @throws IllegalStateException when the session, a value or the options are closed
   * @throws OrtException when the session has but one thread
   */
  public CompletableFuture<Outputs> runAsync(
      Map<String, ? extends OrtValue> inputs,
      Collection<String> outputs,
      @Nullable RunOptions options) {
    lifetime.enter();
    try {
      return AsyncRun.start(this, inputs, List.copyOf(outputs), options);
    } catch (Throwable t) {
      lifetime.leave();
      throw t;
    }
  }

  /** Starts a run for all outputs; see {@link #runAsync(Map, Collection, RunOptions)}. */
  public CompletableFuture<Outputs> runAsync(Map<String, ? extends OrtValue> inputs) {
    return runAsync(inputs, allOutputs, null);
  }

  /**
   * The nodes that each provider took. Needs the configuration entry {@code
   * session.record_ep_graph_assignment_info} = 1 and ONNX Runtime 1.24.
   *
   * @return for each provider, the operators it runs with the number of nodes
   */
  public Map<String, Map<String, Integer>> nodesByProvider() {
    lifetime.enter();
    try {
      return GraphAssignment.read(environment.api(), handle);
    } finally {
      lifetime.leave();
    }
  }

  /**
   * When profiling began, in nanoseconds of ONNX Runtime's own clock: the zero of the times in the
   * profile.
   */
  public long profilingStart() {
    lifetime.enter();
    try {
      return environment.api().make(Function.SessionGetProfilingStartTimeNs, handle);
    } finally {
      lifetime.leave();
    }
  }

  /** Ends profiling, which the options began, and returns the profile's path. */
  public String endProfiling() {
    lifetime.enter();
    try {
      return environment.takeString(
          environment.api().make(Function.SessionEndProfiling, handle, environment.allocator()));
    } finally {
      lifetime.leave();
    }
  }

  /** Releases the model when no run is under way any more. Does nothing the second time. */
  @Override
  public void close() {
    lifetime.close();
  }

  /** Valid while the session is entered. */
  long handle() {
    return handle;
  }

  boolean isClosed() {
    return lifetime.isClosed();
  }

  /** Starts a use; the handle is valid until {@link #leave}. */
  long enter() {
    lifetime.enter();
    return handle;
  }

  void leave() {
    lifetime.leave();
  }

  /**
   * Refuses a run that leaves out a map: ONNX Runtime's operators on maps read them unasked, and
   * end the process.
   *
   * @param given whether the run gives a value for the input of that name
   */
  void checkMaps(Predicate<String> given) {
    for (String name : mapInputs) {
      if (!given.test(name)) {
        throw new IllegalArgumentException("The input '" + name + "', a map, has no value.");
      }
    }
  }

  /** Memory of callers' that initialisers lie in; it is held during each run. */
  List<MemorySegment> heldByInitializers() {
    return kept.borrowed();
  }

  /**
   * Address of an input's zero-terminated name, valid while the session is reachable.
   *
   * @throws IllegalArgumentException naming those there are when there is no such input
   */
  long inputName(String name) {
    return address(name, inputNames, inputs, "input");
  }

  /** As {@link #inputName} for an output. */
  long outputName(String name) {
    return address(name, outputNames, outputs, "output");
  }

  private static long address(
      String name, Map<String, MemorySegment> names, List<ValueInfo> known, String what) {
    MemorySegment address = names.get(name);
    if (address == null) {
      throw new IllegalArgumentException(
          "The model has no "
              + what
              + " '"
              + name
              + "'; it has "
              + known.stream().map(ValueInfo::name).collect(Collectors.joining(", ")));
    }
    return address.address();
  }

  private List<ValueInfo> values(Function count, Function name, Function type) {
    Api api = environment.api();
    long n = api.make(count, handle);
    List<ValueInfo> values = new ArrayList<>();
    for (long i = 0; i < n; i++) {
      values.add(
          new ValueInfo(
              environment.takeString(api.make(name, handle, i, environment.allocator())),
              ValueType.take(api, api.make(type, handle, i))));
    }
    return List.copyOf(values);
  }
}
