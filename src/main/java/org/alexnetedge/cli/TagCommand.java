package org.alexnetedge.cli;

import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.alexnetedge.classify.OutputException;
import org.alexnetedge.classify.TerminalText;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.pipeline.ModelDescription;
import org.alexnetedge.pipeline.ModelException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code alexnet tag}: an ONNX file of any origin learns to describe itself. */
@Command(
    name = "tag",
    sortOptions = false,
    description = "Writes labels and preprocessing into an ONNX file, so that they travel in it.",
    footer = {
      "",
      "What is neither given nor in the file is not written. Weights that lie in a file beside the",
      "model are taken in.",
      "",
      "  alexnet tag resnet.onnx --labels names.txt --preset torchvision -o tagged.onnx"
    })
final class TagCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "An ONNX file.")
  private @Nullable Path model;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE",
      description = "The ONNX file to write.")
  private @Nullable Path output;

  @Option(names = "--overwrite", description = "Replace the file when it exists.")
  private boolean overwrite;

  @Mixin private DescriptionOptions description = new DescriptionOptions();

  @Mixin private LibraryOption library = new LibraryOption();

  @Override
  public Integer call() throws OutputException {
    Path file = ModelFailure.check(Objects.requireNonNull(model));
    Path target = Objects.requireNonNull(output);
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    try {
      description.check();
      if (!description.areGiven()) {
        throw new IllegalArgumentException(
            "There is nothing to write: give --labels, --preset, --task or --scores.");
      }
      NewFile.check(target, overwrite);
      OrtEnvironment environment =
          library.environment(NativeCache.ofUser(warning -> Failures.say(err, warning)));
      tag(file, target, description, environment, err);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), Objects.requireNonNull(e.getMessage()));
    }
    return ExitCode.DONE;
  }

  /**
   * Writes a described copy of a model.
   *
   * @throws IllegalArgumentException with a sentence when the labels cannot be read
   */
  static void tag(
      Path file,
      Path target,
      DescriptionOptions description,
      OrtEnvironment environment,
      PrintWriter err)
      throws OutputException {
    try (Arena arena = Arena.ofConfined()) {
      OnnxModel tagged = OnnxModel.read(file, arena);
      ModelDescription described = description.described(file, said(file, tagged), environment);
      for (Map.Entry<String, String> property : described.properties().entrySet()) {
        tagged = tagged.withMetadata(property.getKey(), property.getValue());
      }
      List<String> assumptions = TriedModel.write(tagged, target, environment);
      List<String> labels = described.labels();
      err.printf(
          "%s: %s, %s; ONNX Runtime has run it.%n",
          TerminalText.escaped(target.toString()),
          labels == null ? "no labels" : labels.size() + " labels",
          described.recipe() == null ? "no preprocessing" : "with preprocessing");
      assumptions.forEach(each -> err.println("Still assumed when it is used: " + each + "."));
    }
  }

  private static ModelDescription said(Path file, OnnxModel model) {
    try {
      return ModelDescription.read(model.metadata());
    } catch (ModelException e) {
      throw ModelFailure.unfit(file, e);
    }
  }
}
