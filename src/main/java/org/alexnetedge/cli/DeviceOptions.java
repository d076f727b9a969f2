package org.alexnetedge.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.alexnetedge.classify.ClassifierOptions;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.ort.OrtLibrary;
import org.alexnetedge.ort.Provider;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.pipeline.ModelException;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which library and which device a model runs on. */
final class DeviceOptions {
  private static final Pattern NUMBERED = Pattern.compile("(cuda|tensorrt)(?::(\\d{1,4}))?");

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description =
          "cpu, cuda[:N], tensorrt[:N] (N: number of the GPU), or another provider by ONNX"
              + " Runtime's name. A device that cannot be used is an error. Default:"
              + " ${DEFAULT-VALUE}.")
  private String device = "cpu";

  @Option(
      names = "--provider-option",
      paramLabel = "K=V",
      description = "An option for the device's provider, as ONNX Runtime names it; repeatable.")
  private Map<String, String> providerOptions = new LinkedHashMap<>();

  @Option(
      names = "--strict-device",
      description = "No part of the model may fall back to the CPU: that is an error then.")
  private boolean strict;

  @Mixin private LibraryOption library = new LibraryOption();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads that compute one batch (default: one for each core).")
  private int threads;

  /** The device as the user named it. */
  String device() {
    return device;
  }

  boolean isCpu() {
    return device.equalsIgnoreCase("cpu");
  }

  /** Short text for people: {@code CPU}, {@code cuda:0}. */
  String displayName() {
    return isCpu() ? "CPU" : device;
  }

  /** Loads the library. */
  OrtEnvironment environment(NativeCache cache) {
    return library.environment(cache);
  }

  /** Loads the library that can train. */
  OrtEnvironment trainingEnvironment(NativeCache cache) {
    return library.trainingEnvironment(cache);
  }

  /** Threads that compute, 0 for one a core. */
  int threads() {
    return threads;
  }

  /** Options for a session on the device. */
  SessionOptions.Builder session() {
    if (threads < 0) {
      throw new IllegalArgumentException("--threads must not be negative.");
    }
    return ClassifierOptions.DEFAULT.session().toBuilder()
        .intraOpThreads(threads)
        .providers(providers().toArray(new Provider[0]))
        .strict(strict);
  }

  /** The providers to append, best first; none for the CPU. */
  private List<Provider> providers() {
    if (isCpu()) {
      if (!providerOptions.isEmpty()) {
        throw new IllegalArgumentException("--provider-option needs a --device other than cpu.");
      }
      return List.of();
    }
    Matcher numbered = NUMBERED.matcher(device.toLowerCase(Locale.ROOT));
    if (!numbered.matches()) {
      return List.of(Provider.named(device).with(providerOptions));
    }
    int id = numbered.group(2) == null ? 0 : Integer.parseInt(numbered.group(2));
    Provider cuda =
        Provider.cuda(id)
            // The default, EXHAUSTIVE, tries every kernel at the first run of each new shape.
            .with("cudnn_conv_algo_search", "HEURISTIC")
            // Not in powers of two, which can take twice what is needed.
            .with("arena_extend_strategy", "kSameAsRequested");
    if (numbered.group(1).equals("cuda")) {
      return List.of(cuda.with(providerOptions));
    }
    // What TensorRT does not take stays on the same GPU.
    return List.of(Provider.tensorRt(id).with(providerOptions), cuda);
  }

  /** Why a session could not be opened, and what to do. */
  ModelException failure(Path model, OrtLibrary loaded, OrtException e) {
    List<Provider> wanted = providers();
    boolean device = wanted.stream().anyMatch(provider -> isAbout(provider, e));
    String explained =
        device ? "--device " + this.device + ": " + firstLine(e) : ModelFailure.explain(model, e);
    boolean damaged =
        switch (e.code()) {
          case INVALID_PROTOBUF, NO_MODEL, INVALID_GRAPH -> true;
          default -> false;
        };
    return new ModelException(
        wanted.isEmpty() || damaged
            ? explained
            : explained + " " + remedy(wanted, loaded, e, false));
  }

  /** Why a training failed: as ONNX Runtime says it, unless the device was refused. */
  RuntimeException trainingFailure(OrtLibrary loaded, OrtException e) {
    List<Provider> wanted = providers();
    boolean refused = wanted.stream().anyMatch(provider -> isAbout(provider, e)) || fellBack(e);
    return refused
        ? new ModelException(
            "--device " + device + ": " + firstLine(e) + " " + remedy(wanted, loaded, e, true))
        : e;
  }

  /** Whether the provider itself was refused, in the words of {@link SessionOptions}. */
  private static boolean isAbout(Provider provider, OrtException e) {
    return e.getMessage().startsWith(provider.name() + " cannot be used");
  }

  private static String firstLine(OrtException e) {
    return e.getMessage().strip().lines().findFirst().orElse("");
  }

  private String remedy(
      List<Provider> wanted, OrtLibrary loaded, OrtException e, boolean training) {
    if (fellBack(e)) {
      return "Without --strict-device those parts run on the CPU.";
    }
    return LibraryOption.remedy(loaded, wanted.getFirst(), training);
  }

  /** By ONNX Runtime 1.29's words for session.disable_cpu_ep_fallback. */
  private boolean fellBack(OrtException e) {
    return strict && e.getMessage().contains("fallback to CPU");
  }
}
