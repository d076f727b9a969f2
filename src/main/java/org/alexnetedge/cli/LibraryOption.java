package org.alexnetedge.cli;

import java.nio.file.Path;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.ort.LogLevel;
import org.alexnetedge.ort.LogMessage;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtLibrary;
import org.alexnetedge.ort.Provider;
import org.alexnetedge.ort.training.TrainingLibrary;
import org.alexnetedge.pipeline.RawPath;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which ONNX Runtime is loaded. */
final class LibraryOption {
  /** The environment variable beside {@code --ort-library}. */
  private static final String VARIABLE = "ALEXNET_ORT_LIBRARY";

  @Option(
      names = "--ort-library",
      paramLabel = "PATH",
      description =
          "Another ONNX Runtime (1.16 or later): a libonnxruntime.so, a folder that holds one, or"
              + " Maven's onnxruntime_gpu jar. Also: ALEXNET_ORT_LIBRARY.")
  private @Nullable Path named;

  /** Loads the library. */
  OrtEnvironment environment(NativeCache cache) {
    String variable = System.getenv(VARIABLE);
    Path path =
        named != null
            ? named
            : variable != null && !variable.isEmpty() ? RawPath.of(variable) : null;
    OrtLibrary loaded = path != null ? OrtLibrary.at(path, cache) : OrtLibrary.carried(cache);
    return loaded.environment(LogLevel.FATAL, LibraryOption::ignore);
  }

  /**
   * Loads the library that can train: the carried one, unless another is named on the command line.
   * The environment variable is about the libraries of a device, of which none can train.
   */
  OrtEnvironment trainingEnvironment(NativeCache cache) {
    OrtLibrary loaded =
        named != null ? OrtLibrary.at(named, cache) : TrainingLibrary.carried(cache);
    return loaded.environment(LogLevel.FATAL, LibraryOption::ignore);
  }

  /** What ONNX Runtime logs is told with the failure that follows it. */
  private static void ignore(LogMessage message) {}

  /**
   * What to do when a provider cannot be used.
   *
   * @param training whether the library has to train, too
   */
  static String remedy(OrtLibrary loaded, Provider provider, boolean training) {
    boolean tensorRt = provider.name().startsWith("Tensorrt");
    if (!tensorRt && !provider.name().startsWith("CUDA")) {
      return "This library has: " + String.join(", ", loaded.compiledProviders()) + ".";
    }
    if (!provider.isCompiledInto(loaded)) {
      if (training) {
        return "This library is built without it. Name another with --ort-library that can train,"
            + " too: Maven's jar org.bytedeco:onnxruntime with the classifier"
            + " linux-x86_64-gpu, whose version begins with "
            + loaded.version()
            + ".";
      }
      return "This library is built without it. Name another with --ort-library: on a Jetson"
          + " JetPack's libonnxruntime.so, on a PC Maven's jar"
          + " com.microsoft.onnxruntime:onnxruntime_gpu (CUDA 12, cuDNN 9).";
    }
    return "Install the missing files (CUDA, cuDNN"
        + (tensorRt ? ", TensorRT" : "")
        + " in the versions that this ONNX Runtime was built for), or name their folder in"
        + " LD_LIBRARY_PATH.";
  }
}
