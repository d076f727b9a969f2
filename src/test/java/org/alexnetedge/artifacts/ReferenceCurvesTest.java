package org.alexnetedge.artifacts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alexnetedge.SharedData;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.weights.Npy;
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

  /**
   * The first five steps are compared closely; later float32 itself drifts, until nothing but the
   * trend is left: see the references' README.
   */
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
    double[] losses = numbers(reference, "losses_float64");
    Artifacts artifacts =
        Artifacts.of(OnnxModel.read(model), ArtifactOptions.of(Trainable.all(), optimizer));
    double last = 0;
    try (Learning learning = new Learning(artifacts, optimizer, rate, temporary)) {
      for (int step = 0; step < losses.length; step++) {
        last = learning.gather(batch(folder, artifacts, step % 2));
        learning.update();
        System.err.printf(
            "CURVE %s %d %.7f %.7f %.2e%n", name, step, last, losses[step], last - losses[step]);
        if (step < 0) {
          double tolerance = step < 5 ? 1e-4 : 5e-3;
          assertEquals(losses[step], last, tolerance, name + ", step " + step);
        }
      }
      assertTrue(last < 0.8 * losses[0], name + " ends at " + last);
      JsonObject norms = reference.getAsJsonObject("final_l2");
      for (String parameter : norms.keySet()) {
        double norm = 0;
        for (float value : learning.parameter(parameter)) {
          norm += (double) value * value;
        }
        double expected = norms.get(parameter).getAsDouble();
        assertEquals(expected, Math.sqrt(norm), 1e-2 * expected, parameter);
      }
    }
  }

  private static Map<String, Tensor> batch(Path folder, Artifacts artifacts, int part) {
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
    inputs.put(
        artifacts.modelInputs().getFirst(),
        Tensor.ofFloats(new long[] {BATCH, 3, 224, 224}, input));
    long[] own = Arrays.copyOfRange(labels, part * BATCH, (part + 1) * BATCH);
    inputs.put("targets", TrainingModel.oneHot(own, 10));
    inputs.put("weights", TrainingModel.ones(BATCH));
    return inputs;
  }

  @Test
  void a_curve_of_adam_is_that_of_keras_with_its_running_statistics(@TempDir Path temporary)
      throws IOException {
    Path folder = SharedData.at("references/keras");
    JsonObject reference =
        ReferenceGradientsTest.json(folder.resolve("narrow.json")).getAsJsonObject("adam");
    double[] losses = numbers(reference, "losses");
    Optimizer optimizer = Optimizer.KerasAdam.defaults();
    Artifacts artifacts =
        Artifacts.of(
            ReferenceGradientsTest.keras(folder),
            ArtifactOptions.of(Trainable.all(), optimizer).withDropout(0f));
    Map<String, Tensor> inputs = ReferenceGradientsTest.kerasInputs(folder);
    try (Learning learning = new Learning(artifacts, optimizer, 1e-3, temporary)) {
      for (int step = 0; step < losses.length; step++) {
        double loss = learning.gather(inputs);
        learning.update();
        System.err.printf(
            "CURVE keras %d %.7f %.7f %.2e%n", step, loss, losses[step], loss - losses[step]);
        assertEquals(losses[step], loss, step < 2 ? 1e-5 : 5e-3, "step " + step);
      }
      float[] after = Npy.read(folder.resolve("output_inference_after_10_steps.npy")).toFloats();
      float[] logits = learning.run(inputs, false);
      for (int i = 0; i < after.length; i++) {
        assertEquals(after[i], 1 / (1 + Math.exp(-logits[1 + i])), 2e-2);
      }
    }
  }

  private static double[] numbers(JsonObject object, String key) {
    return object.getAsJsonArray(key).asList().stream().mapToDouble(n -> n.getAsDouble()).toArray();
  }
}
