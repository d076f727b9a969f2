import java.nio.file.Path;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.natives.NativeLibraryException;
import org.alexnetedge.ort.LogLevel;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.ort.OrtLibrary;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.SessionOptions;

/**
 * java -cp target/alexnet-edge.jar examples/CustomLibraryExample.java LIBRARY MODEL
 *
 * <p>LIBRARY is an ONNX Runtime that is not carried: a libonnxruntime.so, a folder that holds one
 * (JetPack's, a wheel's capi folder), or a jar from Maven such as onnxruntime_gpu.
 */
class CustomLibraryExample {
  public static void main(String[] arguments) {
    try {
      var cache = NativeCache.ofUser(System.err::println);
      var library = OrtLibrary.at(Path.of(arguments[0]), cache);
      System.out.println("ONNX Runtime " + library.version() + " " + library.compiledProviders());
      var environment = library.environment(LogLevel.WARNING, System.err::println);
      try (var session = Session.open(environment, Path.of(arguments[1]), SessionOptions.DEFAULT)) {
        System.out.println(session.inputs() + " -> " + session.outputs());
      }
    } catch (NativeLibraryException | OrtException e) {
      // No such library or model, or one that cannot be used: the message says why.
      System.err.println(e.getMessage());
      System.exit(1);
    }
  }
}
