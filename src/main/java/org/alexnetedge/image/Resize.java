package org.alexnetedge.image;

import java.util.Locale;

/**
 * The resize before the crop.
 *
 * @param mode what is done
 * @param width for {@code EXACT} the width in pixels, for {@code SHORTER} the length of the shorter
 *     side, for {@code NONE} 0
 * @param height for {@code EXACT} the height, for {@code SHORTER} the same as {@code width}, for
 *     {@code NONE} 0
 * @param filter how pixels are weighted
 * @param antialias whether the filter widens when the picture shrinks, as Pillow's does (each
 *     result equals Pillow's bit for bit); without it only {@code BILINEAR} is possible
 */
public record Resize(Mode mode, int width, int height, Filter filter, boolean antialias) {
  /** What is done with the size. */
  public enum Mode {
    /** The shorter side gets the size, the other follows, truncated to whole pixels. */
    SHORTER,
    /** Both sides get their size; the picture is stretched. */
    EXACT,
    /** Nothing. */
    NONE;

    String code() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final int LARGEST = 65535;

  /** No resize. */
  public static final Resize NONE = new Resize(Mode.NONE, 0, 0, Filter.BILINEAR, true);

  public Resize {
    if (mode != Mode.NONE && (width < 1 || height < 1 || width > LARGEST || height > LARGEST)) {
      throw new IllegalArgumentException(
          "resize.size must be between 1 and " + LARGEST + ", got " + width + " x " + height + ".");
    }
    if (mode == Mode.NONE && (width != 0 || height != 0)) {
      throw new IllegalArgumentException("resize.mode 'none' takes no size.");
    }
    if (mode == Mode.SHORTER && width != height) {
      throw new IllegalArgumentException("resize.mode 'shorter' takes one size.");
    }
    if (!antialias && filter != Filter.BILINEAR) {
      throw new IllegalArgumentException(
          "resize.antialias can be false only with the filter 'bilinear', got '"
              + filter.name().toLowerCase(Locale.ROOT)
              + "'.");
    }
  }

  /** The shorter side becomes {@code size}, antialiased bilinear: torchvision's default. */
  public static Resize shorter(int size) {
    return new Resize(Mode.SHORTER, size, size, Filter.BILINEAR, true);
  }

  /** Stretched to this size, antialiased bilinear. */
  public static Resize exact(int width, int height) {
    return new Resize(Mode.EXACT, width, height, Filter.BILINEAR, true);
  }

  public Resize withFilter(Filter newFilter) {
    return new Resize(mode, width, height, newFilter, antialias);
  }

  public Resize withAntialias(boolean newAntialias) {
    return new Resize(mode, width, height, filter, newAntialias);
  }

  /** Width after the resize of a picture of this size. */
  int widthOf(int fromWidth, int fromHeight) {
    return switch (mode) {
      case NONE -> fromWidth;
      case EXACT -> width;
      case SHORTER -> fromWidth <= fromHeight ? width : longSide(width, fromWidth, fromHeight);
    };
  }

  /** Height after the resize of a picture of this size. */
  int heightOf(int fromWidth, int fromHeight) {
    return switch (mode) {
      case NONE -> fromHeight;
      case EXACT -> height;
      case SHORTER -> fromHeight <= fromWidth ? height : longSide(height, fromHeight, fromWidth);
    };
  }

  /** Python's {@code int(size * long / short)}: one float64 division, then truncated. */
  private static int longSide(int size, int longSide, int shortSide) {
    return (int) Math.min(Integer.MAX_VALUE, (double) ((long) size * longSide) / shortSide);
  }
}
