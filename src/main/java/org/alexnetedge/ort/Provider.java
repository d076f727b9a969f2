package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An execution provider that a session asks for. One that cannot be used makes opening the session
 * fail with the reason: there is no quiet fall-back. Nodes that a provider does not take go to the
 * next one, and to the CPU in the end; {@link SessionOptions.Builder#strict} forbids that.
 *
 * <p>Options are those that ONNX Runtime documents for the provider, all as strings: {@code
 * Provider.cuda(0).with("gpu_mem_limit", "2147483648")}.
 *
 * <p>Immutable and without native memory.
 */
public final class Provider {
  /** How ONNX Runtime's C API takes a provider. */
  private enum Way {
    CUDA(
        "CUDAExecutionProvider",
        Function.CreateCUDAProviderOptions,
        Function.UpdateCUDAProviderOptions,
        Function.SessionOptionsAppendExecutionProvider_CUDA_V2,
        Function.ReleaseCUDAProviderOptions),
    TENSORRT(
        "TensorrtExecutionProvider",
        Function.CreateTensorRTProviderOptions,
        Function.UpdateTensorRTProviderOptions,
        Function.SessionOptionsAppendExecutionProvider_TensorRT_V2,
        Function.ReleaseTensorRTProviderOptions),
    DNNL(
        "DnnlExecutionProvider",
        Function.CreateDnnlProviderOptions,
        Function.UpdateDnnlProviderOptions,
        Function.SessionOptionsAppendExecutionProvider_Dnnl,
        Function.ReleaseDnnlProviderOptions),
    CANN(
        "CANNExecutionProvider",
        Function.CreateCANNProviderOptions,
        Function.UpdateCANNProviderOptions,
        Function.SessionOptionsAppendExecutionProvider_CANN,
        Function.ReleaseCANNProviderOptions),
    /** By its short name. */
    NAMED,
    /** By the devices that it runs on. */
    DEVICES;

    private final String name;
    private final Function[] functions;

    Way() {
      this("");
    }

    Way(String name, Function... functions) {
      this.name = name;
      this.functions = functions;
    }

    static Way of(String name) {
      return Stream.of(values())
          .filter(way -> way.name.equalsIgnoreCase(name) || way.name.equalsIgnoreCase(full(name)))
          .findFirst()
          .orElse(NAMED);
    }
  }

  private static final String SUFFIX = "ExecutionProvider";

  /** Those that are always linked into the library itself; compared in lower case. */
  private static final List<String> LINKED_IN =
      List.of("xnnpack", "azure", "acl", "webgpu", "coreml", "nnapi");

  private final Way way;
  private final String name;
  private final Map<String, String> options;
  private final List<Device> devices;

  private Provider(Way way, String name, Map<String, String> options, List<Device> devices) {
    this.way = way;
    this.name = name;
    this.options = options;
    this.devices = devices;
  }

  /** NVIDIA GPUs by CUDA. Needs a library built with it, and CUDA and cuDNN on the machine. */
  public static Provider cuda(int device) {
    return named("CUDA").with("device_id", Integer.toString(device));
  }

  /** NVIDIA GPUs by TensorRT. Needs a library built with it, CUDA, cuDNN and TensorRT. */
  public static Provider tensorRt(int device) {
    return named("Tensorrt").with("device_id", Integer.toString(device));
  }

  /**
   * Intel processors and accelerators by OpenVINO.
   *
   * @param device {@code CPU}, {@code GPU}, {@code NPU}, or {@code AUTO:GPU,CPU}
   */
  public static Provider openVino(String device) {
    return named("OpenVINO").with("device_type", device);
  }

  /** CPUs by oneDNN. */
  public static Provider dnnl() {
    return named("Dnnl");
  }

  /** CPUs by XNNPACK, with so many threads of its own. */
  public static Provider xnnpack(int threads) {
    return named("XNNPACK").with("intra_op_num_threads", Integer.toString(threads));
  }

  /**
   * Qualcomm's accelerators by QNN.
   *
   * @param backend QNN's library, such as {@code libQnnHtp.so}
   */
  public static Provider qnn(String backend) {
    return named("QNN").with("backend_path", backend);
  }

  /** Huawei's Ascend accelerators by CANN. */
  public static Provider cann(int device) {
    return named("CANN").with("device_id", Integer.toString(device));
  }

  /**
   * Any provider by ONNX Runtime's name, without options.
   *
   * @param name short or long: {@code CUDA}, {@code CUDAExecutionProvider}, {@code VitisAI}, {@code
   *     WebGPU}, ...
   */
  public static Provider named(String name) {
    Way way = Way.of(name);
    return new Provider(way, way == Way.NAMED ? name : way.name, Map.of(), List.of());
  }

  /**
   * The provider of some devices, which {@link OrtEnvironment#devices} found; the only way to those
   * that are plug-ins.
   *
   * @param devices at least one, all of one provider
   * @throws IllegalArgumentException when there is none, or they have several providers
   */
  public static Provider on(Device... devices) {
    List<String> names = Stream.of(devices).map(Device::provider).distinct().toList();
    if (names.size() != 1) {
      throw new IllegalArgumentException(
          "A provider is named by devices of one kind, not by those of " + names + ".");
    }
    return new Provider(Way.DEVICES, names.getFirst(), Map.of(), List.of(devices));
  }

  /** The same with an option more, or with another value for it. */
  public Provider with(String option, String value) {
    Map<String, String> more = new LinkedHashMap<>(options);
    more.put(option, value);
    return new Provider(way, name, Collections.unmodifiableMap(more), devices);
  }

  /** The same with these options as well. */
  public Provider with(Map<String, String> more) {
    Provider provider = this;
    for (Map.Entry<String, String> option : more.entrySet()) {
      provider = provider.with(option.getKey(), option.getValue());
    }
    return provider;
  }

  /** ONNX Runtime's name: {@code CUDAExecutionProvider}, or the one given. */
  public String name() {
    return name;
  }

  /** The options, in the order of {@link #with}. */
  public Map<String, String> options() {
    return options;
  }

  /** Whether the library was built with it. That does not mean that it can be used. */
  public boolean isCompiledInto(OrtLibrary library) {
    return library.compiledProviders().stream()
        .anyMatch(has -> has.equalsIgnoreCase(name) || has.equalsIgnoreCase(full(name)));
  }

  private static String full(String name) {
    return name + SUFFIX;
  }

  /**
   * Appends itself to native session options.
   *
   * @throws OrtException with {@link OrtException.Code#EP_FAIL} and the reason when it cannot be
   *     used
   */
  void appendTo(OrtEnvironment environment, long sessionOptions) {
    environment.forgetErrors();
    try (Arena arena = Arena.ofConfined()) {
      if (way != Way.DEVICES && isSharedLibrary() && isCompiledInto(environment.library())) {
        environment.library().claimSharedProviders();
      }
      long keys = CStrings.array(arena, options.keySet()).address();
      long values = CStrings.array(arena, options.values()).address();
      Api api = environment.api();
      switch (way) {
        case NAMED ->
            api.call(
                Function.SessionOptionsAppendExecutionProvider,
                sessionOptions,
                arena.allocateFrom(name).address(),
                keys,
                values,
                options.size());
        case DEVICES -> {
          MemorySegment handles = arena.allocate(JAVA_LONG, devices.size());
          for (int i = 0; i < devices.size(); i++) {
            handles.setAtIndex(JAVA_LONG, i, devices.get(i).handle(environment));
          }
          api.call(
              Function.SessionOptionsAppendExecutionProvider_V2,
              sessionOptions,
              environment.handle(),
              handles.address(),
              devices.size(),
              keys,
              values,
              options.size());
        }
        default -> appendTyped(api, sessionOptions, keys, values);
      }
    } catch (OrtException e) {
      throw explained(environment, e);
    }
  }

  private void appendTyped(Api api, long sessionOptions, long keys, long values) {
    long providerOptions = api.make(way.functions[0]);
    try {
      if (!options.isEmpty()) {
        api.call(way.functions[1], providerOptions, keys, values, options.size());
      }
      api.call(way.functions[2], sessionOptions, providerOptions);
    } finally {
      api.plain(way.functions[3], providerOptions);
    }
  }

  private boolean isSharedLibrary() {
    return !LINKED_IN.contains(name.toLowerCase(Locale.ROOT));
  }

  /** The log often names the missing file where the status only says that loading failed. */
  private OrtException explained(OrtEnvironment environment, OrtException e) {
    String said =
        Stream.concat(
                Stream.of(e.getMessage()),
                environment.recentErrors().stream().map(LogMessage::text))
            .collect(Collectors.joining("\n"));
    // provider_bridge_ort.cc, ONNX Runtime 1.16 to 1.29
    Matcher failed =
        Pattern.compile("Failed to load library (\\S+) with error: ([^\n]+)").matcher(said);
    String reason =
        failed.find()
            ? failed.group(1) + " could not be loaded (" + failed.group(2).strip() + ")."
            : e.getMessage().strip();
    return new OrtException(OrtException.Code.EP_FAIL, name + " cannot be used: " + reason);
  }

  @Override
  public String toString() {
    return name + options;
  }
}
