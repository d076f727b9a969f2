package org.alexnetedge.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.alexnetedge.classify.Classifier;
import org.alexnetedge.classify.ClassifierOptions;
import org.alexnetedge.classify.ClosedPipeException;
import org.alexnetedge.classify.CsvRows;
import org.alexnetedge.classify.JsonLines;
import org.alexnetedge.classify.OutputException;
import org.alexnetedge.classify.RecordFormat;
import org.alexnetedge.classify.RecordOutput;
import org.alexnetedge.classify.RecordOutput.Existing;
import org.alexnetedge.classify.RecordWriter;
import org.alexnetedge.classify.Summary;
import org.alexnetedge.classify.TableRows;
import org.alexnetedge.image.Format;
import org.alexnetedge.image.OpenCv;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.natives.Terminal;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.pipeline.Argument;
import org.alexnetedge.pipeline.InputOptions;
import org.alexnetedge.pipeline.Inputs;
import org.alexnetedge.pipeline.Labels;
import org.alexnetedge.pipeline.ModelCache;
import org.alexnetedge.pipeline.ModelException;
import org.alexnetedge.pipeline.RawPath;
import org.alexnetedge.pipeline.Shard;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code alexnet classify}: photos in, one record for each out. */
@Command(
    name = "classify",
    sortOptions = false,
    description = "Says what is in photos: one record for each, in the order of the inputs.",
    footer = {
      "",
      "A table on a terminal, JSON Lines in a pipe or file. Every input gives exactly one record,"
          + " a",
      "result or an error; with errors the exit code is 1.",
      "",
      "  alexnet classify photos/",
      "  alexnet classify --model m.onnx photos/ -o answers.jsonl    # and, after a break,"
          + " --resume",
      "  find . -name '*.jpg' -print0 | alexnet classify --model m.onnx -0 - --top 1 --format csv"
    })
