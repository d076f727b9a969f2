package org.alexnetedge.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.alexnetedge.classify.Classifier;
import org.alexnetedge.classify.ClassifierOptions;
import org.alexnetedge.classify.ClassifyRecord;
import org.alexnetedge.classify.OutputException;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.evaluate.DataSet;
import org.alexnetedge.evaluate.Evaluation;
import org.alexnetedge.evaluate.EvaluationJson;
import org.alexnetedge.evaluate.EvaluationText;
import org.alexnetedge.evaluate.Evaluator;
import org.alexnetedge.evaluate.Metrics;
import org.alexnetedge.evaluate.PredictionsFile;
import org.alexnetedge.image.Format;
import org.alexnetedge.image.OpenCv;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.natives.Terminal;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.pipeline.InputName;
import org.alexnetedge.pipeline.InputOptions;
import org.alexnetedge.pipeline.Labels;
import org.alexnetedge.pipeline.ModelCache;
import org.alexnetedge.pipeline.ModelException;
import org.alexnetedge.pipeline.RawPath;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code alexnet evaluate}: pictures whose classes are known in, figures out. */
@Command(
    name = "evaluate",
    sortOptions = false,
    description = "Says how good a model is, on pictures whose classes are known.",
    footer = {
      "",
      "Accuracy, precision and recall of each class, ROC and precision-recall curves, calibration,",
      "confusions, and the worst mistakes with their files. Pictures that cannot be read are"
          + " listed",
      "and left out; the exit code is 1 then.",
      "",
      "  alexnet evaluate --model flowers.onnx flowers/val",
      "  alexnet evaluate --model flowers.onnx flowers.csv --split val --json figures.json",
      "  alexnet evaluate --predictions predictions.csv"
    })
