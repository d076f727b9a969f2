package org.alexnetedge.artifacts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnetedge.SharedData;
import org.alexnetedge.alexnet.AlexNet;
import org.alexnetedge.alexnet.Configuration;
import org.alexnetedge.alexnet.FeatureMap;
import org.alexnetedge.alexnet.Layer;
import org.alexnetedge.alexnet.Network;
import org.alexnetedge.alexnet.NetworkGraph;
import org.alexnetedge.alexnet.Variant;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.weights.Npy;
import org.alexnetedge.weights.Npz;
import org.junit.jupiter.api.Test;

/** Gradients of whole networks against those that PyTorch and Keras computed. */
class ReferenceGradientsTest {
  private static final ArtifactOptions ALL =
      ArtifactOptions.of(Trainable.all(), Optimizer.AdamW.defaults()).withDropout(0f);

  @Test
  void gradients_of_torchvisions_network_are_those_of_pytorch() throws IOException {
    Path folder = SharedData.at("references/gradients");
    Path narrow = SharedData.at("references/torchvision-narrow");
    for (String export : List.of("model.onnx", "model-ts.onnx")) {
      Artifacts artifacts = Artifacts.of(OnnxModel.read(narrow.resolve(export)), ALL);
      assertLikePyTorch(artifacts, Npy.read(narrow.resolve("input.npy")), folder);
    }
  }

  @Test
  void gradients_of_caffes_network_with_groups_and_response_normalization_are_those_of_pytorch()
      throws IOException {
    Path folder = SharedData.at("references/gradients-lrn");
    List<Layer> layers =
        List.of(
            new Layer.Conv("conv1", 8, 11, 4, 0, 1),
            new Layer.Relu("relu1"),
            new Layer.LocalResponseNorm("norm1", 5, 1e-4f, 0.75f, 1),
            new Layer.MaxPool("pool1", 3, 2),
            new Layer.Conv("conv2", 24, 5, 1, 2, 2),
            new Layer.Relu("relu2"),
            new Layer.LocalResponseNorm("norm2", 5, 1e-4f, 0.75f, 1),
            new Layer.MaxPool("pool2", 3, 2),
            new Layer.Conv("conv3", 48, 3, 1, 1, 1),
            new Layer.Relu("relu3"),
            new Layer.Conv("conv4", 32, 3, 1, 1, 2),
            new Layer.Relu("relu4"),
            new Layer.Conv("conv5", 32, 3, 1, 1, 2),
            new Layer.Relu("relu5"),
            new Layer.MaxPool("pool5", 3, 2),
            new Layer.Flatten("flatten"),
            new Layer.Linear("fc6", 128),
            new Layer.Relu("relu6"),
            new Layer.Dropout("drop6", 0.5f),
            new Layer.Linear("fc7", 128),
            new Layer.Relu("relu7"),
            new Layer.Dropout("drop7", 0.5f),
            new Layer.Linear("fc8", 10));
    Network network = new Network("caffe", new FeatureMap(3, 227, 227), layers);
    Map<String, Tensor> weights = safetensors(folder.resolve("model.safetensors"));
    Tensor pixels = Npy.read(folder.resolve("input_bgr_u8.npy"));
    float[] input = new float[(int) pixels.size()];
    int[] mean = {104, 117, 123};
    for (int i = 0; i < input.length; i++) {
      input[i] = pixels.longAt(i) - mean[i / (227 * 227) % 3];
    }
    assertLikePyTorch(
        Artifacts.of(NetworkGraph.of(network, weights).build(), ALL),
        Tensor.ofFloats(pixels.shape(), input),
        folder);
  }

