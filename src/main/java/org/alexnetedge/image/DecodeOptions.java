package org.alexnetedge.image;

/**
 * Which pictures are taken.
 *
 * @param maxPixels width times height above which a picture is refused, before memory is taken for
 *     it; so is one with a side of more than 1,048,576 pixels
 * @param lenient take what there is of a picture whose end is missing (the rest is black or gray)
 */
public record DecodeOptions(long maxPixels, boolean lenient) {
  /** Pillow's limit on pixels; cut-off pictures are refused. */
  public static final DecodeOptions DEFAULT = new DecodeOptions(OpenCv.DEFAULT_MAX_PIXELS, false);

  /** Three bytes a pixel have to fit one Java-addressable buffer with room to spare. */
  private static final long LARGEST = 700_000_000;

  /** A row of the longest side still fits a small heap. */
  private static final int LONGEST_SIDE = 1 << 20;

  public DecodeOptions {
    if (maxPixels <= 0 || maxPixels > LARGEST) {
      throw new IllegalArgumentException(
          "maxPixels must be between 1 and " + LARGEST + ", got " + maxPixels);
    }
  }

  /** Refuses a size that a header gives. */
  void check(long width, long height) throws ImageException {
    if (width <= 0 || height <= 0) {
      throw ImageException.failed(
          "The picture's header gives an impossible size (" + width + " x " + height + ").");
    }
    if (width > LONGEST_SIDE || height > LONGEST_SIDE) {
      throw new ImageException(
          ImageException.Kind.TOO_LARGE,
          "The picture has "
              + width
              + " x "
              + height
              + " pixels; no side may have more than "
              + LONGEST_SIDE
              + ".");
    }
    if (width > maxPixels / height) {
      throw new ImageException(
          ImageException.Kind.TOO_LARGE,
          "The picture has "
              + width
              + " x "
              + height
              + " pixels, more than the limit of "
              + maxPixels
              + " pixels.");
    }
  }
}
