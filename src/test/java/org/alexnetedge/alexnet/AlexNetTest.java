package org.alexnetedge.alexnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
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
}
