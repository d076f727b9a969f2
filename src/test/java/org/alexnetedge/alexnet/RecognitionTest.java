package org.alexnetedge.alexnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.alexnetedge.alexnet.AlexNet.Widths;
import org.alexnetedge.onnx.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecognitionTest {
  private static final Widths NARROW = new Widths(List.of(4, 6, 8, 6, 4), 5);

  private final Arena arena = Arena.ofAuto();

  private static Configuration narrow(Variant variant) {
    return Configuration.of(variant).withWidths(NARROW).withClasses(7);
  }

  private Map<String, Tensor> weights(Configuration configuration) {
    return InitialWeights.of(AlexNet.of(configuration), 1, arena);
  }

  private static Map<String, Tensor> renamed(
      Map<String, Tensor> weights, UnaryOperator<String> name) {
    Map<String, Tensor> renamed = new LinkedHashMap<>();
    weights.forEach((key, tensor) -> renamed.put(name.apply(key), tensor));
    return renamed;
  }

  private Recognized recognised(Map<String, Tensor> weights) {
    return Recognition.of(weights, null, null, arena);
  }

  @ParameterizedTest
  @CsvSource({
    "TORCHVISION,224,1,false",
    "TORCHVISION,224,2,true",
    "TORCHVISION,128,1,true",
    "TORCHVISION,64,1,false",
    "PAPER,227,1,false",
    "PAPER,128,1,true",
    "CAFFE,227,2,false"
  })
  void a_network_is_recognised_from_its_weights_alone(
      Variant variant, int input, int groups, boolean batchNorm) {
    Configuration chosen =
        narrow(variant).withInput(input).withGroups(groups).withBatchNorm(batchNorm);
    Map<String, Tensor> weights = weights(chosen);
    Recognized found = recognised(weights);
    assertEquals(chosen, found.configuration());
    assertEquals(AlexNet.of(chosen), found.network());
    assertEquals(weights, found.weights());
  }

  @Test
  void an_input_that_the_weights_do_not_tell_from_others_is_said_to_be_assumed() {
    Map<String, Tensor> weights = weights(narrow(Variant.TORCHVISION).withInput(140));
    Recognized found = recognised(weights);
    assertEquals(128, found.configuration().input());
    assertTrue(found.assumptions().getFirst().startsWith("pictures of 128 x 128 pixels"));
    assertEquals(140, Recognition.of(weights, null, 140, arena).configuration().input());
  }

  @ParameterizedTest
  @CsvSource({
    "module.$LAYER.$KIND,weight,bias",
    "state_dict/$LAYER.0.$KIND,weight,bias",
    "$LAYER/$KIND,weights,biases",
    "$LAYER_$KIND,w,b",
    "$LAYER.blobs.$KIND,0,1",
    "$LAYER.$KIND,0,1"
  })
  void the_names_of_caffe_are_known_in_the_forms_that_converters_write(
      String form, String weight, String bias) {
    Configuration chosen = narrow(Variant.CAFFE).withGroups(2);
    Map<String, Tensor> weights = weights(chosen);
    Map<String, Tensor> renamed =
        renamed(
            weights,
            name ->
                form.replace("$LAYER", name.substring(0, name.indexOf('.')))
                    .replace("$KIND", name.endsWith("weight") ? weight : bias));
    Recognized found = recognised(renamed);
    assertEquals(chosen, found.configuration());
    assertEquals(weights, found.weights());
  }

  @Test
  void caffes_oldest_blobs_of_four_axes_are_taken() {
    Map<String, Tensor> weights = weights(narrow(Variant.CAFFE).withGroups(2));
    Map<String, Tensor> blobs = new LinkedHashMap<>();
    weights.forEach(
        (name, tensor) -> {
          long[] shape = tensor.shape();
          blobs.put(
              name,
              switch (shape.length) {
                case 1 -> tensor.reshaped(1, 1, 1, shape[0]);
                case 2 -> tensor.reshaped(1, 1, shape[0], shape[1]);
                default -> tensor;
              });
        });
    assertEquals(weights, recognised(blobs).weights());
  }

  @Test
  void the_option_decides_between_the_papers_constants_and_caffes() {
    Map<String, Tensor> weights = weights(narrow(Variant.PAPER).withGroups(2));
    assertEquals(Variant.CAFFE, recognised(weights).configuration().variant());
    Recognized paper = Recognition.of(weights, Variant.PAPER, null, arena);
    assertEquals(Variant.PAPER, paper.configuration().variant());
    assertEquals(List.of(), paper.assumptions());
  }

  /** Element by element from the definitions of both layouts; the last map here is 2 x 2. */
  @Test
  void what_keras_lays_out_otherwise_is_turned_around() {
    Configuration chosen = narrow(Variant.KERAS).withInput(240);
    Network network = AlexNet.of(chosen);
    Map<String, Tensor> ours = InitialWeights.of(network, 1, arena);
    FeatureMap last = network.steps().get(14).output();
    assertEquals(new FeatureMap(4, 2, 2), last);
    Map<String, Tensor> keras = new LinkedHashMap<>();
    ours.forEach(
        (name, tensor) -> {
          float[] from = tensor.toFloats();
          float[] to = new float[from.length];
          long[] shape = tensor.shape();
          long[] turned = shape;
          if (shape.length == 4) {
            turned = new long[] {shape[2], shape[3], shape[1], shape[0]};
            for (int i = 0; i < from.length; i++) {
              int x = (int) (i % shape[3]);
              int y = (int) (i / shape[3] % shape[2]);
              int in = (int) (i / (shape[3] * shape[2]) % shape[1]);
              int out = (int) (i / (shape[3] * shape[2] * shape[1]));
              to[(int) (((y * shape[3] + x) * shape[1] + in) * shape[0] + out)] = from[i];
            }
          } else if (shape.length == 2) {
            turned = new long[] {shape[1], shape[0]};
            for (int i = 0; i < from.length; i++) {
              int out = (int) (i / shape[1]);
              int in = (int) (i % shape[1]);
              // c, y, x of 4 x 2 x 2 to y, x, c.
              int row = name.startsWith("fc6") ? (in % 4) * 4 + in / 4 : in;
              to[(int) (row * shape[0] + out)] = from[i];
            }
          } else {
            to = from;
          }
          keras.put(kerasName(name), Tensor.ofFloats(turned, to));
        });
    Recognized found = recognised(keras);
    assertEquals(ours, found.weights());
    assertEquals(Variant.KERAS, found.configuration().variant());
    assertEquals(network, Recognition.of(keras, null, 240, arena).network());
  }

  private static String kerasName(String name) {
    String kind = name.substring(name.indexOf('.') + 1);
    boolean norm = name.startsWith("bn");
    return "any/"
        + name.substring(0, name.indexOf('.')).replaceAll("(\\d)", "_$1/")
        + switch (kind) {
          case "weight" -> norm ? "gamma" : "kernel";
          case "bias" -> norm ? "beta" : "bias";
          case "running_mean" -> "moving_mean";
          default -> "moving_variance";
        };
  }

  @ParameterizedTest
  @CsvSource({"1,Sigmoid", "2,Softmax", "3,Softmax"})
  void keras_networks_end_as_their_number_of_outputs_says(int outputs, String end) {
    Map<String, Tensor> weights = weights(narrow(Variant.KERAS).withClasses(outputs == 1 ? 2 : 3));
    Map<String, Tensor> keras = new LinkedHashMap<>();
    weights.forEach(
        (name, tensor) -> {
          long[] s = tensor.shape();
          long last = name.startsWith("fc8") ? outputs : s[0];
          keras.put(
              kerasName(name),
              switch (s.length) {
                case 4 -> tensor.reshaped(s[2], s[3], s[1], s[0]);
                case 2 -> Tensor.ofFloats(new long[] {s[1], last}, new float[(int) (s[1] * last)]);
                default -> Tensor.ofFloats(new long[] {last}, new float[(int) last]);
              });
        });
    Recognized found = recognised(keras);
    assertEquals(outputs, found.outputs());
    assertEquals(end, found.network().layers().getLast().getClass().getSimpleName());
  }

  @Test
  void what_is_missing_and_what_is_left_over_is_listed_and_cut_at_a_sensible_number() {
    Map<String, Tensor> weights = weights(narrow(Variant.TORCHVISION));
    Tensor moved = weights.remove("classifier.4.bias");
    weights.put("head.bias", moved);
    weights.put("features.0.num_batches_tracked", Tensor.ofLongs(new long[0], 3));
    RecognitionException two = assertThrows(RecognitionException.class, () -> recognised(weights));
    assertEquals(
        List.of("classifier.4.bias [5] is missing", "head.bias [5] is left over"), two.details());
    for (int i = 0; i < 100; i++) {
      weights.put("more." + i, moved);
    }
    RecognitionException many = assertThrows(RecognitionException.class, () -> recognised(weights));
    assertTrue(many.getMessage().contains("102 tensors do not fit"), many.getMessage());
    assertEquals(25, many.details().size());
    assertEquals("... and 78 more", many.details().getLast());
  }

  @Test
  void hidden_layers_of_two_widths_are_no_alexnet() {
    Map<String, Tensor> weights = weights(narrow(Variant.PAPER));
    weights.put("fc7.weight", Tensor.ofFloats(new long[] {3, 5}, new float[15]));
    weights.put("fc7.bias", Tensor.ofFloats(new long[] {3}, new float[3]));
    RecognitionException e = assertThrows(RecognitionException.class, () -> recognised(weights));
    assertEquals("fc7.weight is [3,5], where [5,5] is needed", e.details().getFirst());
  }

  @Test
  void shapes_that_no_network_has_are_refused() {
    Map<String, Tensor> weights = weights(narrow(Variant.TORCHVISION));
    weights.put("features.0.weight", Tensor.ofFloats(new long[] {0, 3, 11, 11}));
    assertThrows(RecognitionException.class, () -> recognised(weights));
    weights.put("features.0.weight", Tensor.ofFloats(new long[] {1}, 1));
    weights.put("features.3.weight", Tensor.ofFloats(new long[] {6, 0, 5, 5}));
    assertThrows(RecognitionException.class, () -> recognised(weights));
    assertThrows(RecognitionException.class, () -> recognised(Map.of()));
  }
}
