package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  /** Zero-terminated names of inputs and outputs; alive while the session is reachable. */
  private final Map<String, MemorySegment> names = new LinkedHashMap<>();

  /** A mapped model that ONNX Runtime reads its weights from, or null. */
  private final @Nullable MemorySegment model;

  private Session(OrtEnvironment environment, long handle, @Nullable MemorySegment model) {
    this.environment = environment;
    this.handle = handle;
    this.model = model;
    Api api = environment.api();
    this.lifetime = new Lifetime("session", () -> api.plain(Function.ReleaseSession, handle));
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
    } catch (Throwable t) {
      lifetime.close();
      throw t;
    }
    Arena arena = Arena.ofAuto();
    inputs.forEach(info -> names.put(info.name(), arena.allocateFrom(info.name())));
    outputs.forEach(info -> names.computeIfAbsent(info.name(), arena::allocateFrom));
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
        (arena, native_, out) ->
            environment
                .api()
                .call(
                    Function.CreateSession,
                    environment.handle(),
                    CStrings.path(arena, model).address(),
                    native_,
                    out));
  }

  /**
   * Opens a model from memory, which is not needed any more afterwards.
   *
   * @throws OrtException when it is no model, or a provider cannot be used
   * @throws IllegalArgumentException when the memory is a Java array, or the options ask to go on
   *     reading it: that is what {@link #openMapped} is for
   */
  public static Session open(
      OrtEnvironment environment, MemorySegment model, SessionOptions options) {
    if (!model.isNative()) {
      throw new IllegalArgumentException("The model must be in native memory.");
    }
    if ("1".equals(options.configuration().get("session.use_ort_model_bytes_directly"))) {
      throw new IllegalArgumentException(
          "session.use_ort_model_bytes_directly needs memory that outlives the session: use"
              + " Session.openMapped.");
    }
    return ofBytes(environment, model, options, null);
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
      @Nullable MemorySegment kept) {
    MemorySegment[] held = new MemorySegment[Calls.HOLDERS];
    Arrays.fill(held, MemorySegment.NULL);
    held[0] = model;
    Api api = environment.api();
    return make(
        environment,
        options,
        kept,
        (arena, native_, out) ->
            api.check(
                Calls.callHolding(
                    api.function(Function.CreateSessionFromArray),
                    environment.handle(),
                    model.address(),
                    model.byteSize(),
                    native_,
                    out,
                    0,
                    0,
                    0,
                    held)));
  }

  private interface Creation {
    void make(Arena arena, long nativeOptions, long out);
  }

  private static Session make(
      OrtEnvironment environment,
      SessionOptions options,
      @Nullable MemorySegment kept,
      Creation creation) {
    Api api = environment.api();
    long nativeOptions = options.create(environment);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      creation.make(arena, nativeOptions, out.address());
      return new Session(environment, out.get(JAVA_LONG, 0), kept);
    } finally {
      api.plain(Function.ReleaseSessionOptions, nativeOptions);
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
    return run(inputs, outputs.stream().map(ValueInfo::name).toList(), null);
  }

  /**
   * Runs the model.
   *
   * @param inputs a value for each of the model's inputs, by name; they stay the caller's
   * @param outputs names of the outputs to compute, each once
   * @param options may be shared by several runs; null for none
   * @return the outputs, which the caller closes
   * @throws IllegalArgumentException when a name is not the model's, or an input is missing
   * @throws OrtException when a value's type or shape does not fit, or the run fails or is ended
   */
  public Outputs run(
      Map<String, ? extends OrtValue> inputs,
      Collection<String> outputs,
      @Nullable RunOptions options) {
    checkNames(inputs.keySet(), this.inputs, "input");
    checkNames(outputs, this.outputs, "output");
    Set<String> asked = new HashSet<>();
    for (String output : outputs) {
      if (!asked.add(output)) {
        throw new IllegalArgumentException("The output '" + output + "' is asked for twice.");
      }
    }
    for (ValueInfo input : this.inputs) {
      if (!inputs.containsKey(input.name())) {
        throw new IllegalArgumentException("The input '" + input.name() + "' has no value.");
      }
    }
    try (Arena arena = Arena.ofConfined();
        Uses uses = new Uses(environment)) {
      MemorySegment inputNames = arena.allocate(JAVA_LONG, Math.max(1, inputs.size()));
      MemorySegment inputValues = arena.allocate(JAVA_LONG, Math.max(1, inputs.size()));
      MemorySegment outputNames = arena.allocate(JAVA_LONG, Math.max(1, outputs.size()));
      MemorySegment outputValues = arena.allocate(JAVA_LONG, Math.max(1, outputs.size()));
      int i = 0;
      for (Map.Entry<String, ? extends OrtValue> input : inputs.entrySet()) {
        inputNames.setAtIndex(JAVA_LONG, i, address(input.getKey()));
        inputValues.setAtIndex(JAVA_LONG, i++, uses.enter(input.getValue()));
      }
      i = 0;
      for (String output : outputs) {
        outputNames.setAtIndex(JAVA_LONG, i++, address(output));
      }
      Api api = environment.api();
      lifetime.enter();
      try {
        api.check(
            Calls.callHolding(
                api.function(Function.Run),
                handle,
                uses.enter(options),
                inputNames.address(),
                inputValues.address(),
                inputs.size(),
                outputNames.address(),
                outputs.size(),
                outputValues.address(),
                uses.held()));
      } finally {
        lifetime.leave();
        Reference.reachabilityFence(this);
      }
      return Outputs.take(environment, outputs, outputValues, uses.tensors());
    }
  }

  /**
   * The nodes that each provider took. Needs the configuration entry {@code
   * session.record_ep_graph_assignment_info} = 1 and ONNX Runtime 1.24.
   *
   * @return for each provider, the operators it runs with the number of nodes
   */
  public Map<String, Map<String, Integer>> nodesByProvider() {
    Api api = environment.api();
    Map<String, Map<String, Integer>> nodes = new LinkedHashMap<>();
    lifetime.enter();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      MemorySegment count = arena.allocate(JAVA_LONG);
      api.call(Function.Session_GetEpGraphAssignmentInfo, handle, out.address(), count.address());
      for (long subgraph : pointers(out, count)) {
        String provider = CStrings.read(api.make(Function.EpAssignedSubgraph_GetEpName, subgraph));
        Map<String, Integer> operators =
            nodes.computeIfAbsent(provider, p -> new LinkedHashMap<>());
        api.call(Function.EpAssignedSubgraph_GetNodes, subgraph, out.address(), count.address());
        for (long node : pointers(out, count)) {
          operators.merge(
              CStrings.read(api.make(Function.EpAssignedNode_GetOperatorType, node)),
              1,
              Integer::sum);
        }
      }
      return nodes;
    } finally {
      lifetime.leave();
    }
  }

  private static long[] pointers(MemorySegment out, MemorySegment count) {
    return MemorySegment.ofAddress(out.get(JAVA_LONG, 0))
        .reinterpret(count.get(JAVA_LONG, 0) * JAVA_LONG.byteSize())
        .toArray(JAVA_LONG);
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

  /** Address of the zero-terminated name, valid while the session is reachable. */
  long address(String name) {
    return names.get(name).address();
  }

  static void checkNames(Collection<String> given, List<ValueInfo> known, String what) {
    Set<String> names = known.stream().map(ValueInfo::name).collect(Collectors.toSet());
    for (String name : given) {
      if (!names.contains(name)) {
        throw new IllegalArgumentException(
            "The model has no "
                + what
                + " '"
                + name
                + "'; it has "
                + known.stream().map(ValueInfo::name).collect(Collectors.joining(", ")));
      }
    }
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
