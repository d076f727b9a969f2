import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Map;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.ort.ElementType;
import org.alexnetedge.ort.LogLevel;
import org.alexnetedge.ort.OrtLibrary;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.ort.Tensor;

/**
 * java -cp target/alexnet-edge.jar examples/FirstProgram.java MODEL
 *
 * <p>What a model of float32 pictures says of a gray one.
 */
class FirstProgram {
  public static void main(String[] arguments) {
    var library = OrtLibrary.carried(NativeCache.ofUser(System.err::println));
    var environment = library.environment(LogLevel.WARNING, System.err::println);
    try (var session = Session.open(environment, Path.of(arguments[0]), SessionOptions.DEFAULT);
        var picture = Tensor.allocate(environment, ElementType.FLOAT, 1, 3, 224, 224)) {
      for (long i = 0; i < picture.elements(); i++) {
        picture.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, 0.5f);
      }
      try (var outputs = session.run(Map.of(session.inputs().getFirst().name(), picture))) {
        for (float score : outputs.tensor(session.outputs().getFirst().name()).toFloatArray()) {
          System.out.println(score);
        }
      }
    }
  }
}
