package org.alexnetedge.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.alexnetedge.artifacts.Trainable;
import org.alexnetedge.classify.OutputException;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.image.DecodeOptions;
import org.alexnetedge.image.OpenCv;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.pipeline.RawPath;
import org.alexnetedge.train.DataOptions;
import org.alexnetedge.train.LeftOut;
import org.alexnetedge.train.RunFolder;
import org.alexnetedge.train.TrainConfig;
import org.alexnetedge.train.TrainConfig.Checkpoints;
import org.alexnetedge.train.TrainConfig.Teaching;
import org.alexnetedge.train.TrainingData;
import org.alexnetedge.train.TrainingException;
import org.alexnetedge.train.TrainingRun;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** {@code alexnet train}: a folder for each class in, one ONNX file out. */
@Command(
    name = "train",
    sortOptions = false,
    description = "Learns classes from pictures: a folder for each class in, one ONNX file out.",
    footer = {
      "",
      "What is learnt lies in a run folder, which may be killed at any moment: --resume goes on",
      "from the last checkpoint and ends with the same weights. It takes --epochs, --time-limit,",
      "-o and the options of the device besides.",
      "",
      "  alexnet train flowers/",
      "  alexnet train flowers/ --from squeezenet.onnx -o flowers.onnx",
      "  alexnet train flowers/ --arch torchvision --width 0.25 --input 128 --batch-norm",
      "  alexnet train cats-and-dogs --arch keras --val-split 0.2 --batch 32 \\",
      "      --optimizer keras-adam --lr 0.001 --early-stopping loss:5",
      "  alexnet train --resume flowers.run --epochs 60"
    })
final class TrainCommand implements Callable<Integer> {
  /** How long a step, a checkpoint and a validation that is under way may take after ^C. */
  private static final long PATIENCE_SECONDS = 600;

  /** What goes with --resume: what changes no weight that was learnt. */
  private static final Set<String> RESUMABLE =
      Set.of(
          "--resume",
          "--epochs",
          "--time-limit",
          "--output",
          "--overwrite",
          "--quiet",
          "--device",
          "--provider-option",
          "--strict-device",
          "--ort-library");

  @Spec private @Nullable CommandSpec spec;

