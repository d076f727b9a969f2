package org.alexnetedge.image;

import org.jspecify.annotations.Nullable;

/**
 * How a picture becomes a network's input: resize, centre crop, then each value {@code x} (0..255)
 * becomes {@code (x / divide - mean) / std} in float32, with IEEE divisions.
 *
 * <p>Immutable. As JSON it is the {@code preprocessing} metadata of a model file: see {@link
 * #fromJson}.
 *
 * @param resize the resize before the crop
 * @param crop the centre that is kept, null when all is kept; a smaller picture is padded with
 *     zeros, as torchvision's CenterCrop does
 * @param colourOrder order of the channels, which is also that of {@code mean} and {@code std}
 * @param divide what values are divided by first, usually 255 or 1
 * @param mean subtracted after that
 * @param std divided by last
 * @param layout order of the axes
 */
public record Recipe(
    Resize resize,
    @Nullable Crop crop,
    ColourOrder colourOrder,
    float divide,
    PerChannel mean,
    PerChannel std,
    Layout layout) {

  /** The centre that is kept, in pixels. */
  public record Crop(int width, int height) {
    public Crop {
      if (width < 1 || height < 1 || width > 65535 || height > 65535) {
        throw new IllegalArgumentException(
            "crop must be between 1 and 65535, got " + width + " x " + height + ".");
      }
    }
  }

  /** Order of the channels. */
  public enum ColourOrder {
    RGB,
    BGR
  }

  /** Order of the axes of a batch. */
  public enum Layout {
    NCHW,
    NHWC
  }

  /** One number a channel, in the recipe's colour order. */
  public record PerChannel(float first, float second, float third) {
    public static final PerChannel ZEROS = new PerChannel(0, 0, 0);
    public static final PerChannel ONES = new PerChannel(1, 1, 1);

    public float get(int channel) {
      return switch (channel) {
        case 0 -> first;
        case 1 -> second;
        case 2 -> third;
        default -> throw new IndexOutOfBoundsException(channel);
      };
    }

    private boolean isFinite() {
      return Float.isFinite(first) && Float.isFinite(second) && Float.isFinite(third);
    }
  }

  /** torchvision's ImageNet models: shorter side 256, crop 224, 0..1, ImageNet's mean and std. */
  public static final Recipe TORCHVISION =
      new Recipe(
          Resize.shorter(256),
          new Crop(224, 224),
          ColourOrder.RGB,
          255,
          new PerChannel(0.485f, 0.456f, 0.406f),
          new PerChannel(0.229f, 0.224f, 0.225f),
          Layout.NCHW);

  /** Caffe's BVLC AlexNet: shorter side 256, crop 227, BGR 0..255 minus the mean colour. */
  public static final Recipe CAFFE =
      new Recipe(
          Resize.shorter(256),
          new Crop(227, 227),
          ColourOrder.BGR,
          1,
          new PerChannel(104, 117, 123),
          PerChannel.ONES,
          Layout.NCHW);

  /** Keras' {@code image_dataset_from_directory} with rescaling: stretched to 224x224, 0..1. */
  public static final Recipe KERAS =
      new Recipe(
          Resize.exact(224, 224).withAntialias(false),
          null,
          ColourOrder.RGB,
          255,
          PerChannel.ZEROS,
          PerChannel.ONES,
          Layout.NHWC);

  public Recipe {
    if (!Float.isFinite(divide) || divide == 0) {
      throw new IllegalArgumentException(
          "divide must be a number other than 0, got " + divide + ".");
    }
    if (!mean.isFinite()) {
      throw new IllegalArgumentException("mean must be three finite numbers.");
    }
    if (!std.isFinite() || std.first() == 0 || std.second() == 0 || std.third() == 0) {
      throw new IllegalArgumentException("std must be three finite numbers other than 0.");
    }
  }

  /**
   * The preset of this name: {@code torchvision}, {@code caffe} or {@code keras}.
   *
   * @throws IllegalArgumentException with a sentence that lists the names
   */
  public static Recipe preset(String name) {
    return switch (name) {
      case "torchvision" -> TORCHVISION;
      case "caffe" -> CAFFE;
      case "keras" -> KERAS;
      default ->
          throw new IllegalArgumentException(
              "There is no preprocessing preset '"
                  + name
                  + "'; there are torchvision, caffe and keras.");
    };
  }

  /**
   * Reads the JSON form. All fields have to be there, except {@code crop}:
   *
   * <pre>{@code
   * {"resize": {"mode": "shorter", "size": 256, "filter": "bilinear", "antialias": true},
   *  "crop": 224, "colour_order": "rgb", "divide": 255,
   *  "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "layout": "nchw"}
   * }</pre>
   *
   * <p>{@code mode}: shorter, exact, none (which takes no other field). {@code size} and {@code
   * crop}: one number, or {@code [width, height]}. {@code crop}: null or left out keeps all. {@code
   * filter}: bilinear, bicubic, lanczos. {@code colour_order}: rgb, bgr. {@code layout}: nchw,
   * nhwc.
   *
   * @throws IllegalArgumentException with a sentence about the first bad field
   */
  public static Recipe fromJson(String json) {
    return RecipeJson.read(json);
  }

  /** The JSON form in one line. */
  public String toJson() {
    return RecipeJson.write(this);
  }

  /**
   * This recipe for a model with an input of this size: the crop gets it, without a crop the exact
   * resize; a resize of the shorter side that would be smaller than the crop grows in proportion. A
   * recipe with neither stays as it is.
   */
  public Recipe withSize(int height, int width) {
    if (crop != null) {
      Resize fitting = resize;
      int needed = Math.max(width, height);
      if (resize.mode() == Resize.Mode.SHORTER && resize.width() < needed) {
        int side = Math.max(crop.width(), crop.height());
        int grown = (int) Math.rint((double) resize.width() * needed / side);
        fitting =
            new Resize(
                Resize.Mode.SHORTER,
                Math.max(needed, grown),
                Math.max(needed, grown),
                resize.filter(),
                resize.antialias());
      }
      return withResize(fitting).withCrop(new Crop(width, height));
    }
    if (resize.mode() == Resize.Mode.EXACT) {
      return withResize(
          new Resize(Resize.Mode.EXACT, width, height, resize.filter(), resize.antialias()));
    }
    return this;
  }

  public Recipe withResize(Resize value) {
    return new Recipe(value, crop, colourOrder, divide, mean, std, layout);
  }

  public Recipe withCrop(@Nullable Crop value) {
    return new Recipe(resize, value, colourOrder, divide, mean, std, layout);
  }

  public Recipe withColourOrder(ColourOrder value) {
    return new Recipe(resize, crop, value, divide, mean, std, layout);
  }

  public Recipe withDivide(float value) {
    return new Recipe(resize, crop, colourOrder, value, mean, std, layout);
  }

  public Recipe withMean(PerChannel value) {
    return new Recipe(resize, crop, colourOrder, divide, value, std, layout);
  }

  public Recipe withStd(PerChannel value) {
    return new Recipe(resize, crop, colourOrder, divide, mean, value, layout);
  }

  public Recipe withLayout(Layout value) {
    return new Recipe(resize, crop, colourOrder, divide, mean, std, value);
  }
}