final class EvaluateCommand implements Callable<Integer> {
  private static final String STANDARD_OUTPUT = "-";

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      paramLabel = "DATA",
      arity = "0..1",
      description = {
        "A folder with one folder for each class, named as its label; or a CSV or TSV file with the"
            + " columns path (relative to the file's folder), label and, if any, split."
      })
  private @Nullable String data;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "FILE",
      description = "The ONNX model (default: the one that this program carries).")
  private @Nullable Path model;

  @Option(
      names = "--predictions",
      paramLabel = "FILE",
      description =
          "Instead of model and pictures, a CSV or TSV file of scores that are there already:"
              + " columns label (true), p0, p1 and so on (or one named as each label) and, if any,"
              + " file.")
  private @Nullable Path predictions;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description =
          "Names of the classes instead of the model's own: one a line, or a table with tabs.")
  private @Nullable Path labels;

  @Option(
      names = "--split",
      paramLabel = "NAME",
      description = "Only rows with NAME in the table's column split.")
  private @Nullable String split;

  @Option(
      names = {"-k", "--top"},
      paramLabel = "K",
      description = "K of the top-K accuracy in the report (default: ${DEFAULT-VALUE}).")
  private int top = 5;

  @Option(
      names = "--worst",
      paramLabel = "N",
      description = "List the N surest wrong answers (default: ${DEFAULT-VALUE}).")
  private int worst = 10;

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description =
          "Write all figures and curves to FILE, which is replaced; - is standard output, without"
              + " the report.")
  private @Nullable Path json;

  @Mixin private DeviceOptions device = new DeviceOptions();

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Photos that go through the model together (default: 16).")
  private int batch;

  @Option(
      names = "--decode-threads",
      paramLabel = "N",
      description = "Threads that read and decode (default: one for each core, at most 8).")
  private int decodeThreads;

  @Mixin private RecipeOptions recipe = new RecipeOptions();

  @Mixin private DecodingOptions decoding = new DecodingOptions();

  @Option(
      names = {"-q", "--quiet"},
      description = "Nothing on standard error but errors.")
  private boolean quiet;

  @Override
  public Integer call() throws DataException, OutputException, InterruptedException {
    checkOptions();
    Evaluation evaluation =
        predictions != null ? PredictionsFile.read(predictions, names()) : classified();
    if (evaluation == null) {
      return ExitCode.DONE; // Interrupted: the JVM ends with 130 or 143, whatever this says.
    }
    evaluation.leftOut().forEach(this::sayLeftOut);
    if (!quiet) {
      for (InputName empty : evaluation.empty()) {
        Failures.say(err(), empty.text() + " holds no picture.");
      }
    }
    report(evaluation);
    return evaluation.leftOut().isEmpty() ? ExitCode.DONE : ExitCode.SOME_ERRORS;
  }

  private void sayLeftOut(ClassifyRecord.Failure failure) {
    Failures.say(err(), "left out " + failure.file().text() + ": " + failure.message());
  }

  /** Puts the pictures through the model; null when interrupted. */
  private @Nullable Evaluation classified() throws DataException, InterruptedException {
    ClassifierOptions options = options();
    NativeCache cache = NativeCache.ofUser(warning -> Failures.say(err(), warning));
    Path file = DefaultModel.unless(model, cache);
    OrtEnvironment environment = device.environment(cache);
    OpenCv.load(cache, decoding.options().maxPixels());
    try (Classifier classifier = open(environment, file, new ModelCache(cache), options);
        DataSet pictures = DataSet.read(Objects.requireNonNull(data), split, inputOptions())) {
      Evaluator evaluator =
          new Evaluator(pictures, classifier.use().labels(), classifier.use().model().classes());
      sayAssumptions(classifier, evaluator, pictures);
      Interruption interruption = new Interruption(classifier::stop);
      boolean shown = !quiet && Terminal.isTerminal(Terminal.ERR);
      try (ProgressLine progress = new ProgressLine("evaluate", shown, pictures::size)) {
        return evaluator.evaluate(classifier, progress);
      } finally {
        interruption.over();
      }
    }
  }

  private Classifier open(
      OrtEnvironment environment, Path file, ModelCache models, ClassifierOptions options) {
    try {
      return Classifier.open(environment, file, models, options);
    } catch (ModelException e) {
      throw ModelFailure.unfit(file, e);
    } catch (OrtException e) {
      throw device.failure(file, environment.library(), e);
    }
  }

  private void sayAssumptions(Classifier classifier, Evaluator evaluator, DataSet pictures) {
    if (quiet) {
      return;
    }
    List<String> assumptions = classifier.use().assumptions();
    if (!assumptions.isEmpty()) {
      Failures.say(err(), "assumed: " + String.join("; ", assumptions) + ".");
    }
    if (evaluator.assumedOrder()) {
      Failures.say(
          err(),
          "assumed: the model's outputs are the data's labels in sorted order, "
              + String.join(", ", pictures.labels())
              + ".");
    }
    pictures.remarks().forEach(remark -> Failures.say(err(), remark + "."));
  }

  private ClassifierOptions options() {
    try {
      return new ClassifierOptions(
          device.session().build(),
          ModelCache.Loading.PLAIN,
          recipe.preset(),
          recipe::adjust,
          names(),
          Integer.MAX_VALUE, // every class
          Float.NEGATIVE_INFINITY,
          batch,
          decodeThreads,
          decoding.options());
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  private @Nullable List<String> names() {
    try {
      return labels == null ? null : Labels.read(labels);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  private static InputOptions inputOptions() {
    return InputOptions.of(first -> Format.sniff(first) != null);
  }

  private void checkOptions() throws OutputException {
    if (predictions != null && (data != null || model != null || split != null)) {
      throw usage("--predictions takes the place of DATA, --model and --split.");
    }
    if (predictions == null && data == null) {
      throw usage("Name the DATA, a folder or a table, or scores with --predictions.");
    }
    if (top < 1) {
      throw usage("--top must be at least 1.");
    }
    if (worst < 0) {
      throw usage("--worst must not be negative.");
    }
    if (batch < 0 || batch > 4096) {
      throw usage("--batch must be from 1 to 4096.");
    }
    if (decodeThreads < 0 || decodeThreads > 256) {
      throw usage("--decode-threads must be from 1 to 256.");
    }
    try {
      recipe.check();
      decoding.options();
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
    if (json != null && !isStandardOutput(json)) {
      checkOutput(json);
    }
  }

  /** Before the work, not after it. */
  private void checkOutput(Path file) throws OutputException {
    NewFile.check(file, true);
    Path given = data == null ? null : RawPath.of(data);
    if (NewFile.isAmong(file, model, predictions, given, labels)) {
      throw usage("The output " + file + " is one of the inputs.");
    }
  }

  private static boolean isStandardOutput(Path file) {
    return file.toString().equals(STANDARD_OUTPUT);
  }

  private void report(Evaluation evaluation) throws OutputException {
    Metrics metrics = Metrics.of(evaluation.scores());
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    try {
      if (json != null && isStandardOutput(json)) {
        EvaluationJson.write(evaluation, metrics, worst, out);
        return;
      }
      if (json != null) {
        try (Writer file = Files.newBufferedWriter(json)) {
          EvaluationJson.write(evaluation, metrics, worst, file);
        }
      }
    } catch (IOException e) {
      throw new OutputException("cannot write " + json + ": " + OutputException.reason(e), e);
    }
    EvaluationText.print(evaluation, metrics, top, worst, out);
  }

  private ParameterException usage(String message) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }

  private PrintWriter err() {
    return Objects.requireNonNull(spec).commandLine().getErr();
  }
}
