import java.nio.file.Path;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.natives.NativeLibraryException;
import org.alexnetedge.ort.LogLevel;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.ort.OrtLibrary;
import org.alexnetedge.ort.Provider;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.SessionOptions;

/**
 * java -cp target/alexnet-edge.jar examples/CudaOptionsExample.java LIBRARY MODEL
 *
 * <p>Opens a model on the first NVIDIA GPU, which may take 2 GiB of its memory. LIBRARY is an ONNX
 * Runtime with CUDA, such as Maven's onnxruntime_gpu jar or JetPack's folder. The options are those
 * that ONNX Runtime documents for its CUDA provider.
 */
class CudaOptionsExample {
  public static void main(String[] arguments) {
    try {
      var environment =
          OrtLibrary.at(Path.of(arguments[0]), NativeCache.ofUser(System.err::println))
              .environment(LogLevel.FATAL, System.err::println);
      var cuda =
          Provider.cuda(0)
              .with("gpu_mem_limit", "2147483648") // bytes
              .with("arena_extend_strategy", "kSameAsRequested");
      // Strict: a model that would partly run on the CPU is refused too.
      var options = SessionOptions.builder().providers(cuda).strict(true).build();
      try (var session = Session.open(environment, Path.of(arguments[1]), options)) {
        System.out.println(session.inputs() + " -> " + session.outputs() + " on the GPU");
      }
    } catch (NativeLibraryException | OrtException e) {
      // No such library, no CUDA, no GPU, or a model that needs the CPU: the message says which.
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }
}
