package org.alexnetedge.artifacts;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.alexnetedge.natives.Platform;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.ort.ElementType;
import org.alexnetedge.ort.LogLevel;
import org.alexnetedge.ort.ModelFixture;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtLibrary;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.train.ArtifactSession;

/**
 * A training or eval model in a plain session of the library that has the operators for training:
 * what it is fed is exactly what the contract says, and what it changes in place can be seen.
 */
final class TrainingModel implements AutoCloseable {
  private static final String BUFFER = "_grad.accumulation.buffer";

  private final Session session;
  private final Map<String, org.alexnetedge.ort.Tensor> kept = new LinkedHashMap<>();

  /** Both kinds of model, with the start weights of the artifacts. */
  private TrainingModel(OnnxModel model, Artifacts artifacts) {
    session = open(model);
    List<String> given =
        Stream.of(artifacts.modelInputs(), List.of(Loss.TARGETS, Loss.WEIGHTS, Loss.TEACHER))
            .flatMap(List::stream)
            .toList();
    Map<String, Tensor> start = artifacts.startWeights();
    for (var input : session.inputs()) {
      String name = input.name();
      if (given.contains(name)) {
        continue;
      }
      if (name.equals(TrainingGraph.LAZY_RESET_GRAD)) {
        kept.put(name, copy(ElementType.BOOL, new byte[] {1}, 1));
      } else if (name.endsWith(BUFFER)) {
        Tensor weight = start.get(name.substring(0, name.length() - BUFFER.length()));
        kept.put(name, floats(new float[(int) weight.size()], weight.shape()));
      } else {
        kept.put(name, floats(start.get(name).toFloats(), start.get(name).shape()));
      }
    }
  }

  static TrainingModel training(Artifacts artifacts) {
    return new TrainingModel(artifacts.training(), artifacts);
  }

  static TrainingModel eval(Artifacts artifacts) {
    return new TrainingModel(artifacts.eval(), artifacts);
  }

  /** With convolutions as they are where this machine's processor trains. */
  static TrainingModel blockedTraining(Artifacts artifacts) {
    return new TrainingModel(BlockedConvolutions.of(artifacts.training(), block()), artifacts);
  }

  /** The same of the eval model. */
  static TrainingModel blockedEval(Artifacts artifacts) {
    return new TrainingModel(BlockedConvolutions.of(artifacts.eval(), block()), artifacts);
  }

  /** Channels that ONNX Runtime brings together on this processor. */
  static int block() {
    return ArtifactSession.block(environment());
  }

  private static Session open(OnnxModel model) {
    try (Arena arena = Arena.ofConfined()) {
      return Session.open(
          environment(), model.bytes(arena), SessionOptions.builder().intraOpThreads(2).build());
    }
  }

  /** The library with the operators for training. */
  static OrtEnvironment environment() {
    return Library.ENVIRONMENT;
  }

  private static final class Library {
    static final OrtEnvironment ENVIRONMENT =
        OrtLibrary.at(jar(), ModelFixture.cache()).environment(LogLevel.FATAL, message -> {});

    private static Path jar() {
      String platform =
          Platform.current() == Platform.LINUX_X86_64 ? "linux-x86_64" : "linux-arm64";
      return Stream.of(System.getProperty("java.class.path").split(":"))
          .filter(entry -> entry.matches(".*/onnxruntime-[^/]*-" + platform + "\\.jar"))
          .map(Path::of)
          .findFirst()
          .orElseThrow();
    }
  }

  /** What a step gave. */
  record Step(double loss, float[] logits) {}

  /** Runs once; gradients are added or put into their buffers as {@link #reset} says. */
  Step run(Map<String, Tensor> inputs) {
    Map<String, org.alexnetedge.ort.Tensor> values = new LinkedHashMap<>(kept);
    inputs.forEach((name, tensor) -> values.put(name, floats(tensor.toFloats(), tensor.shape())));
    try (Outputs outputs = session.run(values)) {
      return new Step(
          outputs.tensor(Loss.LOSS).toFloatArray()[0], outputs.tensor(Loss.LOGITS).toFloatArray());
    } finally {
      inputs.keySet().forEach(name -> values.get(name).close());
    }
  }

  /** Whether the next run overwrites the gradients. */
  void reset(boolean overwrite) {
    kept.get(TrainingGraph.LAZY_RESET_GRAD)
        .data()
        .set(ValueLayout.JAVA_BYTE, 0, (byte) (overwrite ? 1 : 0));
  }

  List<String> inputs() {
    return session.inputs().stream().map(input -> input.name()).toList();
  }

  List<String> outputs() {
    return session.outputs().stream().map(output -> output.name()).toList();
  }

  float[] gradient(String parameter) {
    return parameter(parameter + BUFFER);
  }

  Map<String, float[]> gradients() {
    Map<String, float[]> gradients = new TreeMap<>();
    for (String name : kept.keySet()) {
      if (name.endsWith(BUFFER)) {
        gradients.put(name.substring(0, name.length() - BUFFER.length()), parameter(name));
      }
    }
    return gradients;
  }

  float[] parameter(String name) {
    return kept.get(name).toFloatArray();
  }

  void set(String parameter, int index, float value) {
    kept.get(parameter).data().setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
  }

  private static org.alexnetedge.ort.Tensor floats(float[] values, long... shape) {
    return org.alexnetedge.ort.Tensor.ofFloats(environment(), values, shape);
  }

  private static org.alexnetedge.ort.Tensor copy(ElementType type, byte[] bytes, long... shape) {
    return org.alexnetedge.ort.Tensor.copyOf(
        environment(), MemorySegment.ofArray(bytes), type, shape);
  }

  @Override
  public void close() {
    kept.values().forEach(org.alexnetedge.ort.Tensor::close);
    session.close();
  }

  /** Largest difference divided by the largest expected magnitude. */
  static double relative(float[] actual, float[] expected) {
    if (actual.length != expected.length) {
      throw new AssertionError(actual.length + " values instead of " + expected.length);
    }
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < expected.length; i++) {
      if (!Float.isFinite(actual[i])) {
        throw new AssertionError(Arrays.toString(actual));
      }
      largest = Math.max(largest, Math.abs(expected[i]));
      difference = Math.max(difference, Math.abs((double) actual[i] - expected[i]));
    }
    return difference / largest;
  }

  /** One-hot rows, the targets of integer labels. */
  static Tensor oneHot(long[] labels, int classes) {
    float[] rows = new float[labels.length * classes];
    for (int i = 0; i < labels.length; i++) {
      rows[i * classes + (int) labels[i]] = 1;
    }
    return Tensor.ofFloats(new long[] {labels.length, classes}, rows);
  }

  static Tensor ones(int pictures) {
    float[] ones = new float[pictures];
    Arrays.fill(ones, 1);
    return Tensor.ofFloats(new long[] {pictures}, ones);
  }

  /** Writes all files, for sessions that open them. */
  static void write(Artifacts artifacts, Path folder) {
    try {
      artifacts.write(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
