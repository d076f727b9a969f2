package org.alexnetedge.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Bilinear resize without antialiasing, as TensorFlow's and Keras' {@code resize(method="bilinear",
 * antialias=False)}: half-pixel centres, float32, columns before rows, rounded half up.
 *
 * <p>Not thread-safe: one per thread.
 */
final class PlainBilinear {
  private byte[] source = new byte[0];
  private float[] upper = new float[0];
  private float[] lower = new float[0];
  private int upperRow;
  private int lowerRow;
  private int[] left = new int[0];
  private int[] right = new int[0];
  private float[] share = new float[0];

  /**
   * Resizes.
   *
   * @param in [height, width, 3] uint8
   * @param out receives the window, [window.height, window.width, 3]
   */
  void resample(Pixels in, Window window, byte[] out) {
    int samples = 3 * window.width();
    if (upper.length < samples) {
      upper = new float[samples];
      lower = new float[samples];
      left = new int[window.width()];
      right = new int[window.width()];
      share = new float[window.width()];
    }
    if (source.length < 3 * in.width()) {
      source = new byte[3 * in.width()];
    }
    float scaleX = (float) ((double) in.width() / window.resizedWidth());
    float scaleY = (float) ((double) in.height() / window.resizedHeight());
    for (int x = 0; x < window.width(); x++) {
      float s = position(window.left() + x, scaleX);
      left[x] = low(s);
      right[x] = high(s, in.width());
      share[x] = s - (float) Math.floor(s);
    }
    upperRow = -1;
    lowerRow = -1;
    for (int y = 0; y < window.height(); y++) {
      float s = position(window.top() + y, scaleY);
      loadRows(in, low(s), high(s, in.height()), window.width());
      blend(upper, lower, s - (float) Math.floor(s), samples, out, y * samples);
    }
  }

  private static float position(int i, float scale) {
    return (i + 0.5f) * scale - 0.5f;
  }

  private static int low(float s) {
    return Math.max((int) Math.floor(s), 0);
  }

  private static int high(float s, int size) {
    return Math.min((int) Math.ceil(s), size - 1);
  }

  private void loadRows(Pixels in, int y0, int y1, int width) {
    if (y0 == lowerRow && y0 != upperRow) {
      float[] swap = upper;
      upper = lower;
      lower = swap;
      lowerRow = upperRow;
      upperRow = y0;
    }
    if (upperRow != y0) {
      interpolate(in, y0, width, upper);
      upperRow = y0;
    }
    if (lowerRow != y1) {
      interpolate(in, y1, width, lower);
      lowerRow = y1;
    }
  }

  private void interpolate(Pixels in, int y, int width, float[] row) {
    long at = 3L * y * in.width();
    MemorySegment.copy(in.data(), ValueLayout.JAVA_BYTE, at, source, 0, 3 * in.width());
    for (int x = 0; x < width; x++) {
      for (int c = 0; c < 3; c++) {
        float a = source[3 * left[x] + c] & 0xFF;
        float b = source[3 * right[x] + c] & 0xFF;
        row[3 * x + c] = a + (b - a) * share[x];
      }
    }
  }

  private static void blend(float[] top, float[] bottom, float share, int n, byte[] out, int at) {
    for (int i = 0; i < n; i++) {
      float v = top[i] + (bottom[i] - top[i]) * share;
      // Never negative, so the cast is the floor.
      out[at + i] = (byte) Math.min(255, (int) (v + 0.5f));
    }
  }
}
