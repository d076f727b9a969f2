package org.alexnetedge.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.image.OpenCv;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.train.Finish;
import org.alexnetedge.train.RunFolder;
import org.alexnetedge.train.TrainConfig;
import org.alexnetedge.train.TrainingException;
import org.alexnetedge.train.TrainingRun;
import org.alexnetedge.train.TrainingRun.Weights;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code alexnet export}: a checkpoint of a run as an ONNX file. */
@Command(
    name = "export",
    sortOptions = false,
    description = "Makes an ONNX file of a checkpoint of a training run.",
    footer = {
      "",
      "Like the file that train writes, it describes itself, and its answers are compared with",
      "those of the network that learnt before it gets its name.",
      "",
      "  alexnet export flowers.run -o flowers-best.onnx --checkpoint best",
      "  alexnet export flowers.run -o flowers.onnx --fold-batch-norm --calibrate"
    })
final class ExportCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "RUN", description = "The folder of a training run.")
  private @Nullable Path run;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "The ONNX file to write (default: RUN's name with .onnx, beside it).")
  private @Nullable Path output;

  @Option(
      names = "--checkpoint",
      paramLabel = "WHICH",
      description =
          "best or last (default: as train takes it, the best with --early-stopping and else the"
              + " last).")
  private @Nullable String checkpoint;

  @Option(
      names = "--fold-batch-norm",
      description =
          "Put batch normalisation into the convolutions before it. The answers stay; the file can"
              + " no longer be trained as one with batch normalisation.")
  private boolean fold;

  @Option(
      names = "--calibrate",
      description =
          "Divide the logits by the number that makes scores as large as they are right, measured"
              + " on the pictures held back. The order of the answers stays.")
  private boolean calibrate;

  @Option(
      names = "--probabilities",
      description = "The file ends in a softmax, or a sigmoid for a yes or no.")
  private boolean probabilities;

  @Option(names = "--overwrite", description = "Replace the output.")
  private boolean overwrite;

  @Mixin private DeviceOptions device = new DeviceOptions();

  @Option(
      names = {"-q", "--quiet"},
      description = "Nothing on standard error but errors and warnings.")
  private boolean quiet;

  @Override
  public Integer call() throws DataException, TrainingException, InterruptedException {
    Weights weights = weights();
    Path folder = Objects.requireNonNull(run);
    SessionOptions session = session();
    try (RunFolder opened = RunFolder.open(folder)) {
      TrainConfig config = opened.config().withOutput(file(folder).toAbsolutePath().toString());
      Finish finish = new Finish(fold, calibrate, probabilities || config.probabilities());
      NativeCache cache = NativeCache.ofUser(warning -> Failures.say(err(), warning));
      OrtEnvironment environment = device.trainingEnvironment(cache);
      OpenCv.load(cache, config.pictures().maxPixels());
      try (TrainProgress progress = new TrainProgress(err(), quiet)) {
        TrainingRun training =
            new TrainingRun(environment, opened, config, device.threads(), session, progress);
        TrainingRun.Outcome outcome = training.export(weights, finish, overwrite);
        progress.endBar();
        TrainReport.print(outcome, config, opened.folder(), err(), quiet);
      }
      return ExitCode.DONE;
    }
  }

  private SessionOptions session() {
    try {
      return device.session().build();
    } catch (IllegalArgumentException e) {
      throw usage(Objects.requireNonNull(e.getMessage()));
    }
  }

  private Weights weights() {
    return switch (checkpoint == null ? "" : checkpoint.toLowerCase(Locale.ROOT)) {
      case "" -> Weights.CHOSEN;
      case "best" -> Weights.BEST;
      case "last" -> Weights.LAST;
      default -> throw usage("--checkpoint must be best or last, not '" + checkpoint + "'.");
    };
  }

  private Path file(Path folder) {
    if (output != null) {
      return output;
    }
    Path whole = folder.toAbsolutePath().normalize();
    String name = String.valueOf(whole.getFileName());
    return whole.resolveSibling(
        (name.endsWith(".run") ? name.substring(0, name.length() - 4) : name) + ".onnx");
  }

  private ParameterException usage(String message) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }

  private PrintWriter err() {
    return Objects.requireNonNull(spec).commandLine().getErr();
  }
}