final class ClassifyCommand implements Callable<Integer> {
  /** Photos that are done before loading the weights would have paid: one batch. */
  private static final int FEW = 16;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      paramLabel = "INPUT",
      arity = "1..*",
      description = {
        "Photos, folders (with all below them), URLs, @LIST (a file with one of these a line) or -"
            + " (such a list on standard input)."
      })
  private List<String> inputs = List.of();

  @Option(
      names = {"-m", "--model"},
      paramLabel = "FILE",
      description = "The ONNX model (default: the one that this program carries).")
  private @Nullable Path model;

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description =
          "Names of the classes instead of the model's own: one a line, or a table with tabs.")
  private @Nullable Path labels;

  @Option(
      names = {"-k", "--top"},
      paramLabel = "K",
      description = "Best classes in a record (default: ${DEFAULT-VALUE}).")
  private int top = 5;

  @Option(
      names = "--threshold",
      paramLabel = "S",
      description = "Leave out classes with a score below S.")
  private float threshold = Float.NEGATIVE_INFINITY;

  @Option(
      names = {"-f", "--format"},
      paramLabel = "NAME",
      description = "table, jsonl, csv, or auto (default): by what the output is.")
  private String format = "auto";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write the records to FILE, and FILE.run beside it.")
  private @Nullable Path output;

  @Option(names = "--resume", description = "Go on where a run into FILE was broken off.")
  private boolean resume;

  @Option(names = "--overwrite", description = "Replace the records in FILE.")
  private boolean overwrite;

  @Option(
      names = "--shard",
      paramLabel = "I/N",
      description = "Only part I of N, chosen by a hash of the path.")
  private @Nullable String shard;

  @Option(names = "-0", description = "Lists end entries with NUL (find -print0).")
  private boolean nul;

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

  @Option(names = "--stats", description = "Say at the end where the time went.")
  private boolean stats;

  @Option(
      names = {"-q", "--quiet"},
      description = "Nothing on standard error but errors.")
  private boolean quiet;

  @Override
  public Integer call() throws OutputException, ClosedPipeException, InterruptedException {
    checkOptions();
    ClassifierOptions options = options();
    long start = System.nanoTime();
    NativeCache cache = NativeCache.ofUser(warning -> Failures.say(err(), warning));
    Path file = DefaultModel.unless(model, cache);
    OrtEnvironment environment = device.environment(cache);
    OpenCv.load(cache, decoding.options().maxPixels());
    try (Classifier classifier = open(environment, file, new ModelCache(cache), options);
        Inputs source = new Inputs(arguments(), inputOptions())) {
      boolean progressShown =
          !quiet && Terminal.isTerminal(Terminal.ERR) && !onTerminal(Terminal.OUT);
      List<String> assumptions = classifier.use().assumptions();
      if (!quiet && !assumptions.isEmpty()) {
        Failures.say(err(), "assumed: " + String.join("; ", assumptions) + ".");
      }
      Map<String, String> settings = settings(classifier, environment, file);
      Summary summary;
      Interruption interruption = new Interruption(classifier::stop);
      try {
        try (RecordOutput records = openOutput(settings);
            ProgressLine progress =
                new ProgressLine("classify", progressShown, this::countInputs)) {
          summary = classifier.classify(source, records, progress);
        }
        if (!quiet) {
          report(summary, classifier, source.skipped(), System.nanoTime() - start);
        }
      } finally {
        interruption.over();
      }
      return summary.errors() > 0 ? ExitCode.SOME_ERRORS : ExitCode.DONE;
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

  private static boolean isSame(Path a, Path b) {
    try {
      return Files.isSameFile(a, b);
    } catch (IOException e) {
      return false; // One of them does not exist yet.
    }
  }

  private ClassifierOptions options() {
    try {
      var session = device.session();
      if (stats) {
        session.configuration("session.record_ep_graph_assignment_info", "1");
      }
      return new ClassifierOptions(
          session.build(),
          fewPhotos() ? ModelCache.Loading.MAPPED : ModelCache.Loading.PLAIN,
          recipe.preset(),
          recipe::adjust,
          labels == null ? null : Labels.read(labels),
          top,
          threshold,
          batch,
          decodeThreads,
          decoding.options());
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  /**
   * Whether it takes longer to open the model than to classify. Not for records that are kept:
   * those do not depend on how many photos there are, not even in the last bits.
   */
  private boolean fewPhotos() {
    return output == null
        && inputs.size() <= FEW
        && arguments().stream()
            .allMatch(
                argument ->
                    argument instanceof Argument.Url
                        || argument instanceof Argument.Named named
                            && !Files.isDirectory(RawPath.of(named.path())));
  }

  private void checkOptions() {
    if (top < 1) {
      throw usage("--top must be at least 1.");
    }
    if (threshold != Float.NEGATIVE_INFINITY && !(threshold >= 0 && threshold <= 1)) {
      throw usage("--threshold must be from 0 to 1.");
    }
    if (batch < 0 || batch > 4096) {
      throw usage("--batch must be from 1 to 4096.");
    }
    if (decodeThreads < 0 || decodeThreads > 256) {
      throw usage("--decode-threads must be from 1 to 256.");
    }
    if (resume && overwrite) {
      throw usage("--resume and --overwrite exclude each other.");
    }
    if ((resume || overwrite) && output == null) {
      throw usage((resume ? "--resume" : "--overwrite") + " needs -o FILE.");
    }
    if (resume && arguments().stream().anyMatch(Argument.StandardInput.class::isInstance)) {
      throw usage("--resume needs the same inputs again, which standard input cannot give.");
    }
    if (shard != null) {
      inputOptions();
    }
    recordFormat();
    try {
      recipe.check();
      decoding.options();
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
    if (output != null && model != null && isSame(output, model)) {
      throw usage("The output " + output + " is the model.");
    }
  }

  private List<Argument> arguments() {
    return inputs.stream().map(Argument::parse).toList();
  }

  private InputOptions inputOptions() {
    InputOptions options =
        InputOptions.of(first -> Format.sniff(first) != null).withNulSeparated(nul);
    try {
      return shard == null ? options : options.withShard(Shard.parse(shard));
    } catch (IllegalArgumentException e) {
      throw usage("--shard: " + e.getMessage());
    }
  }

  /** Number of inputs, or -1 when only reading standard input could tell. */
  private long countInputs() {
    if (arguments().stream().anyMatch(a -> !(a instanceof Argument.Named))) {
      return -1;
    }
    try (Inputs all = new Inputs(arguments(), inputOptions())) {
      long n = 0;
      while (all.next() != null) {
        n++;
      }
      return n;
    }
  }

  private RecordFormat recordFormat() {
    return switch (format.toLowerCase(Locale.ROOT)) {
      case "auto" ->
          output != null
              ? RecordFormat.forFile(output)
              : onTerminal(Terminal.OUT) ? RecordFormat.TABLE : RecordFormat.JSONL;
      case "table" -> RecordFormat.TABLE;
      case "jsonl" -> RecordFormat.JSONL;
      case "csv" -> RecordFormat.CSV;
      default -> throw usage("--format must be table, jsonl, csv or auto, not '" + format + "'.");
    };
  }

  private RecordOutput openOutput(Map<String, String> settings) throws OutputException {
    RecordWriter writer =
        switch (recordFormat()) {
          case JSONL -> new JsonLines();
          case CSV -> new CsvRows(top);
          case TABLE -> {
            boolean terminal = output == null && onTerminal(Terminal.OUT);
            int columns = terminal ? Terminal.columns(Terminal.OUT, 100) : 100;
            yield new TableRows(columns, terminal && System.getenv("NO_COLOR") == null);
          }
        };
    if (output == null) {
      return RecordOutput.standardOutput(writer);
    }
    Existing existing = resume ? Existing.RESUME : overwrite ? Existing.OVERWRITE : Existing.REFUSE;
    return RecordOutput.open(output, existing, writer, settings);
  }

  /** What decides the records, for FILE.run. */
  private Map<String, String> settings(
      Classifier classifier, OrtEnvironment environment, Path file) {
    Map<String, String> settings = new LinkedHashMap<>();
    if (output == null) {
      return settings;
    }
    try {
      settings.put("--model (SHA-256)", ModelFailure.sha256(file));
    } catch (IOException e) {
      throw new ModelException("The model " + file + " cannot be read: " + e.getMessage());
    }
    settings.put("preprocessing", classifier.use().recipe().toJson());
    settings.put("task", classifier.use().task().code());
    settings.put("model output", classifier.use().output().code());
    settings.put("labels", Integer.toHexString(Objects.hashCode(classifier.use().labels())));
    settings.put("--top", Integer.toString(top));
    settings.put("--threshold", Float.toString(threshold));
    settings.put("--batch", Integer.toString(classifier.batch()));
    settings.put("--device", device.device());
    settings.put("--shard", shard == null ? "1/1" : shard);
    settings.put("--max-pixels", Long.toString(decoding.options().maxPixels()));
    settings.put("--lenient", Boolean.toString(decoding.options().lenient()));
    settings.put("ONNX Runtime", environment.library().version());
    return settings;
  }

  private void report(Summary summary, Classifier classifier, long skipped, long nanos) {
    ClassifyReport report =
        new ClassifyReport(
            summary, classifier, device.displayName(), skipped, nanos, output != null);
    err().println(report.line());
    if (stats) {
      report.stats().forEach(err()::println);
    }
  }

  private static boolean onTerminal(int descriptor) {
    return Terminal.isTerminal(descriptor);
  }

  private ParameterException usage(String message) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }

  private PrintWriter err() {
    return Objects.requireNonNull(spec).commandLine().getErr();
  }
}
