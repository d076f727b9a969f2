package org.alexnetedge.alexnet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnetedge.SharedData;
import org.alexnetedge.alexnet.AlexNet.Widths;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.ort.ModelFixture;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.Session;
import org.alexnetedge.weights.Npy;
import org.alexnetedge.weights.Npz;
import org.junit.jupiter.api.Test;

/** What the variants' graphs compute in ONNX Runtime, against other implementations. */
class VariantNumbersTest {

  private static float[] run(
      Network network, Map<String, Tensor> weights, float[] input, long... shape) {
    String output = NetworkGraph.output(network);
    try (Session session = ModelFixture.open(NetworkGraph.of(network, weights).build());
        org.alexnetedge.ort.Tensor pixels = ModelFixture.tensor(input, shape);
        Outputs outputs = session.run(Map.of(NetworkGraph.INPUT, pixels), List.of(output), null)) {
      return outputs.tensor(output).toFloatArray();
    }
  }

  /** To 1e-5 of the largest number expected. */
  private static void assertNear(float[] expected, float[] actual) {
    double largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertArrayEquals(expected, actual, (float) (1e-5 * largest), Arrays.toString(actual));
  }

  @Test
  void keras_own_weights_give_keras_probabilities() {
    Path folder = SharedData.at("references/keras");
    Network network =
        AlexNet.of(
            Configuration.of(Variant.KERAS)
                .withWidths(new Widths(List.of(12, 32, 48, 48, 32), 64)));
    Map<String, Tensor> weights = new LinkedHashMap<>();
    Npz.read(folder.resolve("weights.npz"))
        .forEach((name, tensor) -> weights.put(ourName(name), outputsFirst(tensor)));
    Tensor photos = Npy.read(folder.resolve("input_u8.npy")); // [4, 224, 224, 3]
    int area = 224 * 224;
    float[] input = new float[4 * 3 * area];
    for (int i = 0; i < input.length; i++) {
      long photo = i / (3 * area);
      long channel = i / area % 3;
      input[i] = photos.longAt((photo * area + i % area) * 3 + channel) / 255f;
    }
    float[] expected = Npy.read(folder.resolve("output_inference.npy")).toFloats();
    assertNear(expected, run(network, weights, input, 4, 3, 224, 224));
  }

  private static String ourName(String kerasName) {
    return kerasName
        .replace("/kernel", ".weight")
        .replace("/gamma", ".weight")
        .replace("/bias", ".bias")
        .replace("/beta", ".bias")
        .replace("/moving_mean", ".running_mean")
        .replace("/moving_variance", ".running_var");
  }

  /**
   * Kernels [height, width, in, out] to [out, in, height, width], matrices [in, out] to [out, in].
   * The first matrix needs nothing more: its map is 1 x 1, so that both layouts flatten it alike.
   */
  private static Tensor outputsFirst(Tensor keras) {
    long[] shape = keras.shape();
    if (shape.length < 2) {
      return keras;
    }
    int outputs = (int) shape[shape.length - 1];
    int inputs = (int) shape[shape.length - 2];
    float[] from = keras.toFloats();
    int area = from.length / (inputs * outputs);
    float[] to = new float[from.length];
    for (int place = 0; place < area; place++) {
      for (int in = 0; in < inputs; in++) {
        for (int out = 0; out < outputs; out++) {
          to[(out * inputs + in) * area + place] = from[(place * inputs + in) * outputs + out];
        }
      }
    }
    return shape.length == 2
        ? Tensor.ofFloats(new long[] {outputs, inputs}, to)
        : Tensor.ofFloats(new long[] {outputs, inputs, shape[0], shape[1]}, to);
  }

  @Test
  void the_paper_in_two_groups_with_caffes_constants_gives_pytorchs_logits() throws Exception {
    Path folder = SharedData.at("references/gradients-lrn");
    Network paper =
        AlexNet.of(
            Configuration.of(Variant.PAPER)
                .withWidths(new Widths(List.of(8, 24, 48, 32, 32), 128))
                .withClasses(10)
                .withGroups(2));
    List<Layer> layers =
        paper.layers().stream()
            .map(
                layer ->
                    layer instanceof Layer.LocalResponseNorm
                        ? new Layer.LocalResponseNorm(layer.name(), 5, 1e-4f, 0.75f, 1)
                        : layer)
            .toList();
    Network caffe = new Network("caffe", paper.input(), layers);
    Tensor pixels = Npy.read(folder.resolve("input_bgr_u8.npy")); // [4, 3, 227, 227]
    int[] mean = {104, 117, 123};
    float[] input = new float[4 * 3 * 227 * 227];
    for (int i = 0; i < input.length; i++) {
      input[i] = pixels.longAt(i) - mean[i / (227 * 227) % 3];
    }
    float[] expected = Npy.read(folder.resolve("logits.npy")).toFloats();
    assertNear(
        expected,
        run(caffe, safetensors(folder.resolve("model.safetensors")), input, 4, 3, 227, 227));
  }

