package org.alexnetedge.train;

import org.alexnetedge.image.Recipe;
import org.jspecify.annotations.Nullable;

/**
 * How two pictures become one sample.
 *
 * @param partner index of the second picture
 * @param share of the first, 0 to 1
 * @param box what the second covers, or null when the two are blended
 */
record Mix(int partner, double share, @Nullable CropBox box) {

  /**
   * Draws the mix of sample {@code index}. The second picture may be any (the same too), so that
   * the sample does not depend on what else is in its batch. The box is torchvision's: of random
   * centre, cut off at the edges, after which the share is what is left.
   */
  static Mix draw(Augmentation augmentation, int samples, int width, int height, Draws draws) {
    int partner = draws.below(samples);
    boolean both = augmentation.mixup() > 0 && augmentation.cutmix() > 0;
    boolean cut = both ? draws.below(2) == 1 : augmentation.cutmix() > 0;
    if (!cut) {
      return new Mix(partner, draws.beta(augmentation.mixup()), null);
    }
    double half = 0.5 * Math.sqrt(1 - draws.beta(augmentation.cutmix()));
    int x = draws.below(width);
    int y = draws.below(height);
    int left = Math.max(0, x - (int) (half * width));
    int top = Math.max(0, y - (int) (half * height));
    int right = Math.min(width, x + (int) (half * width));
    int bottom = Math.min(height, y + (int) (half * height));
    CropBox box = new CropBox(left, top, right - left, bottom - top);
    double share = 1 - (double) box.width() * box.height() / ((double) width * height);
    return new Mix(partner, share, box);
  }

  /** Brings the second input into the first, both as {@code input} has them. */
  void apply(float[] first, float[] second, PictureInput input) {
    if (box == null) {
      float a = (float) share;
      float b = (float) (1 - share);
      for (int i = 0; i < first.length; i++) {
        first[i] = a * first[i] + b * second[i];
      }
      return;
    }
    boolean planes = input.recipe().layout() == Recipe.Layout.NCHW;
    int rows = planes ? 3 * input.height() : input.height();
    int step = planes ? 1 : 3;
    for (int row = 0; row < rows; row++) {
      int y = row % input.height();
      if (y >= box.top() && y < box.top() + box.height()) {
        int at = step * (row * input.width() + box.left());
        System.arraycopy(second, at, first, at, step * box.width());
      }
    }
  }
}
