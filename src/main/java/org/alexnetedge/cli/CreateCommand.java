package org.alexnetedge.cli;

import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.alexnetedge.alexnet.Configuration;
import org.alexnetedge.alexnet.Network;
import org.alexnetedge.classify.OutputException;
import org.alexnetedge.classify.TerminalText;
import org.alexnetedge.onnx.OnnxException;
import org.alexnetedge.pipeline.Labels;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code alexnet create}: an untrained AlexNet as an ONNX file that describes itself. */
@Command(
    name = "create",
    description = "Writes an AlexNet with random weights, to be trained.",
    footer = {
      "",
      "Parameters at the default sizes: torchvision 61,100,840 (244 MB), paper 62,378,344",
      "(60,965,224 with --groups 2), keras 21,586,689. The same seed gives the same file",
      "everywhere.",
      "",
      "  alexnet create -o flowers.onnx --labels flowers.txt",
      "  alexnet create -o small.onnx --classes 10 --width 0.25 --input 128 --batch-norm",
      "  alexnet create -o cats-dogs.onnx --arch keras --labels cats-dogs.txt"
    })
final class CreateCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE",
      description = "The ONNX file to write.")
  private @Nullable Path output;

  @Mixin private NetworkOptions options = new NetworkOptions();

  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description =
          "Names of the classes, one a line; or a table with tabs and a header, of which the column"
              + " 'label' or the first that ends in 'name' is taken.")
  private @Nullable Path labelFile;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Seed of the random weights (default: ${DEFAULT-VALUE}).")
  private long seed = 0;

  @Option(names = "--overwrite", description = "Replace the file when it exists.")
  private boolean overwrite;

  @Override
  public Integer call() throws OutputException {
    Path file = Objects.requireNonNull(output);
    PrintWriter err = commandSpec().commandLine().getErr();
    List<String> labels = labelFile == null ? List.of() : readLabels(labelFile);
    Configuration configuration = configuration(labels);
    Network network = network(configuration);
    NewFile.check(file, overwrite);
    try (Arena arena = Arena.ofConfined()) {
      UntrainedModel.of(network, configuration, labels, seed, arena).write(file);
    } catch (OnnxException e) {
      throw new OutputException(Objects.requireNonNull(e.getMessage()), e);
    }
    err.printf(
        Locale.ROOT,
        "%s: AlexNet (%s) with %,d parameters for %,d classes.%n"
            + "Its weights are random (seed %d): train it before you trust its answers.%n",
        TerminalText.escaped(file.toString()),
        configuration.variant().code(),
        network.parameterCount(),
        configuration.classes(),
        seed);
    return 0;
  }

  private Configuration configuration(List<String> labels) {
    Integer classes = options.classes();
    if (classes != null && !labels.isEmpty() && labels.size() != classes) {
      throw usage(
          "--classes says "
              + classes
              + ", but "
              + labelFile
              + " has "
              + labels.size()
              + " labels.");
    }
    try {
      return options.configuration(labels.size());
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  private Network network(Configuration configuration) {
    try {
      return NetworkOptions.network(configuration);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  private List<String> readLabels(Path file) {
    try {
      return Labels.read(file);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  private ParameterException usage(String message) {
    return new ParameterException(commandSpec().commandLine(), message);
  }

  private CommandSpec commandSpec() {
    return Objects.requireNonNull(spec);
  }
}