  private static void assertLikePyTorch(Artifacts artifacts, Tensor input, Path folder)
      throws IOException {
    Tensor labels = Npy.read(folder.resolve("labels.npy"));
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put(artifacts.modelInputs().getFirst(), input);
    inputs.put("targets", TrainingModel.oneHot(labels.toLongs(), 10));
    inputs.put("weights", TrainingModel.ones((int) labels.size()));
    String last = artifacts.trainableParameters().getLast();
    try (TrainingModel model = TrainingModel.training(artifacts);
        TrainingModel eval = TrainingModel.eval(artifacts)) {
      assertLikePyTorch(model, eval, inputs, last, folder);
    }
    try (TrainingModel model = TrainingModel.blockedTraining(artifacts);
        TrainingModel eval = TrainingModel.blockedEval(artifacts)) {
      assertLikePyTorch(model, eval, inputs, last, folder);
    }
  }

  /**
   * @param last name of a parameter
   */
  private static void assertLikePyTorch(
      TrainingModel model, TrainingModel eval, Map<String, Tensor> inputs, String last, Path folder)
      throws IOException {
    JsonObject reference = json(folder.resolve("loss.json"));
    Map<String, Tensor> expected = Npz.read(folder.resolve("gradients.npz"));
    TrainingModel.Step step = model.run(inputs);
    float[] logits = Npy.read(folder.resolve("logits.npy")).toFloats();
    assertNear(logits, step.logits(), 1e-5, "logits");
    assertNear(logits, eval.run(inputs).logits(), 1e-5, "logits of the eval model");
    assertEquals(reference.get("loss").getAsDouble(), step.loss(), 1e-5);
    assertEquals(step.loss(), eval.run(inputs).loss(), 1e-6);
    assertEquals(expected.keySet(), model.gradients().keySet());
    model
        .gradients()
        .forEach(
            (name, gradient) -> assertNear(expected.get(name).toFloats(), gradient, 1e-4, name));

    // A second step adds to the first one's gradients.
    model.reset(false);
    model.run(inputs);
    float[] doubled = expected.get(last).toFloats().clone();
    for (int i = 0; i < doubled.length; i++) {
      doubled[i] *= 2;
    }
    assertNear(doubled, model.gradient(last), 1e-4, "sum of two steps");
  }

  @Test
  void gradients_and_running_statistics_of_keras_network_are_those_of_keras() throws IOException {
    Path folder = SharedData.at("references/keras");
    Artifacts artifacts = Artifacts.of(keras(folder), ALL);
    assertTrue(artifacts.isBinary());
    Map<String, Tensor> inputs = kerasInputs(folder);
    try (TrainingModel model = TrainingModel.training(artifacts);
        TrainingModel eval = TrainingModel.eval(artifacts)) {
      assertLikeKeras(model, eval, inputs, folder);
    }
    try (TrainingModel model = TrainingModel.blockedTraining(artifacts);
        TrainingModel eval = TrainingModel.blockedEval(artifacts)) {
      assertLikeKeras(model, eval, inputs, folder);
    }
  }

  private static void assertLikeKeras(
      TrainingModel model, TrainingModel eval, Map<String, Tensor> inputs, Path folder)
      throws IOException {
    assertNear(
        Npy.read(folder.resolve("output_inference.npy")).toFloats(),
        sigmoid(eval.run(inputs).logits()),
        1e-5,
        "output in inference");
    TrainingModel.Step step = model.run(inputs);
    assertEquals(
        json(folder.resolve("narrow.json")).get("training_mode_loss").getAsDouble(),
        step.loss(),
        1e-5);
    assertNear(
        Npy.read(folder.resolve("output_training.npy")).toFloats(),
        sigmoid(step.logits()),
        1e-5,
        "output in training");
    Map<String, Tensor> gradients = Npz.read(folder.resolve("gradients.npz"));
    assertEquals(gradients.size(), model.gradients().size());
    gradients.forEach(
        (name, gradient) ->
            assertNear(
                onnx(name, gradient).toFloats(), model.gradient(onnxName(name)), 1e-3, name));
    Npz.read(folder.resolve("moving_after.npz"))
        .forEach(
            (name, value) ->
                assertNear(value.toFloats(), model.parameter(onnxName(name)), 1e-5, name));
  }

