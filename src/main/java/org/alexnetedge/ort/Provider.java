package org.alexnetedge.ort;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

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
    String logged =
        environment.recentErrors().stream()
            .map(LogMessage::text)
            .filter(text -> !e.getMessage().contains(text))
            .distinct()
            .collect(Collectors.joining("; "));
    return new OrtException(
        e.code(),
        provider.name()
            + " cannot be used: "
            + e.getMessage()
            + (logged.isEmpty() ? "" : " (" + logged + ")"));
  }
}
