package org.alexnetedge.train;

/**
 * What is changed at random in the pictures that are learnt from.
 *
 * @param crop which part of a picture is seen
 * @param area for {@link Crop#RESIZED}: share of the picture's area that is seen
 * @param ratio for {@link Crop#RESIZED}: width to height of what is seen
 * @param flip probability that left and right are exchanged
 * @param colourShift deviation of the paper's shift along the principal components of colour; 0 for
 *     none, in the paper 0.1
 * @param jitter of brightness, contrast, saturation and hue
 * @param mixup the alpha of Beta(alpha, alpha), from which the share of a second picture comes that
 *     is blended in (Zhang et al. 2018); 0 for none
 * @param cutmix the same for a box of a second picture that is pasted in (Yun et al. 2019); with
 *     both, each sample gets one of them, with equal chances
 */
public record Augmentation(
    Crop crop,
    Range area,
    Range ratio,
    double flip,
    double colourShift,
    Jitter jitter,
    double mixup,
    double cutmix) {

  /** Which part of a picture is seen. */
  public enum Crop {
    /** The model's own preprocessing, as {@code classify} does it. */
    CENTRE,
    /**
     * A random place of the resized picture's central square, as in the AlexNet paper (of 256
     * pixels there, for inputs of 224).
     */
    TRANSLATION,
    /** A box of random area and shape, resized: torchvision's {@code RandomResizedCrop}. */
    RESIZED
  }

  /** From {@code low} to {@code high}. */
  public record Range(double low, double high) {}

  /**
   * As torchvision's {@code ColorJitter}, the four in random order. Brightness, contrast and
   * saturation are multiplied by a factor between {@code 1 - x} (0 at least) and {@code 1 + x}; the
   * hue is turned by up to {@code hue} of the whole circle in either direction. 0 for none.
   */
  public record Jitter(double brightness, double contrast, double saturation, double hue) {
    public static final Jitter NONE = new Jitter(0, 0, 0, 0);

    public Jitter {
      notNegative("brightness jitter", brightness);
      notNegative("contrast jitter", contrast);
      notNegative("saturation jitter", saturation);
      if (!(hue >= 0 && hue <= 0.5)) {
        throw new IllegalArgumentException(
            "The hue jitter must be between 0 and 0.5 (half the circle), got " + hue + ".");
      }
    }
  }

  private static final Range TORCHVISION_AREA = new Range(0.08, 1);
  private static final Range TORCHVISION_RATIO = new Range(3.0 / 4, 4.0 / 3);

  /** Pictures as {@code classify} sees them. */
  // Not Jitter.NONE, which is null here when Jitter is the first of both to be loaded.
  public static final Augmentation NONE =
      new Augmentation(
          Crop.CENTRE, TORCHVISION_AREA, TORCHVISION_RATIO, 0, 0, new Jitter(0, 0, 0, 0), 0, 0);

  /** torchvision's for training on ImageNet: a resized crop of 8 to 100 % of the area, a flip. */
  public static final Augmentation TORCHVISION = NONE.withCrop(Crop.RESIZED).withFlip(0.5);

  /** The AlexNet paper's: translation, reflection, colour shift. */
  public static final Augmentation PAPER =
      NONE.withCrop(Crop.TRANSLATION).withFlip(0.5).withColourShift(0.1);

  public Augmentation {
    if (!(area.low() > 0 && area.low() <= area.high() && area.high() <= 1)) {
      throw new IllegalArgumentException(
          "The crop's area must be a range within 0 and 1, such as 0.35 to 1, got "
              + area.low()
              + " to "
              + area.high()
              + ".");
    }
    if (!(ratio.low() > 0 && ratio.low() <= ratio.high() && Double.isFinite(ratio.high()))) {
      throw new IllegalArgumentException(
          "The crop's ratio of width to height must be a range above 0, such as 0.75 to 1.33, got "
              + ratio.low()
              + " to "
              + ratio.high()
              + ".");
    }
    if (!(flip >= 0 && flip <= 1)) {
      throw new IllegalArgumentException(
          "The flip is a probability between 0 and 1, got " + flip + ".");
    }
    notNegative("colour shift", colourShift);
    notNegative("mixup alpha", mixup);
    notNegative("cutmix alpha", cutmix);
  }

  private static void notNegative(String what, double value) {
    if (!(value >= 0 && Double.isFinite(value))) {
      throw new IllegalArgumentException(
          "The " + what + " must be 0 (none) or more, got " + value + ".");
    }
  }

  /** Whether a sample may be made of two pictures. */
  public boolean mixes() {
    return mixup > 0 || cutmix > 0;
  }

  /** Whether colours may be changed. */
  boolean changesColours() {
    return colourShift > 0 || !jitter.equals(Jitter.NONE);
  }

  public Augmentation withCrop(Crop value) {
    return new Augmentation(value, area, ratio, flip, colourShift, jitter, mixup, cutmix);
  }

  public Augmentation withArea(double low, double high) {
    Range value = new Range(low, high);
    return new Augmentation(crop, value, ratio, flip, colourShift, jitter, mixup, cutmix);
  }

  public Augmentation withRatio(double low, double high) {
    Range value = new Range(low, high);
    return new Augmentation(crop, area, value, flip, colourShift, jitter, mixup, cutmix);
  }

  public Augmentation withFlip(double value) {
    return new Augmentation(crop, area, ratio, value, colourShift, jitter, mixup, cutmix);
  }

  public Augmentation withColourShift(double value) {
    return new Augmentation(crop, area, ratio, flip, value, jitter, mixup, cutmix);
  }

  public Augmentation withJitter(Jitter value) {
    return new Augmentation(crop, area, ratio, flip, colourShift, value, mixup, cutmix);
  }

  public Augmentation withMixup(double alpha) {
    return new Augmentation(crop, area, ratio, flip, colourShift, jitter, alpha, cutmix);
  }

  public Augmentation withCutmix(double alpha) {
    return new Augmentation(crop, area, ratio, flip, colourShift, jitter, mixup, alpha);
  }
}
