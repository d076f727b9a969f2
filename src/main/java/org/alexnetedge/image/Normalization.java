package org.alexnetedge.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * RGB pixels to a network's numbers: channels in the recipe's order, {@code (x / divide - mean) /
 * std} in float32, axes as the recipe's layout says.
 *
 * <p>Not thread-safe: one per thread. Holds work memory for a row.
 */
public final class Normalization {
  private static final int CHANNELS = 3;

  private final Recipe recipe;
  private final int height;
  private final int width;

  /** Normalised value of each byte, per channel in the recipe's order. */
  private final float[][] values = new float[CHANNELS][256];

  private final float[] row;

  /** For pictures of this size, whatever size the recipe's own steps give. */
  public Normalization(Recipe recipe, int height, int width) {
    this.recipe = recipe;
    this.height = height;
    this.width = width;
    this.row = new float[CHANNELS * width];
    for (int c = 0; c < CHANNELS; c++) {
      for (int x = 0; x < 256; x++) {
        values[c][x] = value(x, c);
      }
    }
  }

  private float value(float x, int channel) {
    return (x / recipe.divide() - recipe.mean().get(channel)) / recipe.std().get(channel);
  }

  /** Which of RGB is channel {@code c}. */
  private int colour(int c) {
    return recipe.colourOrder() == Recipe.ColourOrder.BGR ? 2 - c : c;
  }

  /**
   * Writes one picture of bytes.
   *
   * @param pixels uint8 RGB, [height, width, 3]
   * @param target float32, native byte order, [3, height, width] or [height, width, 3]; aligned to
   *     4 or not
   */
  public void write(byte[] pixels, MemorySegment target) {
    if (recipe.layout() == Recipe.Layout.NCHW) {
      writePlanes(pixels, target);
    } else {
      writeInterleaved(pixels, target);
    }
  }

  private void writePlanes(byte[] pixels, MemorySegment target) {
    for (int c = 0; c < CHANNELS; c++) {
      float[] table = values[c];
      int channel = colour(c);
      for (int y = 0; y < height; y++) {
        int at = CHANNELS * y * width + channel;
        for (int x = 0; x < width; x++) {
          row[x] = table[pixels[at + CHANNELS * x] & 0xFF];
        }
        long offset = 4L * width * ((long) c * height + y);
        MemorySegment.copy(row, 0, target, ValueLayout.JAVA_FLOAT_UNALIGNED, offset, width);
      }
    }
  }

  private void writeInterleaved(byte[] pixels, MemorySegment target) {
    int n = CHANNELS * width;
    int first = colour(0);
    int third = colour(2);
    for (int y = 0; y < height; y++) {
      int at = y * n;
      for (int x = 0; x < n; x += CHANNELS) {
        row[x] = values[0][pixels[at + x + first] & 0xFF];
        row[x + 1] = values[1][pixels[at + x + 1] & 0xFF];
        row[x + 2] = values[2][pixels[at + x + third] & 0xFF];
      }
      MemorySegment.copy(row, 0, target, ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * y * n, n);
    }
  }

  /**
   * Writes one picture whose colours are no whole numbers.
   *
   * @param planes red, green and blue, each [height, width], in the scale 0..255
   * @param target as for {@link #write(byte[], MemorySegment)}
   */
  public void write(float[][] planes, MemorySegment target) {
    boolean channelsFirst = recipe.layout() == Recipe.Layout.NCHW;
    for (int y = 0; y < height; y++) {
      for (int c = 0; c < CHANNELS; c++) {
        if (channelsFirst) {
          normalize(planes[colour(c)], y, c, 0, 1);
          long offset = 4L * width * ((long) c * height + y);
          MemorySegment.copy(row, 0, target, ValueLayout.JAVA_FLOAT_UNALIGNED, offset, width);
        } else {
          normalize(planes[colour(c)], y, c, c, CHANNELS);
        }
      }
      if (!channelsFirst) {
        int n = CHANNELS * width;
        MemorySegment.copy(row, 0, target, ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * y * n, n);
      }
    }
  }

  /** One row of a plane into each {@code step}-th place of {@link #row}. */
  private void normalize(float[] plane, int y, int channel, int first, int step) {
    float divide = recipe.divide();
    float mean = recipe.mean().get(channel);
    float std = recipe.std().get(channel);
    for (int x = 0; x < width; x++) {
      row[first + step * x] = (plane[y * width + x] / divide - mean) / std;
    }
  }
}
