package org.alexnetedge.cli;

import java.util.Locale;
import org.alexnetedge.image.DecodeOptions;
import org.alexnetedge.train.Augmentation;
import org.alexnetedge.train.Augmentation.Crop;
import org.alexnetedge.train.Augmentation.Jitter;
import org.alexnetedge.train.TrainConfig.Pictures;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How pictures are changed at random before they are learnt from. */
final class PictureOptions {
  @Option(
      names = "--augment",
      paramLabel = "KIND",
      description =
          "none (the default for a head and for keras), torchvision (part of 8 to 100 %% of the"
              + " area, flip; the default otherwise, with 35 %%), paper (translation, flip, colour"
              + " shift). The options below change single parts.")
  private @Nullable String kind;

  @Option(
      names = "--crop-area",
      paramLabel = "A:B",
      description = "Of torchvision's crop: shares of the area, such as 0.35:1.")
  private @Nullable String area;

  @Option(names = "--flip", paramLabel = "P", description = "How probably left and right change.")
  private @Nullable Double flip;

  @Option(
      names = "--colour-shift",
      paramLabel = "S",
      description = "Deviation of the paper's shift of colours; there 0.1.")
  private @Nullable Double colourShift;

  @Option(
      names = "--jitter",
      paramLabel = "B,C,S,H",
      description = "Changes of brightness, contrast, saturation and hue, such as 0.4,0.4,0.4,0.1.")
  private @Nullable String jitter;

  @Option(
      names = "--mixup",
      paramLabel = "ALPHA",
      description = "Blend a second picture in; 0.2 is usual.")
  private @Nullable Double mixup;

  @Option(
      names = "--cutmix",
      paramLabel = "ALPHA",
      description = "Paste a box of a second picture in; 1 is usual.")
  private @Nullable Double cutmix;

  @Option(
      names = "--views",
      paramLabel = "N",
      description =
          "For a head: learn from N changed views of each picture (default: 1, the picture as it"
              + " is, or 4 with --augment).")
  private @Nullable Integer views;

  @Option(
      names = "--cache-mb",
      paramLabel = "N",
      description = "Memory for decoded pictures (default: ${DEFAULT-VALUE}).")
  private int cache = 1024;

  /**
   * What the options ask for.
   *
   * @param head whether only a head is trained
   * @param plain whether nothing is changed unless it is asked for
   * @throws IllegalArgumentException with a sentence
   */
  Pictures pictures(boolean head, boolean plain, DecodeOptions decode) {
    Augmentation changed = augmentation(plain);
    boolean changes = !changed.equals(Augmentation.NONE);
    if (head && changed.mixes()) {
      throw new IllegalArgumentException(
          "--mixup and --cutmix mix pictures, and a head learns from features; choose"
              + " --train classifier or all.");
    }
    if (views != null && !head) {
      throw new IllegalArgumentException("--views is for --train head.");
    }
    if (views != null && (views < 1 || views > 1000)) {
      throw new IllegalArgumentException("--views must be from 1 to 1000, not " + views + ".");
    }
    int number = views != null ? views : changes ? 4 : 1;
    if (head && number > 1 && !changes) {
      changed = usual();
    }
    if (cache < 0) {
      throw new IllegalArgumentException("--cache-mb must not be negative, and is " + cache + ".");
    }
    return new Pictures(changed, head ? number : 1, cache, decode.maxPixels(), decode.lenient());
  }

  private static Augmentation usual() {
    return Augmentation.TORCHVISION.withArea(0.35, 1);
  }

  private Augmentation augmentation(boolean plain) {
    Augmentation changed =
        switch (kind == null ? "" : kind.toLowerCase(Locale.ROOT)) {
          case "" -> plain ? Augmentation.NONE : usual();
          case "none" -> Augmentation.NONE;
          case "torchvision" -> Augmentation.TORCHVISION;
          case "paper" -> Augmentation.PAPER;
          default ->
              throw new IllegalArgumentException(
                  "--augment must be none, torchvision or paper, not '" + kind + "'.");
        };
    if (area != null) {
      double[] range = numbers("--crop-area", area, ":", 2);
      changed = changed.withCrop(Crop.RESIZED).withArea(range[0], range[1]);
    }
    if (flip != null) {
      changed = changed.withFlip(flip);
    }
    if (colourShift != null) {
      changed = changed.withColourShift(colourShift);
    }
    if (jitter != null) {
      double[] four = numbers("--jitter", jitter, ",", 4);
      changed = changed.withJitter(new Jitter(four[0], four[1], four[2], four[3]));
    }
    if (mixup != null) {
      changed = changed.withMixup(mixup);
    }
    if (cutmix != null) {
      changed = changed.withCutmix(cutmix);
    }
    return changed;
  }

  private static double[] numbers(String option, String text, String separator, int count) {
    String[] parts = text.split(separator, -1);
    double[] values = new double[parts.length];
    try {
      for (int i = 0; i < parts.length; i++) {
        values[i] = Double.parseDouble(parts[i]);
      }
    } catch (NumberFormatException e) {
      values = new double[0];
    }
    if (values.length != count) {
      throw new IllegalArgumentException(
          option
              + " takes "
              + count
              + " numbers with '"
              + separator
              + "' between, not '"
              + text
              + "'.");
    }
    return values;
  }
}
