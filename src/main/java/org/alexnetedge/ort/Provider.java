package org.alexnetedge.ort;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An execution provider that a session asks for. One that cannot be used makes opening the session
 * fail with the reason: there is no quiet fall-back. Nodes that a provider does not take go to the
 * next one, and to the CPU in the end; {@link SessionOptions#strict} forbids that.
 */
public sealed interface Provider {

  /** Options as ONNX Runtime documents them for the provider, all as strings. */
  Map<String, String> options();

  /** ONNX Runtime's name, for instance {@code CUDAExecutionProvider}. */
  String name();

  /** Appends itself to native session options. */
  void appendTo(OrtEnvironment environment, long sessionOptions);

  /** NVIDIA GPUs by CUDA. Needs a library built with it, and CUDA and cuDNN on the machine. */
  record Cuda(Map<String, String> options) implements Provider {
    public Cuda {
      options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    /** The GPU with a number, else with ONNX Runtime's defaults. */
    public static Cuda device(int id) {
      return new Cuda(Map.of("device_id", Integer.toString(id)));
    }

    @Override
    public String name() {
      return "CUDAExecutionProvider";
    }

    @Override
    public void appendTo(OrtEnvironment environment, long sessionOptions) {
      appendTyped(
          environment,
          sessionOptions,
          this,
          Function.CreateCUDAProviderOptions,
          Function.UpdateCUDAProviderOptions,
          Function.SessionOptionsAppendExecutionProvider_CUDA_V2,
          Function.ReleaseCUDAProviderOptions);
    }
  }

  /** NVIDIA GPUs by TensorRT. Needs a library built with it, CUDA, cuDNN and TensorRT. */
  record TensorRt(Map<String, String> options) implements Provider {
    public TensorRt {
      options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    /** The GPU with a number, else with ONNX Runtime's defaults. */
    public static TensorRt device(int id) {
      return new TensorRt(Map.of("device_id", Integer.toString(id)));
    }

    @Override
    public String name() {
      return "TensorrtExecutionProvider";
    }

    @Override
    public void appendTo(OrtEnvironment environment, long sessionOptions) {
      appendTyped(
          environment,
          sessionOptions,
          this,
          Function.CreateTensorRTProviderOptions,
          Function.UpdateTensorRTProviderOptions,
          Function.SessionOptionsAppendExecutionProvider_TensorRT_V2,
          Function.ReleaseTensorRTProviderOptions);
    }
  }

  /**
   * Any other, by the name that ONNX Runtime's general call takes: {@code XNNPACK}, {@code QNN},
   * {@code OpenVINO}, ...
   */
  record Named(String name, Map<String, String> options) implements Provider {
    public Named {
      options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
    }

    @Override
    public void appendTo(OrtEnvironment environment, long sessionOptions) {
      environment.forgetErrors();
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment keys = CStrings.array(arena, options.keySet());
        MemorySegment values = CStrings.array(arena, options.values());
        environment
            .api()
            .call(
                Function.SessionOptionsAppendExecutionProvider,
                sessionOptions,
                arena.allocateFrom(name).address(),
                keys.address(),
                values.address(),
                options.size());
      } catch (OrtException e) {
        throw explained(environment, this, e);
      }
    }
  }

  private static void appendTyped(
      OrtEnvironment environment,
      long sessionOptions,
      Provider provider,
      Function create,
      Function update,
      Function append,
      Function release) {
    Api api = environment.api();
    environment.forgetErrors();
    try (Arena arena = Arena.ofConfined()) {
      long providerOptions = api.make(create);
      try {
        if (!provider.options().isEmpty()) {
          api.call(
              update,
              providerOptions,
              CStrings.array(arena, provider.options().keySet()).address(),
              CStrings.array(arena, provider.options().values()).address(),
              provider.options().size());
        }
        api.call(append, sessionOptions, providerOptions);
      } finally {
        api.plain(release, providerOptions);
      }
    } catch (OrtException e) {
      throw explained(environment, provider, e);
    }
  }

  /** The log often names the missing file where the status only says that loading failed. */
  private static OrtException explained(
      OrtEnvironment environment, Provider provider, OrtException e) {
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
    return new OrtException(
        OrtException.Code.EP_FAIL, provider.name() + " cannot be used: " + reason);
  }
}
