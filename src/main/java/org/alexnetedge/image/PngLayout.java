package org.alexnetedge.image;

/**
 * How the pixels of a PNG are stored.
 *
 * @param depth bits a sample
 * @param colour PNG's colour type
 */
record PngLayout(int width, int height, int depth, int colour, boolean interlaced) {
  static final int GRAY = 0;
  static final int RGB = 2;
  static final int PALETTE = 3;
  static final int GRAY_ALPHA = 4;
  static final int RGBA = 6;

  static PngLayout of(long width, long height, int depth, int colour, int methods, int interlace)
      throws ImageException {
    if (width <= 0 || height <= 0 || width > Integer.MAX_VALUE || height > Integer.MAX_VALUE) {
      throw ImageException.failed(
          "The PNG's header gives an impossible size (" + width + " x " + height + ").");
    }
    boolean known =
        switch (colour) {
          case GRAY -> depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
          case PALETTE -> depth == 1 || depth == 2 || depth == 4 || depth == 8;
          case RGB, GRAY_ALPHA, RGBA -> depth == 8 || depth == 16;
          default -> false;
        };
    if (!known || methods != 0 || interlace > 1) {
      throw ImageException.failed(
          "The PNG is corrupt: its header gives colour type "
              + colour
              + " with "
              + depth
              + " bits, or an unknown method.");
    }
    return new PngLayout((int) width, (int) height, depth, colour, interlace == 1);
  }

  int bitsPerPixel() {
    int samples =
        switch (colour) {
          case GRAY, PALETTE -> 1;
          case GRAY_ALPHA -> 2;
          case RGB -> 3;
          default -> 4;
        };
    return samples * depth;
  }

  /** Bytes of a row of so many pixels, without the filter byte. */
  long rowBytes(int pixels) {
    return ((long) pixels * bitsPerPixel() + 7) / 8;
  }
}
