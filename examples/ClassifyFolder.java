import java.nio.file.Path;
import java.util.List;
import org.alexnetedge.classify.Classifier;
import org.alexnetedge.classify.ClassifierOptions;
import org.alexnetedge.classify.ClassifyRecord;
import org.alexnetedge.image.Format;
import org.alexnetedge.image.OpenCv;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.ort.LogLevel;
import org.alexnetedge.ort.OrtLibrary;
import org.alexnetedge.pipeline.Argument;
import org.alexnetedge.pipeline.InputOptions;
import org.alexnetedge.pipeline.Inputs;
import org.alexnetedge.pipeline.ModelCache;

/** java -cp target/alexnet-edge.jar examples/ClassifyFolder.java MODEL FOLDER */
class ClassifyFolder {
  public static void main(String[] arguments) throws Exception {
    var cache = NativeCache.ofUser(System.err::println);
    OpenCv.load(cache, OpenCv.DEFAULT_MAX_PIXELS);
    var environment = OrtLibrary.carried(cache).environment(LogLevel.FATAL, message -> {});
    var pictures = InputOptions.of(firstBytes -> Format.sniff(firstBytes) != null);
    try (var classifier =
            Classifier.open(
                environment,
                Path.of(arguments[0]),
                new ModelCache(cache),
                ClassifierOptions.DEFAULT);
        var inputs = new Inputs(List.of(Argument.parse(arguments[1])), pictures)) {
      classifier.classify(inputs, ClassifyFolder::print);
    }
  }

  private static void print(ClassifyRecord record) {
    switch (record) {
      case ClassifyRecord.Result(var file, var predictions) -> {
        var best = predictions.getFirst();
        System.out.println(file + ": " + best.label() + " (" + best.index() + ") " + best.score());
      }
      case ClassifyRecord.Failure(var file, var kind, var message) ->
          System.out.println(file + ": " + kind + ", " + message);
    }
  }
}
