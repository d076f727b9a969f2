package org.alexnetedge.alexnet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.alexnetedge.alexnet.AlexNet.Widths;
import org.alexnetedge.onnx.Tensor;
import org.junit.jupiter.api.Test;

class InitialWeightsTest {
  private static final Parameter SAMPLE =
      Initialization.HE.weight("features.0.weight", List.of(100L, 3L, 11L, 11L));

  @Test
  void the_same_seed_gives_the_same_bytes_on_every_machine() {
    // Computed from the documentation of InitialWeights in another language.
    Parameter.Start start = new Parameter.Uniform(Math.sqrt(6.0 / 363));
    Parameter parameter = new Parameter("features.0.weight", List.of(4L), start, true);
    assertArrayEquals(
        new float[] {
          0x1.9a3de00000000p-7f,
          0x1.26aa660000000p-4f,
          -0x1.e54d700000000p-7f,
          0x1.2e45480000000p-5f
        },
        InitialWeights.of(parameter, 0, Arena.ofAuto()).toFloats());
  }

  @Test
  void each_parameter_depends_on_seed_and_name_only() {
    Arena arena = Arena.ofAuto();
    Map<String, Tensor> narrow =
        InitialWeights.of(AlexNet.torchvision(new Widths(List.of(8, 8, 8, 8, 8), 8), 10), 7, arena);
    Map<String, Tensor> deeper =
        InitialWeights.of(AlexNet.torchvision(new Widths(List.of(8, 8, 9, 9, 9), 9), 11), 7, arena);
    assertEquals(narrow.get("features.3.weight"), deeper.get("features.3.weight"));
    assertNotEquals(narrow.get("features.8.weight"), narrow.get("features.10.weight"));
    assertNotEquals(InitialWeights.of(SAMPLE, 7, arena), InitialWeights.of(SAMPLE, 8, arena));
  }

  @Test
  void values_are_uniform_with_the_variance_of_he() {
    double bound = Math.sqrt(6.0 / 363);
    float[] values = InitialWeights.of(SAMPLE, 1, Arena.ofAuto()).toFloats();
    double sum = 0;
    double squares = 0;
    double largest = 0;
    double neighbours = 0;
    int[] bins = new int[10];
    for (int i = 0; i < values.length; i++) {
      sum += values[i];
      squares += values[i] * values[i];
      neighbours += i == 0 ? 0 : values[i] * values[i - 1];
      largest = Math.max(largest, Math.abs(values[i]));
      bins[(int) ((values[i] / bound + 1) * 5)]++;
    }
    int n = values.length;
    double deviation = bound / Math.sqrt(3);
    assertTrue(largest < bound && largest > 0.999 * bound, "largest " + largest);
    // Within five standard errors.
    assertEquals(0, sum / n, 5 * deviation / Math.sqrt(n));
    assertEquals(bound * bound / 3, squares / n, 5 * bound * bound * 0.3 / Math.sqrt(n));
    assertEquals(0, neighbours / n, 5 * deviation * deviation / Math.sqrt(n));
    for (int count : bins) {
      assertEquals(n / 10.0, count, 5 * Math.sqrt(n * 0.09));
    }
  }

  @Test
  void the_last_layer_begins_small_and_biases_at_zero() {
    Network network = AlexNet.torchvision(new Widths(List.of(8, 8, 8, 8, 8), 8), 50);
    Map<String, Tensor> weights = InitialWeights.of(network, 3, Arena.ofAuto());
    double squares = 0;
    for (float value : weights.get("classifier.6.weight").toFloats()) {
      squares += value * value;
    }
    assertEquals(1e-4, squares / (50 * 8), 1e-5);
    assertArrayEquals(new float[8], weights.get("classifier.4.bias").toFloats());
    assertArrayEquals(new float[50], weights.get("classifier.6.bias").toFloats());
  }

  @Test
  void keras_s_network_begins_as_keras_does() {
    Map<String, Tensor> weights =
        InitialWeights.of(AlexNet.of(Configuration.of(Variant.KERAS)), 3, Arena.ofAuto());
    // Largest numbers in the kernels of a network that Keras 3.15 has just made.
    Map<String, Double> ofKeras =
        Map.of("conv1.weight", 0.02237918, "fc6.weight", 0.03713046, "fc8.weight", 0.038262796);
    ofKeras.forEach(
        (name, expected) -> {
          double largest = 0;
          for (float value : weights.get(name).toFloats()) {
            largest = Math.max(largest, Math.abs(value));
          }
          assertEquals(expected, largest, 1e-3 * expected, name);
        });
  }

  @Test
  void weights_lie_off_the_heap_little_endian() {
    Tensor tensor = InitialWeights.of(SAMPLE, 1, Arena.ofAuto());
    assertTrue(tensor.data().isNative());
    int bits = Float.floatToIntBits(tensor.toFloats()[0]);
    assertEquals((byte) bits, tensor.data().get(ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  void batch_normalisation_begins_as_the_identity() {
    Network network =
        new Network("n", new FeatureMap(2, 1, 1), List.of(new Layer.BatchNorm("bn", 1e-3f, 0.9f)));
    Map<String, Tensor> weights = InitialWeights.of(network, 3, Arena.ofAuto());
    assertEquals(
        List.of("bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"),
        List.copyOf(weights.keySet()));
    assertArrayEquals(new float[] {1, 1}, weights.get("bn.weight").toFloats());
    assertArrayEquals(new float[] {0, 0}, weights.get("bn.bias").toFloats());
    assertArrayEquals(new float[] {0, 0}, weights.get("bn.running_mean").toFloats());
    assertArrayEquals(new float[] {1, 1}, weights.get("bn.running_var").toFloats());
  }
}
