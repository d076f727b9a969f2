package org.alexnetedge.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.alexnetedge.alexnet.KerasWiring;
import org.alexnetedge.alexnet.NetworkGraph;
import org.alexnetedge.alexnet.Recognition;
import org.alexnetedge.alexnet.Recognized;
import org.alexnetedge.alexnet.Variant;
import org.alexnetedge.classify.OutputException;
import org.alexnetedge.classify.TerminalText;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.pipeline.Labels;
import org.alexnetedge.pipeline.ModelDescription;
import org.alexnetedge.pipeline.ModelDescription.Output;
import org.alexnetedge.pipeline.ModelDescription.Task;
import org.alexnetedge.pipeline.ModelException;
import org.alexnetedge.weights.KerasFile;
import org.alexnetedge.weights.Precision;
import org.alexnetedge.weights.WeightFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code alexnet import}: an AlexNet that another framework saved, as a file of ours. */
@Command(
    name = "import",
    sortOptions = false,
    description = "Makes an ONNX file of an AlexNet's weights from PyTorch, Caffe or Keras.",
    footer = {
      "",
      "Which AlexNet it is, its widths, classes and input are seen from the names and shapes of"
          + " the",
      "weights. Files: .pth, .pt, .safetensors, .npz, .keras, .h5; an .onnx file is checked and",
      "described, as by 'tag'.",
      "",
      "  alexnet import alexnet-owt-7be5be79.pth -o alexnet.onnx",
      "  alexnet import flowers.pth --labels flowers.txt -o flowers.onnx",
      "  alexnet import cats-dogs.keras --labels cats-dogs.txt -o cats-dogs.onnx"
    })
