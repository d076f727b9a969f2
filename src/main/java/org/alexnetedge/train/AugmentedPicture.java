package org.alexnetedge.train;

import java.lang.foreign.MemorySegment;
import org.alexnetedge.image.BoxResizer;
import org.alexnetedge.image.Filter;
import org.alexnetedge.image.Normalization;
import org.alexnetedge.image.Pixels;

/**
 * Makes network inputs of stored pictures: crop, flip, colours, normalisation, in this order. What
 * is drawn is a function of seed, epoch and index.
 *
 * <p>Not thread-safe: one per thread. Owns off-heap memory; close it.
 */
final class AugmentedPicture implements AutoCloseable {
  private static final int CHANNELS = 3;

  private final PictureInput input;
  private final Augmentation augmentation;
  private final long seed;
  private final BoxResizer resizer = new BoxResizer();
  private final Colours colours = new Colours();
  private final Normalization normalization;
  private final Draws draws = new Draws(0);
  private final byte[] pixels;
  private final float[][] planes;

  AugmentedPicture(PictureInput input, Augmentation augmentation, long seed) {
    this.input = input;
    this.augmentation = augmentation;
    this.seed = seed;
    this.normalization = new Normalization(input.recipe(), input.height(), input.width());
    this.pixels = new byte[CHANNELS * input.pixels()];
    this.planes = new float[CHANNELS][augmentation.changesColours() ? input.pixels() : 0];
  }

  /**
   * Writes one input.
   *
   * @param stored the picture in the form for this augmentation's crop
   * @param target float32, as the model takes it
   */
  void write(Pixels stored, int epoch, int index, MemorySegment target) {
    crop(stored, epoch, index);
    if (augmentation.flip() > 0) {
      draws.restart(seed, Draws.Purpose.FLIP, epoch, index);
      if (draws.uniform() < augmentation.flip()) {
        flip();
      }
    }
    if (augmentation.changesColours()) {
      changeColours(epoch, index);
      normalization.write(planes, target);
    } else {
      normalization.write(pixels, target);
    }
  }

  private void crop(Pixels stored, int epoch, int index) {
    int width = input.width();
    int height = input.height();
    draws.restart(seed, Draws.Purpose.CROP, epoch, index);
    CropBox box =
        switch (augmentation.crop()) {
          case CENTRE -> new CropBox(0, 0, width, height);
          case TRANSLATION -> CropBox.at(stored.width(), stored.height(), width, height, draws);
          case RESIZED ->
              CropBox.resized(
                  stored.width(),
                  stored.height(),
                  augmentation.area(),
                  augmentation.ratio(),
                  draws);
        };
    resizer.resize(
        stored,
        box.left(),
        box.top(),
        box.width(),
        box.height(),
        Filter.BILINEAR,
        width,
        height,
        pixels);
  }

  private void flip() {
    int row = CHANNELS * input.width();
    for (int start = 0; start < pixels.length; start += row) {
      int left = start;
      for (int right = start + row - CHANNELS; left < right; right -= CHANNELS) {
        for (int c = 0; c < CHANNELS; c++) {
          byte swap = pixels[left + c];
          pixels[left + c] = pixels[right + c];
          pixels[right + c] = swap;
        }
        left += CHANNELS;
      }
    }
  }

  private void changeColours(int epoch, int index) {
    int n = input.pixels();
    for (int c = 0; c < CHANNELS; c++) {
      for (int i = 0; i < n; i++) {
        planes[c][i] = pixels[CHANNELS * i + c] & 0xFF;
      }
    }
    if (!augmentation.jitter().equals(Augmentation.Jitter.NONE)) {
      draws.restart(seed, Draws.Purpose.JITTER, epoch, index);
      colours.jitter(planes, n, augmentation.jitter(), draws);
    }
    if (augmentation.colourShift() > 0) {
      draws.restart(seed, Draws.Purpose.COLOUR_SHIFT, epoch, index);
      Colours.shift(planes, n, augmentation.colourShift(), draws);
    }
  }

  @Override
  public void close() {
    resizer.close();
  }
}
