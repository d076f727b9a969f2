package org.alexnetedge.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.alexnetedge.artifacts.ArtifactOptions;
import org.alexnetedge.artifacts.Artifacts;
import org.alexnetedge.artifacts.Distillation;
import org.alexnetedge.artifacts.Trainable;
import org.alexnetedge.classify.OutputException;
import org.alexnetedge.classify.TerminalText;
import org.alexnetedge.onnx.OnnxException;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.train.RunSetup;
import org.alexnetedge.train.Schedule;
import org.alexnetedge.train.TrainConfig.Optimization;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code alexnet artifacts}: what ONNX Runtime needs to train a model, as files. */
@Command(
    name = "artifacts",
    sortOptions = false,
    description = "Makes what ONNX Runtime's own training packages need to train a model.",
    footer = {
      "",
      "The folder gets training_model.onnx, eval_model.onnx, optimizer_model.onnx and checkpoint.",
      "Inputs: the model's own; targets, float32 [N,classes]; weights, float32 [N]; with --teacher",
      "its logits. Outputs: loss, and logits [N,classes]. (train makes and uses them by itself.)",
      "",
      "  alexnet artifacts model.onnx -o artifacts/ --train all --optimizer adamw"
    })
final class ArtifactsCommand implements Callable<Integer> {
  private static final List<String> FILES =
      List.of(
          Artifacts.TRAINING_MODEL,
          Artifacts.EVAL_MODEL,
          Artifacts.OPTIMIZER_MODEL,
          Artifacts.CHECKPOINT);

  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "An ONNX model for inference.")
  private @Nullable Path file;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "DIR",
      description = "The folder for the four files.")
  private @Nullable Path output;

  @Option(
      names = "--train",
      paramLabel = "PART",
      description =
          "head, classifier, all (the default), or names of parameters with commas between, * for"
              + " any text.")
  private String part = "all";

  @Mixin private UpdateOptions update = new UpdateOptions();

  @Option(names = "--dropout", paramLabel = "P", description = "Instead of the model's own.")
  private @Nullable Float dropout;

  @Option(names = "--teacher", description = "With an input for a teacher's logits.")
  private boolean teacher;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "Softens the teacher's answers (default: ${DEFAULT-VALUE}).")
  private float temperature = 2;

  @Option(
      names = "--teacher-share",
      paramLabel = "S",
      description = "Of the loss (default: ${DEFAULT-VALUE}).")
  private float share = 0.5f;

  @Option(names = "--overwrite", description = "Replace files that are there.")
  private boolean overwrite;

  @Override
  public Integer call() throws OutputException {
    Path model = ModelFailure.check(Objects.requireNonNull(file));
    Path folder = Objects.requireNonNull(output);
    Optimization rule;
    ArtifactOptions options;
    try {
      rule = update.optimization(part, 1, 1, false, Schedule.parse("constant"));
      options =
          new ArtifactOptions(
              Trainable.parse(part),
              RunSetup.optimizer(rule),
              rule.clipNorm(),
              dropout,
              rule.average(),
              teacher ? new Distillation(temperature, share) : null);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(commandSpec().commandLine(), e.getMessage());
    }
    if (folder.toString().isEmpty() || Files.exists(folder) && !Files.isDirectory(folder)) {
      throw new OutputException("cannot write into '" + folder + "': it is no folder.");
    }
    for (String name : FILES) {
      if (NewFile.isAmong(folder.resolve(name), model)) {
        throw new ParameterException(
            commandSpec().commandLine(),
            "The output " + folder.resolve(name) + " is the model itself; name another folder.");
      }
      if (Files.exists(folder.resolve(name)) && !overwrite) {
        throw new OutputException(
            folder.resolve(name) + " exists already; --overwrite replaces it.");
      }
    }
    try (Arena arena = Arena.ofConfined()) {
      Artifacts artifacts = Artifacts.of(OnnxModel.read(model, arena), options);
      write(artifacts, folder);
      PrintWriter err = commandSpec().commandLine().getErr();
      err.printf(
          Locale.ROOT,
          "%s: %,d tensors are trained, %,d are not.%n",
          TerminalText.escaped(folder.toString()),
          artifacts.trainableParameters().size(),
          artifacts.frozenParameters().size());
      float factor = RunSetup.optimizer(rule).rateFactor();
      if (factor != 1) {
        err.printf(
            Locale.ROOT, "Give the session the learning rate times %s for momentum.%n", factor);
      }
    }
    return ExitCode.DONE;
  }

  private static void write(Artifacts artifacts, Path folder) throws OutputException {
    try {
      artifacts.write(folder);
    } catch (OnnxException e) {
      throw new OutputException(Objects.requireNonNull(e.getMessage()), e);
    } catch (IOException e) {
      throw new OutputException(
          "cannot write into " + folder + ": " + OutputException.reason(e), e);
    }
  }

  private CommandSpec commandSpec() {
    return Objects.requireNonNull(spec);
  }
}
