package org.alexnetedge.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.alexnetedge.alexnet.AlexNet;
import org.alexnetedge.alexnet.InitialWeights;
import org.alexnetedge.alexnet.Network;
import org.alexnetedge.alexnet.NetworkGraph;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.OnnxException;
import org.alexnetedge.onnx.OnnxModel;
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

  /** What torchvision's AlexNet expects of its pictures. */
  private static final String PREPROCESSING =
      """
      {"resize":{"mode":"shorter","size":256,"filter":"bilinear","antialias":true},"crop":224,\
      "colour":"rgb","divide":255,"mean":[0.485,0.456,0.406],"std":[0.229,0.224,0.225],\
      "layout":"nchw"}\
      """;

  /** Largest file that ONNX's format allows, less a megabyte for all but the weights. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - (1L << 20);

  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

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

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  @Override
  public Integer call() {
    Path file = Objects.requireNonNull(output);
    PrintWriter err = commandSpec().commandLine().getErr();
    List<String> labels = labelFile == null ? List.of() : readLabels(labelFile);
    Network network = network(labels);
    if (Files.exists(file) && !overwrite) {
      err.println(
          InspectText.printable(file.toString()) + " exists already; --overwrite replaces it.");
      return 4;
    }
    try (Arena arena = Arena.ofConfined()) {
      GraphBuilder graph = NetworkGraph.of(network, InitialWeights.of(network, seed, arena));
      describe(graph, labels, PREPROCESSING).write(file);
    } catch (OnnxException e) {
      err.println(InspectText.printable(Objects.requireNonNull(e.getMessage())));
      return 4;
    }
    err.printf(
        Locale.ROOT,
        "%s: AlexNet with %,d parameters for %,d classes.%n"
            + "Its weights are random (seed %d): train it before you trust its answers.%n",
        InspectText.printable(file.toString()),
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

  private OnnxModel describe(GraphBuilder graph, List<String> labels, String preprocessing) {
    String version = CreateCommand.class.getPackage().getImplementationVersion();
    graph.producer("alexnet-edge", version == null ? "" : version).metadata("alexnet.version", "1");
    if (!labels.isEmpty()) {
      graph.metadata("labels", GSON.toJson(labels));
    }
    return graph
        .metadata("preprocessing", preprocessing)
        .metadata("task", "softmax")
        .metadata("output", "logits")
        .metadata(
            "provenance", "random weights, seed " + seed + ", PyTorch's default initialisation")
        .build();
  }

  private List<String> readLabels(Path file) {
    List<String> lines = new ArrayList<>();
    try {
      Files.readAllLines(file).forEach(line -> lines.add(line.replace("\uFEFF", "").strip()));
    } catch (NoSuchFileException e) {
      throw usage("There is no label file " + file + ".");
    } catch (MalformedInputException e) {
      throw usage("The label file " + file + " is not UTF-8 text.");
    } catch (IOException e) {
      throw usage("The label file " + file + " cannot be read: " + e.getMessage() + ".");
    }
    while (!lines.isEmpty() && lines.getLast().isEmpty()) {
      lines.removeLast();
    }
    List<String> labels = new ArrayList<>();
    boolean table = !lines.isEmpty() && lines.getFirst().contains("\t");
    List<String> header =
        table ? List.of(lines.removeFirst().toLowerCase(Locale.ROOT).split("\t", -1)) : List.of();
    int column = table ? labelColumn(header, file) : 0;
    int index = header.indexOf("index");
    for (String line : lines) {
      String[] cells = table ? line.split("\t", -1) : new String[] {line};
      if (column >= cells.length || cells[column].isBlank()) {
        throw usage(
            "The label file " + file + " has no label for class " + labels.size() + " (from 0).");
      }
      // A table that is sorted otherwise would name every class wrongly, and nobody would see it.
      if (index >= 0
          && index < cells.length
          && !cells[index].strip().equals(Integer.toString(labels.size()))) {
        throw usage(
            String.format(
                "The label file %s has index %s where %d is expected: sort it, without gaps, from"
                    + " 0.",
                file, cells[index], labels.size()));
      }
      labels.add(cells[column].strip());
    }
    if (labels.isEmpty()) {
      throw usage("The label file " + file + " has no labels.");
    }
    return labels;
  }

  private int labelColumn(List<String> names, Path file) {
    if (names.contains("label")) {
      return names.indexOf("label");
    }
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).endsWith("name")) {
        return i;
      }
    }
    throw usage(
        "The first line of " + file + " names no column 'label', nor one that ends in 'name'.");
  }

  private ParameterException usage(String message) {
    return new ParameterException(commandSpec().commandLine(), message);
  }

  private CommandSpec commandSpec() {
    return Objects.requireNonNull(spec);
  }
}
