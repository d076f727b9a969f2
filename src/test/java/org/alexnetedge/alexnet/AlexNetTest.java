package org.alexnetedge.alexnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnetedge.SharedData;
import org.alexnetedge.alexnet.AlexNet.Widths;
import org.junit.jupiter.api.Test;

class AlexNetTest {

  @Test
  void torchvisions_alexnet_has_the_parameters_of_its_state_dict() {
    Network network = AlexNet.torchvision(AlexNet.TORCHVISION_WIDTHS, 1000);
    assertEquals(61_100_840, network.parameterCount());
    assertEquals(
        List.of(
            "features.0.weight [64, 3, 11, 11]",
            "features.0.bias [64]",
            "features.3.weight [192, 64, 5, 5]",
            "features.3.bias [192]",
            "features.6.weight [384, 192, 3, 3]",
            "features.6.bias [384]",
            "features.8.weight [256, 384, 3, 3]",
            "features.8.bias [256]",
            "features.10.weight [256, 256, 3, 3]",
            "features.10.bias [256]",
            "classifier.1.weight [4096, 9216]",
            "classifier.1.bias [4096]",
            "classifier.4.weight [4096, 4096]",
            "classifier.4.bias [4096]",
            "classifier.6.weight [1000, 4096]",
            "classifier.6.bias [1000]"),
        network.parameters().stream().map(p -> p.name() + " " + p.shape()).toList());
  }

  @Test
  void the_maps_shrink_as_the_literature_says() {
    Network network = AlexNet.torchvision(AlexNet.TORCHVISION_WIDTHS, 1000);
    assertEquals(
        List.of(55, 55, 27, 27, 27, 13, 13, 13, 13, 13, 13, 13, 6, 6, 1, 1, 1, 1, 1, 1, 1, 1),
        network.steps().stream().map(step -> step.output().height()).toList());
  }

  @Test
  void widths_are_scaled_and_never_vanish() {
    assertEquals(
        new Widths(List.of(16, 48, 96, 64, 64), 1024), AlexNet.TORCHVISION_WIDTHS.scaled(0.25));
    assertEquals(new Widths(List.of(1, 1, 1, 1, 1), 4), AlexNet.TORCHVISION_WIDTHS.scaled(0.001));
    assertThrows(IllegalArgumentException.class, () -> new Widths(List.of(1, 2, 3), 4));
  }