final class ImportCommand implements Callable<Integer> {
  private static final int IMAGENET_CLASSES = 1000;
  private static final int MOST_PIXELS = 2048;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "FILE", description = "The weights.")
  private @Nullable Path file;

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "MODEL.onnx",
      description = "The ONNX file to write.")
  private @Nullable Path output;

  @Option(
      names = "--arch",
      paramLabel = "NAME",
      description =
          "auto (the default), torchvision, paper, caffe (the paper's with Caffe's constants) or"
              + " keras.")
  private String arch = "auto";

  @Option(
      names = "--input",
      paramLabel = "PIXELS",
      description = "Height and width of the pictures, where the weights fit several.")
  private @Nullable Integer input;

  @Option(names = "--overwrite", description = "Replace the file when it exists.")
  private boolean overwrite;

  @Mixin private DescriptionOptions description = new DescriptionOptions();

  @Mixin private LibraryOption library = new LibraryOption();

  @Override
  public Integer call() throws OutputException {
    Path target = Objects.requireNonNull(output);
    try {
      Path source = ModelFailure.check(Objects.requireNonNull(file));
      boolean onnx = source.toString().toLowerCase(Locale.ROOT).endsWith(".onnx");
      Variant asked = check(onnx);
      NewFile.check(target, overwrite);
      if (onnx) {
        TagCommand.tag(source, target, description, environment(), err());
      } else {
        convert(source, target, asked);
      }
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          commandSpec().commandLine(), Objects.requireNonNull(e.getMessage()));
    }
    return ExitCode.DONE;
  }

  private @Nullable Variant check(boolean onnx) {
    description.check();
    boolean auto = arch.equalsIgnoreCase("auto");
    if (onnx && (!auto || input != null)) {
      throw new IllegalArgumentException(
          "--arch and --input are about weights; an ONNX file says both itself.");
    }
    if (!onnx && description.scores() != null) {
      throw new IllegalArgumentException(
          "--scores is about ONNX files; the network of weights is known.");
    }
    if (input != null && (input < 1 || input > MOST_PIXELS)) {
      throw new IllegalArgumentException(
          "--input must be from 1 to " + MOST_PIXELS + ", not " + input + ".");
    }
    return auto ? null : NetworkOptions.variant(arch);
  }

  private void convert(Path source, Path target, @Nullable Variant asked) throws OutputException {
    List<String> labels = description.labels();
    try (Arena arena = Arena.ofConfined()) {
      WeightFile weights = WeightFile.read(source, arena);
      KerasWiring wiring = wiring(weights.format(), source);
      Integer side = input == null && wiring != null ? wiring.side() : input;
      Recognized found = Recognition.of(floats(weights.tensors(), arena), asked, side, arena);
      if (wiring != null) {
        wiring.check(found.network());
      }
      boolean imagenet = labels == null && found.outputs() == IMAGENET_CLASSES;
      ModelDescription described = described(found, imagenet ? Labels.imagenet() : labels);
      GraphBuilder graph = NetworkGraph.of(found.network(), found.weights());
      String version = ImportCommand.class.getPackage().getImplementationVersion();
      graph.producer("alexnet-edge", version == null ? "" : version);
      described.properties().forEach(graph::metadata);
      graph.metadata("provenance", provenance(weights.format(), source));
      TriedModel.write(graph.build(), target, environment());
      report(target, found, described, imagenet);
    }
  }

  /** What a Keras file says of its layers, or null where nothing does. */
  private static @Nullable KerasWiring wiring(WeightFile.Format format, Path source) {
    String json = format == WeightFile.Format.KERAS ? KerasFile.configuration(source) : null;
    return json == null ? null : KerasWiring.parse(json);
  }

  private static Map<String, Tensor> floats(Map<String, Tensor> tensors, Arena arena) {
    Map<String, Tensor> floats = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) ->
            floats.put(
                name, tensor.type().isFloating() ? Precision.float32(tensor, arena) : tensor));
    return floats;
  }

  private ModelDescription described(Recognized found, @Nullable List<String> labels) {
    boolean probabilities = NetworkGraph.output(found.network()).equals(NetworkGraph.PROBABILITIES);
    Task task = found.outputs() == 1 && probabilities ? Task.SIGMOID : Task.SOFTMAX;
    Task asked = description.task();
    if (asked != null && probabilities && asked != task) {
      throw new IllegalArgumentException(
          "This network ends in a " + task.code() + ", so --task cannot be another.");
    }
    int classes = found.outputs() == 1 && task == Task.SIGMOID ? 2 : found.outputs();
    if (labels != null && labels.size() != classes) {
      throw new IllegalArgumentException(
          "The weights are for %,d classes, but there are %,d labels."
              .formatted(classes, labels.size()));
    }
    return new ModelDescription(
        labels,
        description.recipe(
            NetworkOptions.recipe(found.configuration()), found.configuration().input()),
        asked == null ? task : asked,
        probabilities ? Output.PROBABILITIES : Output.LOGITS);
  }

  private static String provenance(WeightFile.Format format, Path source) {
    String kind =
        switch (format) {
          case PYTORCH -> "a PyTorch file";
          case SAFETENSORS -> "a safetensors file";
          case NPZ -> "a NumPy archive";
          case KERAS -> "a Keras file";
        };
    try {
      return "weights of " + kind + " with SHA-256 " + ModelFailure.sha256(source);
    } catch (IOException e) {
      throw new ModelException(source + " cannot be read: " + e.getMessage() + ".");
    }
  }

  private void report(Path target, Recognized found, ModelDescription described, boolean imagenet) {
    int side = found.configuration().input();
    err()
        .printf(
            Locale.ROOT,
            "%s: AlexNet (%s%s) with %,d parameters for %,d classes, pictures of %d x %d.%n",
            TerminalText.escaped(target.toString()),
            found.configuration().variant().code(),
            found.configuration().groups() == 1
                ? ""
                : ", " + found.configuration().groups() + " groups",
            found.network().parameterCount(),
            found.configuration().classes(),
            side,
            side);
    if (imagenet) {
      err().println("Labels: ImageNet's 1,000 classes, as torchvision names them (--labels).");
    } else if (described.labels() == null) {
      err().println("No names for the classes; --labels gives them.");
    }
    found.assumptions().forEach(each -> err().println("Assumed: " + each + "."));
    err().println("ONNX Runtime has loaded and run it; its numbers are finite.");
  }

  private OrtEnvironment environment() {
    return library.environment(NativeCache.ofUser(warning -> Failures.say(err(), warning)));
  }

  private PrintWriter err() {
    return commandSpec().commandLine().getErr();
  }

  private CommandSpec commandSpec() {
    return Objects.requireNonNull(spec);
  }
}
