package org.alexnetedge.alexnet;

import java.util.ArrayList;
import java.util.List;
import org.alexnetedge.alexnet.Layer.AdaptiveAvgPool;
import org.alexnetedge.alexnet.Layer.BatchNorm;
import org.alexnetedge.alexnet.Layer.Conv;
import org.alexnetedge.alexnet.Layer.Dropout;
import org.alexnetedge.alexnet.Layer.Flatten;
import org.alexnetedge.alexnet.Layer.Linear;
import org.alexnetedge.alexnet.Layer.LocalResponseNorm;
import org.alexnetedge.alexnet.Layer.MaxPool;
import org.alexnetedge.alexnet.Layer.Relu;
import org.alexnetedge.alexnet.Layer.Sigmoid;
import org.alexnetedge.alexnet.Layer.Softmax;

/**
 * The variants of AlexNet: a list of layers each, and what a {@link Configuration} changes in it.
 */
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
      return scaled(factor, 1);
    }

    /**
     * All widths times a factor; channels are rounded to the nearest multiple of the number of
     * groups that they are split into, at least one each.
     */
    public Widths scaled(double factor, int groups) {
      return new Widths(
          channels.stream().map(c -> scaled(c, factor, groups)).toList(),
          scaled(hidden, factor, 1));
    }

    private static int scaled(int width, double factor, int multiple) {
      return Math.toIntExact(multiple * Math.max(1, Math.round(width * factor / multiple)));
    }

    public Widths withHidden(int features) {
      return new Widths(channels, features);
    }
  }

  /** torchvision's widths. */
  public static final Widths TORCHVISION_WIDTHS = Variant.TORCHVISION.widths();

  /**
   * torchvision.models.alexnet of these widths, without further choices.
   *
   * @param classes number of logits
   */
  public static Network torchvision(Widths widths, int classes) {
    return of(Configuration.of(Variant.TORCHVISION).withWidths(widths).withClasses(classes));
  }

  /**
   * The network of a configuration.
   *
   * @throws IllegalArgumentException with a sentence when its choices do not fit together
   */
  public static Network of(Configuration chosen) {
    List<Layer> layers =
        switch (chosen.variant()) {
          case TORCHVISION -> torchvision(chosen);
          case PAPER -> paper(chosen, PAPER_NORM);
          case CAFFE -> paper(chosen, CAFFE_NORM);
          case KERAS -> keras(chosen);
        };
    checkInput(chosen, layers);
    if (chosen.groups() > 1) {
      layers = grouped(layers, chosen);
    }
    if (chosen.batchNorm()) {
      layers = batchNormalised(layers);
    }
    if (chosen.dropout() == 0) {
      layers = layers.stream().filter(layer -> !(layer instanceof Dropout)).toList();
    }
    String name =
        chosen.variant() == Variant.TORCHVISION ? "alexnet" : "alexnet_" + chosen.variant().code();
    return chosen.variant() == Variant.KERAS
        ? new Network(
            name, input(chosen.input()), layers, Initialization.GLOROT, Initialization.GLOROT)
        : new Network(name, input(chosen.input()), layers);
  }

  /**
   * One column, no local response normalisation. Layers are named as torchvision's modules. An
   * input whose last map is smaller than 6 x 6 has no adaptive pooling, which would only repeat
   * values.
   */
  private static List<Layer> torchvision(Configuration chosen) {
    List<Integer> channels = chosen.widths().channels();
    int hidden = chosen.widths().hidden();
    List<Layer> features =
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
            new MaxPool("features.12", 3, 2));
    List<Layer> classifier =
        List.of(
            new Flatten("flatten"),
            new Dropout("classifier.0", chosen.dropout()),
            new Linear("classifier.1", hidden),
            new Relu("classifier.2"),
            new Dropout("classifier.3", chosen.dropout()),
            new Linear("classifier.4", hidden),
            new Relu("classifier.5"),
            new Linear("classifier.6", chosen.classes()));
    boolean pooled = lastSide(features, chosen.input()) >= POOLED_SIDE;
    List<Layer> layers = new ArrayList<>(features);
    if (pooled) {
      layers.add(new AdaptiveAvgPool("avgpool", POOLED_SIDE));
    }
    layers.addAll(classifier);
    return layers;
  }

  private static final int POOLED_SIDE = 6;

  /**
   * Overlapping pooling and local response normalisation; named as Caffe's AlexNet, whose order of
   * layers is the paper's too.
   */
  private static List<Layer> paper(Configuration chosen, LocalResponseNorm norm) {
    List<Integer> channels = chosen.widths().channels();
    int hidden = chosen.widths().hidden();
    return List.of(
        new Conv("conv1", channels.get(0), 11, 4, 0),
        new Relu("relu1"),
        norm.withName("norm1"),
        new MaxPool("pool1", 3, 2),
        new Conv("conv2", channels.get(1), 5, 1, 2),
        new Relu("relu2"),
        norm.withName("norm2"),
        new MaxPool("pool2", 3, 2),
        new Conv("conv3", channels.get(2), 3, 1, 1),
        new Relu("relu3"),
        new Conv("conv4", channels.get(3), 3, 1, 1),
        new Relu("relu4"),
        new Conv("conv5", channels.get(4), 3, 1, 1),
        new Relu("relu5"),
        new MaxPool("pool5", 3, 2),
        new Flatten("flatten"),
        new Linear("fc6", hidden),
        new Relu("relu6"),
        new Dropout("drop6", chosen.dropout()),
        new Linear("fc7", hidden),
        new Relu("relu7"),
        new Dropout("drop7", chosen.dropout()),
        new Linear("fc8", chosen.classes()));
  }

  /**
   * k = 2, n = 5, alpha = 1e-4, beta = 0.75 of the paper's section 3.3, whose formula does not
   * divide alpha by n.
   */
  private static final LocalResponseNorm PAPER_NORM =
      new LocalResponseNorm("", 5, 5 * 1e-4f, 0.75f, 2);

  /** As bvlc_alexnet's prototxt has it; Caffe divides alpha by n. */
  private static final LocalResponseNorm CAFFE_NORM = new LocalResponseNorm("", 5, 1e-4f, 0.75f, 1);

  /**
   * No padding anywhere, batch normalisation after the first two activations, and an output of
   * probabilities: one number for two classes, else one for each class. Keras calls none of its
   * activations a layer, so their names are ours.
   */
  private static List<Layer> keras(Configuration chosen) {
    List<Integer> channels = chosen.widths().channels();
    int hidden = chosen.widths().hidden();
    boolean yesOrNo = chosen.classes() <= 2;
    return List.of(
        new Conv("conv1", channels.get(0), 11, 4, 0),
        new Relu("relu1"),
        kerasNorm("bn1"),
        new MaxPool("pool1", 3, 2),
        new Conv("conv2", channels.get(1), 5, 1, 0),
        new Relu("relu2"),
        kerasNorm("bn2"),
        new MaxPool("pool2", 3, 2),
        new Conv("conv3", channels.get(2), 3, 1, 0),
        new Relu("relu3"),
        new Conv("conv4", channels.get(3), 3, 1, 0),
        new Relu("relu4"),
        new Conv("conv5", channels.get(4), 3, 1, 0),
        new Relu("relu5"),
        new MaxPool("pool5", 3, 2),
        new Flatten("flatten"),
        new Linear("fc6", hidden),
        new Relu("relu6"),
        new Dropout("drop6", chosen.dropout()),
        new Linear("fc7", hidden),
        new Relu("relu7"),
        new Dropout("drop7", chosen.dropout()),
        new Linear("fc8", yesOrNo ? 1 : chosen.classes()),
        yesOrNo ? new Sigmoid("sigmoid8") : new Softmax("softmax8"));
  }

  /** Keras' defaults. */
  private static BatchNorm kerasNorm(String name) {
    return new BatchNorm(name, 1e-3f, 0.99f);
  }

  /** The paper's split over two GPUs: conv1 and conv3 see all of their input, the others half. */
  private static List<Layer> grouped(List<Layer> layers, Configuration chosen) {
    if (chosen.widths().channels().stream().anyMatch(c -> c % chosen.groups() != 0)) {
      throw new IllegalArgumentException(
          "Convolutions of "
              + chosen.widths().channels()
              + " channels cannot be split into "
              + chosen.groups()
              + " equal groups.");
    }
    List<Layer> changed = new ArrayList<>();
    int convolutions = 0;
    for (Layer layer : layers) {
      if (layer instanceof Conv conv) {
        convolutions++;
        boolean whole = convolutions == 1 || convolutions == 3;
        changed.add(whole ? conv : conv.withGroups(chosen.groups()));
      } else {
        changed.add(layer);
      }
    }
    return changed;
  }

  /**
   * Between each convolution and its activation, as is usual since Ioffe and Szegedy, 2015; the
   * other layers keep their names, so that weights for them are still found.
   */
  private static List<Layer> batchNormalised(List<Layer> layers) {
    if (layers.stream().anyMatch(BatchNorm.class::isInstance)) {
      throw new IllegalArgumentException(
          "This variant has batch normalisation already, after its first two convolutions.");
    }
    List<Layer> changed = new ArrayList<>();
    for (Layer layer : layers) {
      if (!(layer instanceof LocalResponseNorm)) {
        changed.add(layer);
      }
      if (layer instanceof Conv conv) {
        // PyTorch's defaults.
        changed.add(new BatchNorm(conv.name() + ".bn", 1e-5f, 0.9f));
      }
    }
    return changed;
  }

  private static void checkInput(Configuration chosen, List<Layer> layers) {
    int side = lastSide(layers, chosen.input());
    if (side == 0) {
      throw new IllegalArgumentException(
          "Nothing is left of an input of %d x %d pixels after the last pooling; the smallest is %d."
              .formatted(chosen.input(), chosen.input(), nearest(layers, chosen.input(), 1)));
    }
    if (!isEven(side) && layers.stream().anyMatch(AdaptiveAvgPool.class::isInstance)) {
      throw new IllegalArgumentException(
          ("An input of %d x %d pixels gives a map of %d x %d, which cannot be averaged to 6 x 6 by"
                  + " windows of one size; the nearest inputs that can are %d and %d.")
              .formatted(
                  chosen.input(),
                  chosen.input(),
                  side,
                  side,
                  nearest(layers, chosen.input(), -1),
                  nearest(layers, chosen.input(), 1)));
    }
  }

  /** Whether adaptive pooling of a map is plain pooling; see {@link NetworkGraph}. */
  private static boolean isEven(int side) {
    return side < POOLED_SIDE || side % POOLED_SIDE <= 1;
  }

  /** The nearest input that leaves a map which can be pooled, upwards or downwards. */
  private static int nearest(List<Layer> layers, int input, int direction) {
    int candidate = input;
    int side;
    do {
      candidate += direction;
      side = lastSide(layers, candidate);
    } while (side == 0 || !isEven(side));
    return candidate;
  }

  /** Side of the map that the last max-pooling gives, 0 where nothing is left. */
  private static int lastSide(List<Layer> layers, int input) {
    FeatureMap map = input(input);
    int side = 0;
    for (Layer layer : layers) {
      if (layer instanceof Conv || layer instanceof MaxPool) {
        map = Network.output(layer, map);
        side = map.height();
        if (side < 1) {
          return 0;
        }
      }
    }
    return side;
  }

  private static FeatureMap input(int side) {
    return new FeatureMap(3, side, side);
  }
}