  @Test
  void layers_that_do_not_fit_are_refused() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new Network(
                "small", new FeatureMap(3, 8, 8), List.of(new Layer.Conv("c", 4, 11, 4, 0))));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Network("flat", new FeatureMap(3, 8, 8), List.of(new Layer.Linear("l", 4))));
  }

  @Test
  void the_paper_has_its_parameters_whole_and_in_two_groups() {
    Configuration paper = Configuration.of(Variant.PAPER);
    assertEquals(62_378_344, AlexNet.of(paper).parameterCount());
    Network grouped = AlexNet.of(paper.withGroups(2));
    assertEquals(60_965_224, grouped.parameterCount());
    assertEquals(
        List.of(
            "conv1.weight [96, 3, 11, 11]",
            "conv2.weight [256, 48, 5, 5]",
            "conv3.weight [384, 256, 3, 3]",
            "conv4.weight [384, 192, 3, 3]",
            "conv5.weight [256, 192, 3, 3]",
            "fc6.weight [4096, 9216]",
            "fc7.weight [4096, 4096]",
            "fc8.weight [1000, 4096]"),
        grouped.parameters().stream()
            .filter(p -> p.name().endsWith("weight"))
            .map(p -> p.name() + " " + p.shape())
            .toList());
    assertEquals(
        List.of(55, 27, 13, 6),
        grouped.steps().stream()
            .filter(s -> s.layer() instanceof Layer.MaxPool || s.layer().name().equals("conv1"))
            .map(s -> s.output().height())
            .toList());
  }

  @Test
  void keras_layers_are_those_that_keras_lists() throws Exception {
    Path file = SharedData.at("references/keras/layers.json");
    JsonObject keras = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    Network network = AlexNet.of(Configuration.of(Variant.KERAS));
    List<String> expected = new ArrayList<>();
    for (JsonElement each : keras.getAsJsonArray("layers")) {
      JsonObject layer = each.getAsJsonObject();
      expected.add(
          layer.get("name").getAsString()
              + layer.get("output_shape")
              + layer.get("parameters")
              + "/"
              + layer.get("trainable"));
    }
    List<String> ours = new ArrayList<>();
    for (Network.Step step : network.steps()) {
      // Keras has activations as a part of the layer before.
      if (!(step.layer() instanceof Layer.Relu) && !(step.layer() instanceof Layer.Sigmoid)) {
        FeatureMap map = step.output();
        String shape =
            map.height() == 1 && !(step.layer() instanceof Layer.MaxPool)
                ? "[null," + map.channels() + "]"
                : "[null," + map.height() + "," + map.width() + "," + map.channels() + "]";
        ours.add(step.layer().name() + shape + count(step, false) + "/" + count(step, true));
      }
    }
    assertEquals(expected, ours);
    assertEquals(keras.get("total").getAsLong(), network.parameterCount());
    assertEquals(
        keras.get("non_trainable").getAsLong(),
        network.parameters().stream().filter(p -> !p.trainable()).mapToLong(Parameter::size).sum());
  }

  private static long count(Network.Step step, boolean trainableOnly) {
    return step.parameters().stream()
        .filter(p -> p.trainable() || !trainableOnly)
        .mapToLong(Parameter::size)
        .sum();
  }

  @Test
  void small_inputs_have_no_adaptive_pooling() {
    Configuration torchvision = Configuration.of(Variant.TORCHVISION);
    assertEquals(0, count(AlexNet.of(torchvision.withInput(128)), Layer.AdaptiveAvgPool.class));
    assertEquals(
        List.of(4096L, 256L * 3 * 3),
        AlexNet.of(torchvision.withInput(128)).parameters().get(10).shape());
    for (int input : new int[] {224, 256, 448}) {
      Network network = AlexNet.of(torchvision.withInput(input));
      assertEquals(1, count(network, Layer.AdaptiveAvgPool.class));
      assertEquals(61_100_840, network.parameterCount());
    }
  }

  private static long count(Network network, Class<? extends Layer> kind) {
    return network.layers().stream().filter(kind::isInstance).count();
  }

  @Test
  void batch_normalisation_follows_each_convolution_and_replaces_the_local_one() {
    Network network = AlexNet.of(Configuration.of(Variant.PAPER).withBatchNorm(true));
    assertEquals(0, count(network, Layer.LocalResponseNorm.class));
    assertEquals(
        List.of("conv1", "conv1.bn", "relu1", "pool1", "conv2", "conv2.bn", "relu2", "pool2"),
        network.layers().stream().limit(8).map(Layer::name).toList());
    assertEquals(62_378_344 + 4 * (96 + 256 + 384 + 384 + 256), network.parameterCount());
  }

  @Test
  void dropout_has_its_rate_or_is_not_there() {
    for (Variant variant : Variant.values()) {
      Configuration chosen = Configuration.of(variant);
      assertEquals(
          List.of(0.25f, 0.25f),
          AlexNet.of(chosen.withDropout(0.25f)).layers().stream()
              .filter(Layer.Dropout.class::isInstance)
              .map(layer -> ((Layer.Dropout) layer).probability())
              .toList());
      assertEquals(0, count(AlexNet.of(chosen.withDropout(0)), Layer.Dropout.class));
    }
  }

  @Test
  void choices_that_do_not_fit_are_refused_in_a_sentence() {
    Configuration torchvision = Configuration.of(Variant.TORCHVISION);
    Configuration keras = Configuration.of(Variant.KERAS);
    assertRefused(
        "Nothing is left of an input of 62 x 62 pixels after the last pooling; the smallest is 63.",
        torchvision.withInput(62));
    assertRefused(
        "An input of 288 x 288 pixels gives a map of 8 x 8, which cannot be averaged to 6 x 6 by"
            + " windows of one size; the nearest inputs that can are 286 and 415.",
        torchvision.withInput(288));
    assertRefused(
        "This variant has batch normalisation already, after its first two convolutions.",
        keras.withBatchNorm(true));
    assertRefused(
        "Convolutions of [96, 256, 384, 384, 256] channels cannot be split into 3 equal groups.",
        keras.withGroups(3));
    assertEquals(1, AlexNet.of(torchvision.withInput(63)).steps().get(12).output().height());
    AlexNet.of(torchvision.withInput(286));
    AlexNet.of(torchvision.withInput(415));
    assertThrows(IllegalArgumentException.class, () -> keras.withDropout(1));
    assertThrows(IllegalArgumentException.class, () -> keras.withDropout(Float.NaN));
  }

  private static void assertRefused(String sentence, Configuration chosen) {
    assertEquals(
        sentence,
        assertThrows(IllegalArgumentException.class, () -> AlexNet.of(chosen)).getMessage());
  }

  @Test
  void scaled_channels_fit_the_groups() {
    assertEquals(
        new Widths(List.of(4, 12, 20, 20, 12), 205), Variant.PAPER.widths().scaled(0.05, 4));
  }
}
