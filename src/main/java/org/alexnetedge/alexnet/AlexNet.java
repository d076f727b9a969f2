package org.alexnetedge.alexnet;

import java.util.List;
import org.alexnetedge.alexnet.Layer.AdaptiveAvgPool;
import org.alexnetedge.alexnet.Layer.Conv;
import org.alexnetedge.alexnet.Layer.Dropout;
import org.alexnetedge.alexnet.Layer.Flatten;
import org.alexnetedge.alexnet.Layer.Linear;
import org.alexnetedge.alexnet.Layer.MaxPool;
import org.alexnetedge.alexnet.Layer.Relu;

/** The variants of AlexNet. */
public final class AlexNet {
  private AlexNet() {}

  /**
   * How wide a variant is.
   *
   * @param channels of the five convolutions
   * @param hidden features of the two hidden fully connected layers
   */
  public record Widths(List<Integer> channels, int hidden) {
    public Widths {
      channels = List.copyOf(channels);
      if (channels.size() != 5 || channels.stream().anyMatch(c -> c < 1) || hidden < 1) {
        throw new IllegalArgumentException("AlexNet has five convolutions of 1 channel or more");
      }
    }

    /** All widths times a factor, rounded to the nearest whole number, at least 1. */
    public Widths scaled(double factor) {
      return new Widths(
          channels.stream().map(c -> scaled(c, factor)).toList(), scaled(hidden, factor));
    }

    private static int scaled(int width, double factor) {
      return Math.max(1, Math.toIntExact(Math.round(width * factor)));
    }
  }

  /** torchvision's widths, after Krizhevsky, "One weird trick", 2014. */
  public static final Widths TORCHVISION_WIDTHS = new Widths(List.of(64, 192, 384, 256, 256), 4096);

  /**
   * torchvision.models.alexnet: one column, no local response normalisation, RGB 224 x 224. With
   * its own widths and 1000 classes it has 61,100,840 parameters. Layers are named as its modules.
   *
   * @param classes number of logits
   */
  public static Network torchvision(Widths widths, int classes) {
    List<Integer> channels = widths.channels();
    return new Network(
        "alexnet",
        new FeatureMap(3, 224, 224),
        List.of(
            new Conv("features.0", channels.get(0), 11, 4, 2),
            new Relu("features.1"),
            new MaxPool("features.2", 3, 2),
            new Conv("features.3", channels.get(1), 5, 1, 2),
            new Relu("features.4"),
            new MaxPool("features.5", 3, 2),
            new Conv("features.6", channels.get(2), 3, 1, 1),
            new Relu("features.7"),
            new Conv("features.8", channels.get(3), 3, 1, 1),
            new Relu("features.9"),
            new Conv("features.10", channels.get(4), 3, 1, 1),
            new Relu("features.11"),
            new MaxPool("features.12", 3, 2),
            new AdaptiveAvgPool("avgpool", 6),
            new Flatten("flatten"),
            new Dropout("classifier.0", 0.5f),
            new Linear("classifier.1", widths.hidden()),
            new Relu("classifier.2"),
            new Dropout("classifier.3", 0.5f),
            new Linear("classifier.4", widths.hidden()),
            new Relu("classifier.5"),
            new Linear("classifier.6", classes)));
  }
}
