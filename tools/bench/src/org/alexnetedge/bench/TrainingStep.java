package org.alexnetedge.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.alexnetedge.alexnet.AlexNet;
import org.alexnetedge.alexnet.Configuration;
import org.alexnetedge.alexnet.InitialWeights;
import org.alexnetedge.alexnet.Network;
import org.alexnetedge.alexnet.NetworkGraph;
import org.alexnetedge.alexnet.Variant;
import org.alexnetedge.artifacts.ArtifactOptions;
import org.alexnetedge.artifacts.Artifacts;
import org.alexnetedge.artifacts.Optimizer;
import org.alexnetedge.artifacts.Trainable;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.ort.LogLevel;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.ort.Tensor;
import org.alexnetedge.ort.training.CheckpointState;
import org.alexnetedge.ort.training.TrainingLibrary;
import org.alexnetedge.ort.training.TrainingSession;
import org.alexnetedge.train.ArtifactSession;
import org.alexnetedge.train.TrainingRun;

/**
 * Times training steps of torchvision's AlexNet at full size, as {@code train} does them, on one
 * batch of random numbers. {@code train_step.py} does the same with PyTorch.
 */
public final class TrainingStep {
  private static final int CLASSES = 3;
  private static final int BATCH = 32;
  private static final int THREADS = 2;
  private static final float RATE = 1e-4f;

  /** Steps before the first that counts: memory is got, threads are started. */
  private static final int WARM_UP = 2;

  private TrainingStep() {}

  /**
   * @param arguments what is trained (head, classifier, all), the number of steps that count, and a
   *     folder for the artifacts
   */
  public static void main(String[] arguments) throws IOException {
    String part = arguments[0];
    int steps = Integer.parseInt(arguments[1]);
    Path folder = Path.of(arguments[2]);
    writeArtifacts(part, folder);
    OrtEnvironment environment =
        TrainingLibrary.carried(NativeCache.ofUser(System.err::println))
            .environment(LogLevel.ERROR, System.err::println);
    SessionOptions options = TrainingRun.computing(THREADS);
    double[] clock = new double[steps];
    double[] processor = new double[steps];
    try (CheckpointState state =
            CheckpointState.load(environment, folder.resolve(Artifacts.CHECKPOINT));
        TrainingSession session = ArtifactSession.open(environment, state, options, folder);
        Tensor pictures = pictures(environment);
        Tensor targets = targets(environment);
        Tensor weights = weights(environment)) {
      List<Tensor> batch = List.of(pictures, targets, weights);
      for (int i = -WARM_UP; i < steps; i++) {
        long begun = System.nanoTime();
        long spent = processorTime();
        step(session, batch);
        if (i >= 0) {
          clock[i] = (System.nanoTime() - begun) / 1e9;
          processor[i] = (processorTime() - spent) / 1e9;
        }
      }
    }
    System.out.printf("%.2f %.2f %d%n", median(clock), median(processor), peakMegabytes());
  }

  private static void writeArtifacts(String part, Path folder) throws IOException {
    Network network = AlexNet.of(Configuration.of(Variant.TORCHVISION).withClasses(CLASSES));
    try (Arena arena = Arena.ofConfined()) {
      Artifacts.of(
              NetworkGraph.of(network, InitialWeights.of(network, 1, arena)).build(),
              ArtifactOptions.of(Trainable.parse(part), Optimizer.AdamW.defaults()))
          .write(folder);
    }
  }

  private static void step(TrainingSession session, List<Tensor> batch) {
    try (Outputs outputs = session.trainStep(batch)) {
      float loss = outputs.tensor("loss").toFloatArray()[0];
      if (!Float.isFinite(loss)) {
        throw new AssertionError("the loss became " + loss);
      }
    }
    session.optimizerStep(RATE);
  }

  private static Tensor pictures(OrtEnvironment environment) {
    int size = Variant.TORCHVISION.input();
    Random random = new Random(1);
    float[] values = new float[BATCH * 3 * size * size];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.ofFloats(environment, values, BATCH, 3, size, size);
  }

  /** One class each, in turns. */
  private static Tensor targets(OrtEnvironment environment) {
    float[] values = new float[BATCH * CLASSES];
    for (int i = 0; i < BATCH; i++) {
      values[i * CLASSES + i % CLASSES] = 1;
    }
    return Tensor.ofFloats(environment, values, BATCH, CLASSES);
  }

  private static Tensor weights(OrtEnvironment environment) {
    float[] values = new float[BATCH];
    Arrays.fill(values, 1);
    return Tensor.ofFloats(environment, values, BATCH);
  }

  private static long processorTime() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
  }

  /** Most memory that the process ever had, in 10^6 bytes: Linux's VmHWM, which is in KiB. */
  private static long peakMegabytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024 / 1_000_000)
        .findFirst()
        .orElseThrow();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    return (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }
}