  @Parameters(
      paramLabel = "DATA",
      arity = "0..1",
      description = {
        "A folder with one folder for each class, named as its label; or a CSV or TSV file with the"
            + " columns path (relative to the file's folder), label and, if any, split (train,"
            + " val)."
      })
  private @Nullable String data;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "The ONNX file to write (default: DATA's name with .onnx, here).")
  private @Nullable Path output;

  @Option(
      names = "--from",
      paramLabel = "MODEL",
      description =
          "The ONNX model to start from (default: the one that this program carries); it gets a new"
              + " last layer for other classes.")
  private @Nullable Path from;

  @Option(
      names = "--run",
      paramLabel = "DIR",
      description = "The run folder (default: the output's name with .run in the place of .onnx).")
  private @Nullable Path run;

  @Option(names = "--resume", paramLabel = "DIR", description = "Go on with this run.")
  private @Nullable Path resume;

  @Option(names = "--overwrite", description = "Replace the output, and a run that is in the way.")
  private boolean overwrite;

  @Mixin private SplitOptions split = new SplitOptions();

  @Mixin private PictureOptions pictures = new PictureOptions();

  @Mixin private LearningOptions learning = new LearningOptions();

  @Mixin private LossOptions loss = new LossOptions();

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Of all that is random (default: ${DEFAULT-VALUE}).")
  private long seed = 0;

  @Option(
      names = "--time-limit",
      paramLabel = "TIME",
      description = "Stop learning after, such as 90s, 30m or 8h, and write what there is.")
  private @Nullable String timeLimit;

  @Option(
      names = "--checkpoint-every",
      paramLabel = "N",
      description = "Write a checkpoint every N epochs (default: ${DEFAULT-VALUE}).")
  private int checkpointEpochs = 1;

  @Option(names = "--checkpoint-steps", paramLabel = "N", description = "And one every N steps.")
  private int checkpointSteps;

  @Option(
      names = "--probabilities",
      description = "The file ends in a softmax, or a sigmoid for a yes or no.")
  private boolean probabilities;

  @Mixin private NetworkOptions network = new NetworkOptions();

  @Mixin private RecipeOptions recipe = new RecipeOptions();

  @Mixin private DecodingOptions decoding = new DecodingOptions();

  @Mixin private DeviceOptions device = new DeviceOptions();

  @Option(
      names = {"-q", "--quiet"},
      description = "Nothing on standard error but errors and warnings.")
  private boolean quiet;

  @Override
  public Integer call()
      throws DataException, OutputException, TrainingException, InterruptedException {
    Duration limit = TimeLimit.parse(timeLimit, this::usage);
    if (resume != null) {
      return resumed(resume, limit);
    }
    Path file = checkedOutput();
    Plan plan = plan(file);
    NativeCache cache = NativeCache.ofUser(warning -> Failures.say(err(), warning));
    OrtEnvironment environment = device.trainingEnvironment(cache);
    OpenCv.load(cache, decoding.options().maxPixels());
    Path folder = run != null ? run : runFolder(file);
    try (RunFolder made = RunFolder.create(folder, overwrite)) {
      TrainConfig config;
      try {
        config = begin(made, plan, environment, cache);
      } catch (Throwable t) {
        made.discardIfEmpty();
        throw t;
      }
      return trained(made, config, environment, limit, false);
    }
  }

  /** What was asked for, as far as the options alone say it. */
  private record Plan(TrainConfig config, DataOptions data, boolean scratch) {}

  private Plan plan(Path file) throws DataException {
    String given = data;
    if (given == null) {
      throw usage("Name the DATA, a folder or a table, or a run to go on with: --resume DIR.");
    }
    boolean scratch = isGiven("--arch");
    if (scratch && from != null) {
      throw usage("--from and --arch exclude each other.");
    }
    for (String option : List.of("--width", "--fc", "--input", "--batch-norm", "--groups")) {
      if (!scratch && isGiven(option)) {
        throw usage(option + " is for --arch; the model of --from has its sizes.");
      }
    }
    if (isGiven("--classes")) {
      throw usage("The classes are those of the pictures; leave out --classes.");
    }
    if (checkpointEpochs < 1 || checkpointSteps < 0) {
      throw usage("--checkpoint-every must be 1 or more, and --checkpoint-steps not negative.");
    }
    try {
      recipe.check();
      device.session();
      if (scratch) {
        NetworkOptions.network(network.configuration(2)); // Before the pictures are looked at.
      }
      DecodeOptions decode = decoding.options();
      String part = learning.part(scratch);
      Trainable.parse(part); // Patterns that are none are said here.
      boolean head = part.equals("head");
      if (head && scratch) {
        throw usage("A network of random weights is trained as a whole; leave out --train head.");
      }
      if (head && loss.teacher() != null) {
        throw usage(
            "--teacher needs pictures, and a head learns from features; choose"
                + " --train classifier or all.");
      }
      boolean plain = head || scratch && network.isKeras();
      TrainConfig config =
          new TrainConfig(
              "",
              given,
              split.text(given),
              part,
              learning.epochs(part),
              learning.batch(part),
              learning.optimization(part),
              loss.loss(!scratch && isGiven("--dropout") ? network.dropout() : null),
              learning.earlyStopping(),
              pictures.pictures(head, plain, decode),
              seed,
              device.threads(),
              new Checkpoints(checkpointEpochs, checkpointSteps),
              file.toAbsolutePath().toString(),
              probabilities);
      checkDevice(config);
      int threads = Runtime.getRuntime().availableProcessors();
      return new Plan(
          config, new DataOptions(given, split.validation(given), seed, decode, threads), scratch);
    } catch (IllegalArgumentException e) {
      throw usage(Objects.requireNonNull(e.getMessage()));
    }
  }

  /** Learning itself is for the CPU: a device that has nothing to do would mislead. */
  private void checkDevice(TrainConfig config) {
    Teaching teaching = config.loss().teacher();
    boolean computes =
        config.trainable().equals("head") || teaching != null && teaching.views() > 0;
    if (!device.isCpu() && !computes) {
      throw usage(
          "--device computes the features of --train head and the answers of --teacher-views; this"
              + " training has neither, and learns on the CPU.");
    }
  }

  /** Looks at the pictures, makes the model to start from, and puts both into the folder. */
  private TrainConfig begin(
      RunFolder made, Plan plan, OrtEnvironment environment, NativeCache cache)
      throws DataException, TrainingException {
    TrainConfig config = plan.config();
    TrainingData found;
    try (TrainProgress progress = new TrainProgress(err(), quiet)) {
      found = TrainingData.read(plan.data(), progress::looked);
    }
    found.leftOut().forEach(this::sayLeftOut);
    found.remarks().forEach(this::warn);
    if (config.earlyStopping() != null
        && config.earlyStopping().figure().ofValidation()
        && found.validation().isEmpty()) {
      throw usage(
          "--early-stopping watches the validation, and no picture is held back for it; choose"
              + " loss or accuracy, which are those of the training.");
    }
    if (!plan.scratch() && from == null) {
      remark("starting from the model that this program carries; --from names another");
    }
    try (Arena arena = Arena.ofShared()) {
      StartingPoint start =
          plan.scratch()
              ? StartingPoint.scratch(network, found.labels(), seed, this::usage, arena)
              : StartingPoint.from(
                  DefaultModel.unless(from, cache),
                  environment,
                  recipe,
                  found.labels(),
                  config.trainable(),
                  seed,
                  this::remark,
                  arena);
      TrainConfig whole = config.withStart(start.words());
      start.setup().write(made, whole, found.withLabels(start.labels()));
      return whole;
    }
  }

  private Integer resumed(Path folder, @Nullable Duration limit)
      throws DataException, TrainingException, InterruptedException {
    for (OptionSpec option : parsed().matchedOptionsSet()) {
      if (!RESUMABLE.contains(option.longestName())) {
        throw usage(
            option.longestName()
                + " decides what is learnt, and this run has begun: --resume takes only --epochs,"
                + " --time-limit, -o and the device's options.");
      }
    }
    if (data != null) {
      throw usage("--resume knows its DATA; leave it out.");
    }
    try (RunFolder made = RunFolder.open(folder)) {
      TrainConfig config = asked(made.config());
      checkTeacher(config);
      NativeCache cache = NativeCache.ofUser(warning -> Failures.say(err(), warning));
      OrtEnvironment environment = device.trainingEnvironment(cache);
      OpenCv.load(cache, config.pictures().maxPixels());
      return trained(made, config, environment, limit, true);
    }
  }

  /** The run's configuration with what the options change of it. */
  private TrainConfig asked(TrainConfig config) {
    TrainConfig asked = config;
    try {
      Integer epochs = learning.epochs();
      if (epochs != null) {
        asked = asked.withEpochs(epochs);
      }
      device.session();
    } catch (IllegalArgumentException e) {
      throw usage(Objects.requireNonNull(e.getMessage()));
    }
    checkDevice(asked);
    return output == null ? asked : asked.withOutput(output.toAbsolutePath().toString());
  }

  private static void checkTeacher(TrainConfig config) throws DataException {
    Teaching teaching = config.loss().teacher();
    if (teaching == null) {
      return;
    }
    Path file = ModelFailure.check(Path.of(teaching.model()));
    try {
      if (!ModelFailure.sha256(file).equals(teaching.sha256())) {
        throw new DataException(
            "The teacher "
                + file
                + " is not the file that it was when the run began. Put that back to go on with it,"
                + " or start a new run.");
      }
    } catch (IOException e) {
      throw new DataException(
          "The teacher " + file + " cannot be read: " + OutputException.reason(e) + ".", e);
    }
  }

  private Integer trained(
      RunFolder made,
      TrainConfig config,
      OrtEnvironment environment,
      @Nullable Duration limit,
      boolean again)
      throws DataException, TrainingException, InterruptedException {
    try (TrainProgress progress = new TrainProgress(err(), quiet)) {
      TrainingRun training =
          new TrainingRun(
              environment, made, config, config.threads(), device.session().build(), progress);
      progress.onBegin(() -> new Interruption(training::stop, PATIENCE_SECONDS));
      if (again) {
        training.verify(progress::looked);
      }
      TrainingRun.Outcome outcome = training.go(limit, overwrite);
      progress.endBar();
      TrainReport.print(outcome, config, made.folder(), err(), quiet);
      return ExitCode.DONE; // When it was stopped, the JVM ends with 130 or 143 instead.
    } catch (OrtException e) {
      throw device.trainingFailure(environment.library(), e);
    }
  }

  /** The file to write, which is not there yet. */
  private Path checkedOutput() throws OutputException {
    if (data == null && output == null) {
      throw usage("Name the DATA, a folder or a table, or a run to go on with: --resume DIR.");
    }
    Path file = output != null ? output : Path.of(baseName() + ".onnx");
    NewFile.check(file, overwrite);
    Path given = data == null ? null : RawPath.of(data);
    if (NewFile.isAmong(file, given, from, loss.teacher())) {
      throw usage("The output " + file + " is one of the inputs.");
    }
    return file;
  }

  /** Last part of DATA, without a table's extension. */
  private String baseName() {
    Path path = RawPath.of(Objects.requireNonNull(data)).toAbsolutePath().normalize();
    String name = path.getFileName() == null ? "model" : path.getFileName().toString();
    return Files.isDirectory(path) ? name : name.replaceFirst("\\.(csv|tsv|txt)$", "");
  }

  private static Path runFolder(Path file) {
    String name = file.getFileName().toString();
    return file.resolveSibling(
        (name.endsWith(".onnx") ? name.substring(0, name.length() - 5) : name) + ".run");
  }

  private boolean isGiven(String option) {
    return parsed().hasMatchedOption(option);
  }

  private ParseResult parsed() {
    return commandSpec().commandLine().getParseResult();
  }

  private void sayLeftOut(LeftOut picture) {
    Failures.say(err(), "left out " + picture.file().text() + ": " + picture.message());
  }

  private void remark(String text) {
    if (!quiet) {
      warn(text);
    }
  }

  private void warn(String text) {
    Failures.say(err(), text + (text.endsWith(".") ? "" : "."));
  }

  private ParameterException usage(String message) {
    return new ParameterException(commandSpec().commandLine(), message);
  }

  private PrintWriter err() {
    return commandSpec().commandLine().getErr();
  }

  private CommandSpec commandSpec() {
    return Objects.requireNonNull(spec);
  }
}
