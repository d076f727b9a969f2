package org.alexnetedge.cli;

import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.alexnetedge.alexnet.AlexNet;
import org.alexnetedge.alexnet.InitialWeights;
import org.alexnetedge.alexnet.Network;
import org.alexnetedge.alexnet.NetworkGraph;
import org.alexnetedge.classify.OutputException;
import org.alexnetedge.classify.TerminalText;
import org.alexnetedge.image.Recipe;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.OnnxException;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.pipeline.Labels;
import org.alexnetedge.pipeline.ModelDescription;
import org.alexnetedge.pipeline.ModelDescription.Output;
import org.alexnetedge.pipeline.ModelDescription.Task;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
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
      "The network is torchvision's AlexNet: 61,100,840 parameters (244 MB) at the",
      "default width and 1000 classes. The same seed gives the same file everywhere.",
      "",
      "  alexnet create -o flowers.onnx --labels flowers.txt",
      "  alexnet create -o small.onnx --classes 10 --width 0.25"
    })
final class CreateCommand implements Callable<Integer> {
  private static final int DEFAULT_CLASSES = 1000;

  /** Largest file that ONNX's format allows, less a megabyte for all but the weights. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - (1L << 20);

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE",
      description = "The ONNX file to write.")
  private @Nullable Path output;

  @Option(
      names = "--classes",
      paramLabel = "N",
      description = "Number of classes (default: as many as labels, else 1000).")
  private @Nullable Integer classes;

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

  @Option(
      names = "--width",
      paramLabel = "F",
      description =
          "Factor on all channels and hidden features, rounded (default: ${DEFAULT-VALUE}).")
  private double width = 1;

  @Option(names = "--overwrite", description = "Replace the file when it exists.")
  private boolean overwrite;

  @Override
  public Integer call() throws OutputException {
    Path file = Objects.requireNonNull(output);
    PrintWriter err = commandSpec().commandLine().getErr();
    List<String> labels = labelFile == null ? List.of() : readLabels(labelFile);
    Network network = network(labels);
    if (Files.exists(file) && !overwrite) {
      throw new OutputException(file + " exists already; --overwrite replaces it.");
    }
    try (Arena arena = Arena.ofConfined()) {
      GraphBuilder graph = NetworkGraph.of(network, InitialWeights.of(network, seed, arena));
      describe(graph, labels).write(file);
    } catch (OnnxException e) {
      throw new OutputException(Objects.requireNonNull(e.getMessage()), e);
    }
    err.printf(
        Locale.ROOT,
        "%s: AlexNet with %,d parameters for %,d classes.%n"
            + "Its weights are random (seed %d): train it before you trust its answers.%n",
        TerminalText.escaped(file.toString()),
        network.parameterCount(),
        network.steps().getLast().output().channels(),
        seed);
    return 0;
  }

  private Network network(List<String> labels) {
    if (!(width > 0) || width > 100) {
      throw usage("--width must be above 0 and at most 100, not " + width + ".");
    }
    if (classes != null && (classes < 1 || classes > 1_000_000)) {
      throw usage("--classes must be from 1 to 1000000, not " + classes + ".");
    }
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
    int outputs = !labels.isEmpty() ? labels.size() : classes != null ? classes : DEFAULT_CLASSES;
    Network network = AlexNet.torchvision(AlexNet.TORCHVISION_WIDTHS.scaled(width), outputs);
    if (network.parameterCount() > MOST_BYTES / Float.BYTES) {
      throw usage(
          String.format(
              Locale.ROOT,
              "An AlexNet of width %s for %,d classes has %,d parameters, which do not fit the 2 GB"
                  + " of an ONNX file; choose a smaller --width.",
              width,
              outputs,
              network.parameterCount()));
    }
    return network;
  }

  private OnnxModel describe(GraphBuilder graph, List<String> labels) {
    String version = CreateCommand.class.getPackage().getImplementationVersion();
    graph.producer("alexnet-edge", version == null ? "" : version);
    new ModelDescription(
            labels.isEmpty() ? null : labels, Recipe.TORCHVISION, Task.SOFTMAX, Output.LOGITS)
        .properties()
        .forEach(graph::metadata);
    return graph
        .metadata(
            "provenance", "random weights, seed " + seed + ", PyTorch's default initialisation")
        .build();
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
