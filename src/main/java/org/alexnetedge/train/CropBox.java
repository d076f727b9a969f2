package org.alexnetedge.train;

/**
 * The part of a picture that is seen, in pixels.
 *
 * @param left first column
 * @param top first row
 */
record CropBox(int left, int top, int width, int height) {
  private static final int ATTEMPTS = 10;

  /**
   * torchvision 0.29's {@code RandomResizedCrop.get_params}: an area and a shape are drawn until a
   * box of them fits, at most ten times; else it is the largest central box within the range of
   * ratios. Halves are rounded to even numbers as Python does it.
   */
  static CropBox resized(
      int width, int height, Augmentation.Range area, Augmentation.Range ratio, Draws draws) {
    double logLow = StrictMath.log(ratio.low());
    double logHigh = StrictMath.log(ratio.high());
    for (int i = 0; i < ATTEMPTS; i++) {
      double wanted = (double) width * height * draws.uniform(area.low(), area.high());
      double shape = StrictMath.exp(draws.uniform(logLow, logHigh));
      int w = (int) Math.rint(Math.sqrt(wanted * shape));
      int h = (int) Math.rint(Math.sqrt(wanted / shape));
      if (w > 0 && w <= width && h > 0 && h <= height) {
        return at(width, height, w, h, draws);
      }
    }
    return largest(width, height, ratio);
  }

  /** The largest central box whose shape is within the range. */
  static CropBox largest(int width, int height, Augmentation.Range ratio) {
    double shape = (double) width / height;
    int w = width;
    int h = height;
    if (shape < ratio.low()) {
      h = Math.max(1, (int) Math.rint(w / ratio.low()));
    } else if (shape > ratio.high()) {
      w = Math.max(1, (int) Math.rint(h * ratio.high()));
    }
    return new CropBox((width - w) / 2, (height - h) / 2, w, h);
  }

  /** A box of this size at a random place. */
  static CropBox at(int width, int height, int w, int h, Draws draws) {
    int top = draws.below(height - h + 1);
    int left = draws.below(width - w + 1);
    return new CropBox(left, top, w, h);
  }
}
