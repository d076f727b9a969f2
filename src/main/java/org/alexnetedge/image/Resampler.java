package org.alexnetedge.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Pillow's antialiased resize, bit for bit, computing only a window of the result.
 *
 * <p>Two passes, each rounded to 8 bits. Along the rows first; as Pillow 13 does it, across them
 * first when the height falls by more than twice what the width falls by. Input rows are taken in
 * one after the other, only those that the window needs, and kept only while they are needed.
 *
 * <p>Not thread-safe: one per thread. Nothing is allocated for a picture of a size that was seen
 * shortly before.
 */
final class Resampler {
  private final TapsCache columnTaps = new TapsCache();
  private final TapsCache rowTaps = new TapsCache();
  private final AlongRows along = new AlongRows();
  private final AcrossRows across = new AcrossRows();
  private byte[] upper = new byte[0];
  private byte[] lower = new byte[0];
  private int[] upperOut = new int[0];
  private int[] lowerOut = new int[0];

  /**
   * Resizes.
   *
   * @param in [height, width, 3] uint8
   * @param out receives the window, [window.height, window.width, 3]
   */
  void resample(Pixels in, Filter filter, Window window, byte[] out) {
    int width = in.width();
    int height = in.height();
    Taps x = columnTaps.get(filter, width, window.resizedWidth(), window.left(), window.width());
    Taps y = rowTaps.get(filter, height, window.resizedHeight(), window.top(), window.height());
    int n = 3 * (x.inputEnd() - x.inputFirst());
    if (upper.length < n) {
      upper = new byte[n];
      lower = new byte[n];
    }
    boolean acrossFirst =
        window.resizedHeight() < height
            && height - window.resizedHeight() > 2L * (width - window.resizedWidth());
    if (acrossFirst) {
      acrossThenAlong(in, x, y, n, window, out);
    } else {
      alongThenAcross(in, x, y, n, window, out);
    }
  }

  private void alongThenAcross(Pixels in, Taps x, Taps y, int n, Window window, byte[] out) {
    int samples = 3 * window.width();
    across.start(samples, y);
    int next = y.inputFirst();
    for (int row = 0; row < window.height(); row++) {
      for (int end = y.first()[row] + y.count()[row]; next < end; next += 2) {
        load(in, next, x, upper, n);
        // The last row may have no neighbour; its place in the ring is free.
        load(in, Math.min(next + 1, in.height() - 1), x, lower, n);
        along.pack(upper, lower, n);
        along.run(x, across.row(next), across.row(next + 1));
      }
      across.run(y, row, out, row * samples);
    }
  }

  private void acrossThenAlong(Pixels in, Taps x, Taps y, int n, Window window, byte[] out) {
    int samples = 3 * window.width();
    if (upperOut.length < samples) {
      upperOut = new int[samples];
      lowerOut = new int[samples];
    }
    across.start(n, y);
    int next = y.inputFirst();
    for (int row = 0; row < window.height(); row += 2) {
      next = combine(in, x, y, row, next, n, upper);
      boolean two = row + 1 < window.height();
      if (two) {
        next = combine(in, x, y, row + 1, next, n, lower);
      }
      along.pack(upper, lower, n);
      along.run(x, upperOut, lowerOut);
      store(upperOut, samples, out, row * samples);
      if (two) {
        store(lowerOut, samples, out, (row + 1) * samples);
      }
    }
  }

  /** Output row {@code row} of the pass across, into {@code to}; returns the next input row. */
  private int combine(Pixels in, Taps x, Taps y, int row, int next, int n, byte[] to) {
    for (int end = y.first()[row] + y.count()[row]; next < end; next++) {
      load(in, next, x, to, n);
      int[] samples = across.row(next);
      for (int i = 0; i < n; i++) {
        samples[i] = to[i] & 0xFF;
      }
    }
    across.run(y, row, to, 0);
    return next;
  }

  /** Copies the columns of row {@code y} that any output needs. */
  private static void load(Pixels in, int y, Taps x, byte[] to, int n) {
    long at = 3 * ((long) y * in.width() + x.inputFirst());
    MemorySegment.copy(in.data(), ValueLayout.JAVA_BYTE, at, to, 0, n);
  }

  private static void store(int[] samples, int n, byte[] out, int at) {
    for (int i = 0; i < n; i++) {
      out[at + i] = (byte) samples[i];
    }
  }
}
