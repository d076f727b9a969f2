package org.alexnetedge.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.alexnetedge.classify.OutputException;
import org.alexnetedge.classify.TerminalText;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.OnnxException;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.onnx.TensorFile;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.ort.OrtValue;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.ValueInfo;
import org.alexnetedge.pipeline.ModelException;
import org.alexnetedge.pipeline.RawPath;
import org.alexnetedge.weights.Npy;
import org.alexnetedge.weights.WeightsException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code alexnet run}: any ONNX model on arrays from files. */
@Command(
    name = "run",
    sortOptions = false,
    description = "Runs any ONNX model on NumPy arrays or ONNX test tensors.",
    footer = {
      "",
      "  alexnet run model.onnx --input pixels.npy -o logits.npy",
      "  alexnet run model.onnx --input a=a.npy --input b=b.pb -o outputs/"
    })
final class RunCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "The ONNX model.")
  private @Nullable Path model;

  @Option(
      names = {"-i", "--input"},
      paramLabel = "[NAME=]FILE",
      description =
          "A .npy or .pb file for an input; without NAME for the first input that has none yet.")
  private List<String> inputs = List.of();

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE|DIR",
      description = "A .npy or .pb file for a single output, or a folder for NAME.npy of each.")
  private @Nullable Path output;

  @Option(
      names = "--outputs",
      paramLabel = "NAME",
      split = ",",
      description = "Compute these outputs only.")
  private List<String> outputNames = List.of();

  @Mixin private DeviceOptions device = new DeviceOptions();

  @Override
  public Integer call() throws OutputException {
    Path file = ModelFailure.check(Objects.requireNonNull(model));
    OrtEnvironment environment =
        device.environment(NativeCache.ofUser(warning -> Failures.say(err(), warning)));
    try (Arena arena = Arena.ofConfined();
        Session session = open(environment, file)) {
      Map<String, Path> files = assign(session);
      Map<String, OrtValue> values = new LinkedHashMap<>();
      try {
        for (Map.Entry<String, Path> entry : files.entrySet()) {
          values.put(entry.getKey(), value(environment, arena, read(entry.getValue())));
        }
        List<String> wanted =
            outputNames.isEmpty()
                ? session.outputs().stream().map(ValueInfo::name).toList()
                : outputNames;
        try (Outputs outputs = run(session, values, wanted)) {
          write(outputs, Objects.requireNonNull(output));
        }
      } finally {
        values.values().forEach(OrtValue::close);
      }
    }
    return ExitCode.DONE;
  }

  private Session open(OrtEnvironment environment, Path file) {
    try {
      return Session.open(environment, file, device.session().build());
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    } catch (OrtException e) {
      throw device.failure(file, environment.library(), e);
    }
  }

  private Outputs run(Session session, Map<String, OrtValue> values, List<String> wanted) {
    try {
      return session.run(values, wanted, null);
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    } catch (OrtException e) {
      throw new ModelException(
          "The model could not be run: " + e.getMessage().strip().replace("\n", ";"));
    }
  }

  /** Which file is for which input. */
  private Map<String, Path> assign(Session session) {
    List<String> names = session.inputs().stream().map(ValueInfo::name).toList();
    Map<String, Path> files = new LinkedHashMap<>();
    for (String input : inputs) {
      int equals = input.indexOf('=');
      String name = equals > 0 ? input.substring(0, equals) : "";
      if (names.contains(name)) {
        if (files.put(name, RawPath.of(input.substring(equals + 1))) != null) {
          throw usage("The input '" + name + "' is given twice.");
        }
        continue;
      }
      Path path = RawPath.of(input);
      if (equals > 0 && !Files.exists(path)) {
        throw usage(
            "The model has no input '"
                + name
                + "'; its inputs are "
                + session.inputs().stream().map(ValueInfo::toString).toList()
                + ".");
      }
      String free =
          names.stream()
              .filter(n -> !files.containsKey(n))
              .findFirst()
              .orElseThrow(
                  () ->
                      usage(
                          "The model takes "
                              + names.size()
                              + (names.size() == 1 ? " input; " : " inputs; ")
                              + input
                              + " is one more."));
      files.put(free, path);
    }
    for (ValueInfo input : session.inputs()) {
      if (!files.containsKey(input.name())) {
        throw usage("The input " + input + " needs a file: --input " + input.name() + "=FILE.");
      }
    }
    return files;
  }

  private Tensor read(Path file) {
    try {
      return isProtobuf(file) ? TensorFile.read(file) : Npy.read(file);
    } catch (OnnxException | WeightsException e) {
      throw usage(e.getMessage());
    }
  }

  private static boolean isProtobuf(Path file) {
    return file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".pb");
  }

  private static OrtValue value(OrtEnvironment environment, Arena arena, Tensor tensor) {
    var type = org.alexnetedge.ort.ElementType.of(tensor.type().code());
    if (tensor.type() == ElementType.STRING) {
      return org.alexnetedge.ort.Tensor.ofStrings(
          environment, tensor.strings().toArray(new String[0]), tensor.shape());
    }
    var value = org.alexnetedge.ort.Tensor.allocate(environment, type, tensor.shape());
    MemorySegment.copy(tensor.data(), 0, value.data(), 0, value.byteSize());
    return value;
  }

  private static Tensor tensor(org.alexnetedge.ort.Tensor value) {
    if (value.type() == org.alexnetedge.ort.ElementType.STRING) {
      return Tensor.ofStrings(value.shape(), List.of(value.strings()));
    }
    return Tensor.of(
        ElementType.of(value.type().code()).orElseThrow(), value.shape(), value.data());
  }

  private void write(Outputs outputs, Path target) throws OutputException {
    String name = target.getFileName() == null ? "" : target.getFileName().toString();
    boolean single = name.endsWith(".npy") || name.endsWith(".pb");
    if (single && outputs.values().size() > 1) {
      throw usage(
          "The model has "
              + outputs.values().size()
              + " outputs "
              + outputs.values().keySet()
              + ": name a folder, or choose one with --outputs.");
    }
    try {
      if (!single) {
        Files.createDirectories(target);
      }
      int i = 0;
      Set<Path> written = new HashSet<>();
      for (String output : outputs.values().keySet()) {
        var value = outputs.tensor(output);
        Path file = single ? target : target.resolve(fileName(output, i));
        if (!written.add(file)) {
          file =
              target.resolve(fileName("", i)); // Two names differ in what a file name cannot hold.
        }
        i++;
        write(file, output, tensor(value));
        err()
            .println(
                TerminalText.escaped(
                    output
                        + ": "
                        + value.type().name().toLowerCase(Locale.ROOT)
                        + Arrays.toString(value.shape())
                        + " -> "
                        + file));
      }
    } catch (OnnxException | WeightsException e) {
      throw new OutputException(e.getMessage(), e);
    } catch (FileAlreadyExistsException e) {
      throw new OutputException(
          target + " is no folder; a single output needs a name that ends in .npy or .pb.", e);
    } catch (IOException e) {
      throw new OutputException(target + " cannot be written: " + OutputException.reason(e), e);
    }
  }

  private static void write(Path file, String name, Tensor tensor) {
    if (isProtobuf(file)) {
      TensorFile.write(file, name, tensor);
    } else {
      Npy.write(file, tensor);
    }
  }

  /** Names of outputs may hold anything; a file name may not. */
  private static String fileName(String output, int index) {
    String safe = output.replaceAll("[^A-Za-z0-9_.-]", "_");
    return (safe.isEmpty() || safe.startsWith(".") ? "output" + index : safe) + ".npy";
  }

  private PrintWriter err() {
    return Objects.requireNonNull(spec).commandLine().getErr();
  }

  private ParameterException usage(String message) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }
}
