package org.alexnetedge.cli;

import java.util.Locale;
import org.alexnetedge.alexnet.AlexNet;
import org.alexnetedge.alexnet.AlexNet.Widths;
import org.alexnetedge.alexnet.Configuration;
import org.alexnetedge.alexnet.Network;
import org.alexnetedge.alexnet.Variant;
import org.alexnetedge.image.Recipe;
import org.alexnetedge.image.Resize;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which AlexNet, and how large. */
final class NetworkOptions {
  /** Largest file that ONNX's format allows, less a megabyte for all but the weights. */
  private static final long MOST_BYTES = Integer.MAX_VALUE - (1L << 20);

  private static final int MOST_FEATURES = 1_000_000;
  private static final int MOST_PIXELS = 2048;

  @Option(
      names = "--arch",
      paramLabel = "NAME",
      description =
          "torchvision (the default), paper (2012: overlapping pooling, local response"
              + " normalisation), caffe (the same with Caffe's constants) or keras (no padding,"
              + " batch normalisation, a sigmoid for two classes).")
  private String arch = Variant.TORCHVISION.code();

  @Option(
      names = "--classes",
      paramLabel = "N",
      description = "Number of classes (default: as many as labels, else 1000; keras: 2).")
  private @Nullable Integer classes;

  @Option(
      names = "--width",
      paramLabel = "F",
      description =
          "Factor on all channels and hidden features, rounded (default: ${DEFAULT-VALUE}).")
  private double width = 1;

  @Option(
      names = "--fc",
      paramLabel = "N",
      description = "Units of the two hidden fully connected layers (default: 4096 x --width).")
  private @Nullable Integer hidden;

  @Option(
      names = "--input",
      paramLabel = "PIXELS",
      description = "Height and width of the input (default: 224; paper, caffe: 227).")
  private @Nullable Integer input;

  @Option(
      names = "--batch-norm",
      description =
          "Batch normalisation after each convolution, in the place of local response"
              + " normalisation.")
  private boolean batchNorm;

  @Option(
      names = "--dropout",
      paramLabel = "P",
      description = "How probably training zeroes a value (default: ${DEFAULT-VALUE}).")
  private float dropout = 0.5f;

  @Option(
      names = "--groups",
      paramLabel = "G",
      description =
          "Split convolutions 2, 4 and 5 into groups; 2 is the paper's split over two GPUs"
              + " (default: ${DEFAULT-VALUE}).")
  private int groups = 1;

  /**
   * What the options ask for.
   *
   * @param labels number of labels, 0 when there are none
   * @throws IllegalArgumentException with a sentence about the first that cannot be meant
   */
  Configuration configuration(int labels) {
    Variant variant = variant();
    if (!(width > 0) || width > 100) {
      throw wrong("--width must be above 0 and at most 100, not " + width + ".");
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw wrong("--dropout must be at least 0 and below 1, not " + dropout + ".");
    }
    within("--classes", classes, 1_000_000);
    within("--fc", hidden, MOST_FEATURES);
    within("--input", input, MOST_PIXELS);
    within("--groups", groups, MOST_FEATURES);
    // Widths that were not asked for are not changed to suit the groups.
    Widths widths = width == 1 ? variant.widths() : variant.widths().scaled(width, groups);
    int outputs = labels > 0 ? labels : classes != null ? classes : variant.classes();
    return Configuration.of(variant)
        .withWidths(hidden == null ? widths : widths.withHidden(hidden))
        .withInput(input == null ? variant.input() : input)
        .withClasses(outputs)
        .withBatchNorm(batchNorm)
        .withDropout(dropout)
        .withGroups(groups);
  }

  /** What {@code --classes} says, or null. */
  @Nullable Integer classes() {
    return classes;
  }

  /** What {@code --dropout} says. */
  float dropout() {
    return dropout;
  }

  /**
   * Whether it is Keras' variant.
   *
   * @throws IllegalArgumentException when there is no such variant
   */
  boolean isKeras() {
    return variant() == Variant.KERAS;
  }

  private Variant variant() {
    return variant(arch);
  }

  /**
   * The variant of this name.
   *
   * @throws IllegalArgumentException with a sentence when there is none
   */
  static Variant variant(String arch) {
    for (Variant variant : Variant.values()) {
      if (variant.code().equals(arch.toLowerCase(Locale.ROOT))) {
        return variant;
      }
    }
    throw wrong("--arch must be torchvision, paper, caffe or keras, not '" + arch + "'.");
  }

  private static void within(String option, @Nullable Integer value, int most) {
    if (value != null && (value < 1 || value > most)) {
      throw wrong(option + " must be from 1 to " + most + ", not " + value + ".");
    }
  }

  private static IllegalArgumentException wrong(String sentence) {
    return new IllegalArgumentException(sentence);
  }

  /**
   * The network, when it fits into a file.
   *
   * @throws IllegalArgumentException with a sentence when its choices do not fit together
   */
  static Network network(Configuration configuration) {
    Network network = AlexNet.of(configuration);
    if (network.parameterCount() > MOST_BYTES / Float.BYTES) {
      throw wrong(
          String.format(
              Locale.ROOT,
              "An AlexNet of these sizes for %,d classes has %,d parameters, which do not fit the"
                  + " 2 GB of an ONNX file; choose a smaller --width, --fc or --input.",
              configuration.classes(),
              network.parameterCount()));
    }
    return network;
  }

  /**
   * How pictures become the input of such a network. Other inputs than the variant's own see as
   * much of a picture: the resize before the crop changes in proportion.
   */
  static Recipe recipe(Configuration configuration) {
    int size = configuration.input();
    return switch (configuration.variant()) {
      case TORCHVISION -> cropped(Recipe.TORCHVISION, configuration);
      // Raw values 0..255 less a mean, as the paper has them: the constants of local response
      // normalisation are made for values of that size, and do next to nothing to those around 1.
      // Of the presets this is Caffe's, which also has the paper's shorter side of 256.
      case PAPER, CAFFE -> cropped(Recipe.CAFFE, configuration);
      case KERAS -> Recipe.KERAS.withSize(size, size).withLayout(Recipe.Layout.NCHW);
    };
  }

  private static Recipe cropped(Recipe preset, Configuration configuration) {
    int size = configuration.input();
    double shorter = (double) preset.resize().width() * size / configuration.variant().input();
    return preset
        .withResize(Resize.shorter((int) Math.rint(shorter)))
        .withCrop(new Recipe.Crop(size, size));
  }
}
