package org.alexnetedge.artifacts;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.alexnetedge.SharedData;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.weights.Npy;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Losses step by step against those of PyTorch and Keras. */
class ReferenceCurvesTest {
  private static final int PIXELS = 224 * 224;
  private static final int BATCH = 8;
  private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
  private static final float[] STD = {0.229f, 0.224f, 0.225f};

  /** Steps in which no rounding decides anything yet. */
  private static final int CLOSE_STEPS = 5;

  private static final double CLOSE = 1e-4;
  private static final double LEADING = 5e-3;

  /**
   * From about the sixth step on a tie in a ReLU or a maximum is decided by the last bit: runs
   * whose inputs differ by that bit follow one of a few curves, of which the one in float64 is one
   * (PyTorch's own float32 runs leave it, too). So the close steps hold for every run, and the
   * other leading ones for the input as it is or for one that differs from it in last bits.
   */
  @Tag("long")
  @ParameterizedTest
  @ValueSource(strings = {"adamw", "sgd", "adam", "sgd-momentum"})
  void a_curve_is_that_of_pytorch_as_long_as_float32_follows_float64(
      String name, @TempDir Path temporary) throws IOException {
    Path folder = SharedData.at("references/training-curves");
    Path model = SharedData.at("references/torchvision-narrow/model.onnx");
    JsonObject reference =
        ReferenceGradientsTest.json(folder.resolve("curves.json"))
            .getAsJsonObject("optimizers")
            .getAsJsonObject(name);
    Optimizer optimizer =
        switch (name) {
          case "adamw" -> new Optimizer.AdamW(0.9f, 0.999f, 1e-8f, 0.01f);
          case "adam" -> new Optimizer.Adam(0.9f, 0.999f, 1e-8f, 0);
          case "sgd" -> new Optimizer.Sgd(0);
          default -> new Optimizer.Momentum(0.9f, 5e-4f);
        };
    double rate = name.startsWith("adam") ? 1e-3 : 1e-2;
    int leading = reference.get("leading_steps_within_1e-3_of_float64").getAsInt();
    double[] expected = Arrays.copyOf(numbers(reference, "losses_float64"), leading);
    Artifacts artifacts =
        Artifacts.of(OnnxModel.read(model), ArtifactOptions.of(Trainable.all(), optimizer));
    List<Map<String, Tensor>> batches = List.of(batch(folder, 0), batch(folder, 1));

    List<Double> furthest = new ArrayList<>();
    for (int run = 0; run < 8; run++) {
      double[] losses = new double[leading];
      try (Learning learning = new Learning(artifacts, optimizer, rate, temporary)) {
        for (int step = 0; step < leading; step++) {
          losses[step] = learning.gather(batches.get(step % 2));
          learning.update();
        }
      }
      double off = 0;
      for (int step = 0; step < leading; step++) {
        if (step < CLOSE_STEPS) {
          assertEquals(expected[step], losses[step], CLOSE, name + ", step " + step);
        }
        off = Math.max(off, Math.abs(expected[step] - losses[step]));
      }
      if (off <= LEADING) {
        return;
      }
      furthest.add(off);
      Random random = new Random(run);
      batches = batches.stream().map(batch -> lastBitsChanged(batch, random)).toList();
    }
    throw new AssertionError(name + " is off by " + furthest);
  }

  private static Map<String, Tensor> lastBitsChanged(Map<String, Tensor> batch, Random random) {
    Map<String, Tensor> changed = new LinkedHashMap<>(batch);
    float[] input = batch.get("input").toFloats();
    for (int i = 0; i < input.length; i++) {
      input[i] = random.nextBoolean() ? Math.nextUp(input[i]) : Math.nextDown(input[i]);
    }
    changed.put("input", Tensor.ofFloats(batch.get("input").shape(), input));
    return changed;
  }

  private static Map<String, Tensor> batch(Path folder, int part) {
    Tensor crops = Npy.read(folder.resolve("crops.npy"));
    long[] labels = Npy.read(folder.resolve("labels.npy")).toLongs();
    float[] input = new float[BATCH * 3 * PIXELS];
    for (int i = 0; i < input.length; i++) {
      int channel = i / PIXELS % 3;
      long picture = (long) part * BATCH + i / (3 * PIXELS);
      long at = (picture * PIXELS + i % PIXELS) * 3 + channel;
      input[i] = (crops.longAt(at) / 255f - MEAN[channel]) / STD[channel];
    }
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("input", Tensor.ofFloats(new long[] {BATCH, 3, 224, 224}, input));
    long[] own = Arrays.copyOfRange(labels, part * BATCH, (part + 1) * BATCH);
    inputs.put("targets", TrainingModel.oneHot(own, 10));
    inputs.put("weights", TrainingModel.ones(BATCH));
    return inputs;
  }

  /** All ten steps follow Keras's rule in float64; its own float32 run drifts from it. */
  @Test
  void a_curve_of_adam_is_that_of_keras(@TempDir Path temporary) throws IOException {
    Path folder = SharedData.at("references/keras");
    JsonObject reference =
        ReferenceGradientsTest.json(folder.resolve("narrow.json")).getAsJsonObject("adam");
    double[] inFloat = numbers(reference, "losses");
    double[] inDouble = numbers(reference, "losses_float64");
    Optimizer optimizer = Optimizer.KerasAdam.defaults();
    Artifacts artifacts =
        Artifacts.of(
            ReferenceGradientsTest.keras(folder),
            ArtifactOptions.of(Trainable.all(), optimizer).withDropout(0f));
    Map<String, Tensor> inputs = ReferenceGradientsTest.kerasInputs(folder);
    try (Learning learning = new Learning(artifacts, optimizer, 1e-3, temporary)) {
      for (int step = 0; step < inFloat.length; step++) {
        double loss = learning.gather(inputs);
        learning.update();
        assertEquals(inFloat[step], loss, step < 2 ? 1e-5 : LEADING, "step " + step);
        assertEquals(inDouble[step], loss, LEADING, "step " + step);
      }
    }
  }

  private static double[] numbers(JsonObject object, String key) {
    return object.getAsJsonArray(key).asList().stream().mapToDouble(n -> n.getAsDouble()).toArray();
  }
}
