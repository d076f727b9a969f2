import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.ort.ElementType;
import org.alexnetedge.ort.IoBinding;
import org.alexnetedge.ort.LogLevel;
import org.alexnetedge.ort.OrtLibrary;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.ort.Tensor;
import org.alexnetedge.ort.ValueType;

/**
 * java -cp target/alexnet-edge.jar examples/IoBindingExample.java MODEL
 *
 * <p>Input and output are tied to a model of float32 pictures once; then each run reads and writes
 * the same memory and makes no objects.
 */
class IoBindingExample {
  public static void main(String[] arguments) {
    var environment =
        OrtLibrary.carried(NativeCache.ofUser(System.err::println))
            .environment(LogLevel.WARNING, System.err::println);
    try (var session = Session.open(environment, Path.of(arguments[0]), SessionOptions.DEFAULT);
        var binding = new IoBinding(session);
        var picture = Tensor.allocate(environment, ElementType.FLOAT, 1, 3, 224, 224);
        var scores = Tensor.allocate(environment, ElementType.FLOAT, 1, classes(session))) {
      binding.bindInput(session.inputs().getFirst().name(), picture);
      binding.bindOutput(session.outputs().getFirst().name(), scores);
      var pixels = picture.data();
      var results = scores.data();
      for (float gray = 0; gray <= 1; gray += 0.25f) {
        for (long i = 0; i < picture.elements(); i++) {
          pixels.setAtIndex(ValueLayout.JAVA_FLOAT, i, gray);
        }
        binding.run();
        float first = results.getAtIndex(ValueLayout.JAVA_FLOAT, 0);
        System.out.printf("gray %.2f: class 0 has the score %.4f%n", gray, first);
      }
    }
  }

  private static long classes(Session session) {
    return switch (session.outputs().getFirst().type()) {
      case ValueType.OfTensor tensor -> tensor.shape().getLast().size();
      case ValueType other -> throw new IllegalArgumentException("The output is a " + other);
    };
  }
}