  /** Keras's narrow network with its weights. */
  static OnnxModel keras(Path folder) {
    Network network =
        AlexNet.of(
            Configuration.of(Variant.KERAS)
                .withWidths(new AlexNet.Widths(List.of(12, 32, 48, 48, 32), 64))
                .withClasses(2));
    Map<String, Tensor> weights = new LinkedHashMap<>();
    Npz.read(folder.resolve("weights.npz"))
        .forEach((name, tensor) -> weights.put(onnxName(name), onnx(name, tensor)));
    return NetworkGraph.of(network, weights).build();
  }

  static Map<String, Tensor> kerasInputs(Path folder) {
    Tensor pixels = Npy.read(folder.resolve("input_u8.npy"));
    int area = 224 * 224;
    int pictures = (int) pixels.shape()[0];
    float[] input = new float[(int) pixels.size()];
    for (int i = 0; i < input.length; i++) {
      int picture = i / (3 * area);
      int channel = i / area % 3;
      input[i] = pixels.longAt((long) picture * 3 * area + i % area * 3 + channel) / 255f;
    }
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("input", Tensor.ofFloats(new long[] {pictures, 3, 224, 224}, input));
    inputs.put("targets", Npy.read(folder.resolve("labels.npy")));
    inputs.put("weights", TrainingModel.ones(pictures));
    return inputs;
  }

  private static String onnxName(String keras) {
    return keras
        .replace("/kernel", ".weight")
        .replace("/gamma", ".weight")
        .replace("/bias", ".bias")
        .replace("/beta", ".bias")
        .replace("/moving_mean", ".running_mean")
        .replace("/moving_variance", ".running_var");
  }

  /** Kernels from HWIO to OIHW, or from [in, out] to [out, in]. */
  private static Tensor onnx(String name, Tensor tensor) {
    long[] shape = tensor.shape();
    if (!name.endsWith("/kernel")) {
      return tensor;
    }
    int rank = shape.length;
    int out = (int) shape[rank - 1];
    int in = (int) shape[rank - 2];
    int space = (int) (tensor.size() / in / out);
    float[] from = tensor.toFloats();
    float[] to = new float[from.length];
    for (int s = 0; s < space; s++) {
      for (int i = 0; i < in; i++) {
        for (int o = 0; o < out; o++) {
          to[(o * in + i) * space + s] = from[(s * in + i) * out + o];
        }
      }
    }
    return Tensor.ofFloats(
        rank == 2 ? new long[] {out, in} : new long[] {out, in, shape[0], shape[1]}, to);
  }

  private static float[] sigmoid(float[] logits) {
    float[] probabilities = new float[logits.length];
    for (int i = 0; i < logits.length; i++) {
      probabilities[i] = (float) (1 / (1 + Math.exp(-logits[i])));
    }
    return probabilities;
  }

  private static void assertNear(float[] expected, float[] actual, double tolerance, String name) {
    double error = TrainingModel.relative(actual, expected);
    assertTrue(error < tolerance, name + " is off by " + error);
  }

  static JsonObject json(Path file) throws IOException {
    return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
  }

  /** float32 tensors: a length, a JSON header, the data. */
  private static Map<String, Tensor> safetensors(Path file) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    try (FileChannel channel = FileChannel.open(file)) {
      MemorySegment all =
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
      long length = all.get(ValueLayout.JAVA_LONG, 0);
      byte[] header = all.asSlice(8, length).toArray(ValueLayout.JAVA_BYTE);
      JsonObject entries =
          JsonParser.parseString(new String(header, StandardCharsets.UTF_8)).getAsJsonObject();
      for (String name : entries.keySet()) {
        if (!name.equals("__metadata__")) {
          JsonObject entry = entries.getAsJsonObject(name);
          long[] shape =
              entry.getAsJsonArray("shape").asList().stream()
                  .mapToLong(dimension -> dimension.getAsLong())
                  .toArray();
          var offsets = entry.getAsJsonArray("data_offsets");
          long from = offsets.get(0).getAsLong();
          MemorySegment data = all.asSlice(8 + length + from, offsets.get(1).getAsLong() - from);
          tensors.put(name, Tensor.of(ElementType.FLOAT32, shape, data));
        }
      }
    }
    return tensors;
  }
}