  /** The format is a length, a JSON object of offsets, and the numbers. */
  private static Map<String, Tensor> safetensors(Path file) throws Exception {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int start = 8 + (int) bytes.getLong(0);
    String header = StandardCharsets.UTF_8.decode(bytes.slice(8, start - 8)).toString();
    Map<String, Tensor> weights = new LinkedHashMap<>();
    JsonObject entries = JsonParser.parseString(header).getAsJsonObject();
    entries.remove("__metadata__");
    for (String name : entries.keySet()) {
      JsonObject entry = entries.getAsJsonObject(name);
      long[] shape =
          entry.getAsJsonArray("shape").asList().stream().mapToLong(e -> e.getAsLong()).toArray();
      int from = start + entry.getAsJsonArray("data_offsets").get(0).getAsInt();
      float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
      bytes.position(from);
      bytes.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
      weights.put(name, Tensor.ofFloats(shape, values));
    }
    return weights;
  }

  @Test
  void local_response_normalisation_is_the_papers_formula() {
    Layer.LocalResponseNorm norm =
        AlexNet.of(Configuration.of(Variant.PAPER)).layers().stream()
            .filter(Layer.LocalResponseNorm.class::isInstance)
            .map(Layer.LocalResponseNorm.class::cast)
            .findFirst()
            .orElseThrow();
    Network network = new Network("norm", new FeatureMap(7, 1, 1), List.of(norm));
    float[] a = {100, -50, 20, 0, 300, 7, -80};
    float[] expected = new float[a.length];
    for (int i = 0; i < a.length; i++) {
      double squares = 0;
      for (int j = Math.max(0, i - 2); j <= Math.min(a.length - 1, i + 2); j++) {
        squares += (double) a[j] * a[j];
      }
      expected[i] = (float) (a[i] / Math.pow(2 + 1e-4 * squares, 0.75));
    }
    assertNear(expected, run(network, Map.of(), a, 1, 7, 1, 1));
  }

  @Test
  void each_group_of_a_convolution_sees_its_own_channels() {
    Network network =
        new Network("groups", new FeatureMap(4, 1, 2), List.of(new Layer.Conv("c", 2, 1, 1, 0, 2)));
    Map<String, Tensor> weights =
        Map.of(
            "c.weight", Tensor.ofFloats(new long[] {2, 2, 1, 1}, 1, 10, 100, 1000),
            "c.bias", Tensor.ofFloats(new long[] {2}, 0.5f, 0.25f));
    assertArrayEquals(
        new float[] {31.5f, 42.5f, 7500.25f, 8600.25f},
        run(network, weights, new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 1, 4, 1, 2));
  }

  @Test
  void adaptive_pooling_has_pytorchs_windows() {
    for (int side : new int[] {7, 12, 13, 18, 19}) {
      Network network =
          new Network(
              "pool",
              new FeatureMap(1, side, side),
              List.of(new Layer.AdaptiveAvgPool("pool", 6), new Layer.Relu("relu")));
      float[] map = new float[side * side];
      for (int i = 0; i < map.length; i++) {
        map[i] = i * 37 % 101;
      }
      float[] expected = new float[36];
      for (int i = 0; i < 36; i++) {
        // Rows floor(i n / 6) to ceil((i + 1) n / 6), and columns alike.
        int top = i / 6 * side / 6;
        int bottom = Math.ceilDiv((i / 6 + 1) * side, 6);
        int left = i % 6 * side / 6;
        int right = Math.ceilDiv((i % 6 + 1) * side, 6);
        double sum = 0;
        for (int row = top; row < bottom; row++) {
          for (int column = left; column < right; column++) {
            sum += map[row * side + column];
          }
        }
        expected[i] = (float) (sum / ((bottom - top) * (right - left)));
      }
      assertNear(expected, run(network, Map.of(), map, 1, 1, side, side));
    }
  }

  @Test
  void every_variant_runs_with_every_choice() {
    for (Variant variant : Variant.values()) {
      Configuration plain = Configuration.of(variant);
      Configuration narrow = plain.withWidths(variant.widths().scaled(0.05, 2)).withClasses(3);
      for (Configuration chosen :
          List.of(
              narrow,
              narrow.withClasses(2).withDropout(0),
              narrow.withGroups(2),
              narrow.withInput(variant.input() + 32),
              narrow.withBatchNorm(variant != Variant.KERAS).withGroups(2).withInput(195))) {
        Network network = AlexNet.of(chosen);
        int side = chosen.input();
        float[] input = new float[3 * side * side];
        for (int i = 0; i < input.length; i++) {
          input[i] = i % 256 / 255f;
        }
        Arena arena = Arena.ofAuto();
        float[] scores =
            run(network, InitialWeights.of(network, 1, arena), input, 1, 3, side, side);
        boolean yesOrNo = variant == Variant.KERAS && chosen.classes() == 2;
        assertEquals(yesOrNo ? 1 : chosen.classes(), scores.length);
        if (variant == Variant.KERAS) {
          float sum = 0;
          for (float score : scores) {
            assertTrue(score > 0 && score < 1, Arrays.toString(scores));
            sum += score;
          }
          assertEquals(1, yesOrNo ? 1 : sum, 1e-6);
        }
      }
    }
  }
}
