package org.alexnetedge.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Pillow's antialiased resize, bit for bit, computing only a window of the result.
 *
 * <p>Two passes, each rounded to 8 bits. Horizontal first; as Pillow 13 does it, vertical first
 * when the height falls by more than twice what the width falls by. Input rows are taken in one by
 * one and kept only while later output rows need them.
 *
 * <p>Not thread-safe: one per thread. Nothing is allocated for a picture of a size that was seen
 * shortly before.
 */
final class Resampler {
  private final TapsCache columnTaps = new TapsCache();
  private final TapsCache rowTaps = new TapsCache();
  private byte[] source = new byte[0];
  private byte[] rounded = new byte[0];
  private int[] sums = new int[0];
  private int[][] ring = new int[0][];

  /**
   * Resizes.
   *
   * @param in [height, width, 3] uint8
   * @param out receives the window, [window.height, window.width, 3]
   */
  void resample(Pixels in, Filter filter, Window window, byte[] out) {
    int width = in.width();
    int height = in.height();
    Taps columns =
        columnTaps.get(filter, width, window.resizedWidth(), window.left(), window.width());
    Taps rows = rowTaps.get(filter, height, window.resizedHeight(), window.top(), window.height());
    boolean verticalFirst =
        window.resizedHeight() < height
            && height - window.resizedHeight() > 2L * (width - window.resizedWidth());
    if (verticalFirst) {
      rowsThenColumns(in, columns, rows, window.width(), out);
    } else {
      columnsThenRows(in, columns, rows, window.width(), out);
    }
  }

  private void columnsThenRows(Pixels in, Taps columns, Taps rows, int width, byte[] out) {
    int samples = 3 * width;
    reserve(columns, samples);
    if (ring.length < rows.stride() || ring.length > 0 && ring[0].length < samples) {
      ring = new int[Math.max(ring.length, rows.stride())][samples];
    }
    int next = rows.inputFirst();
    for (int y = 0; y < rows.first().length; y++) {
      int first = rows.first()[y];
      int count = rows.count()[y];
      for (; next < first + count; next++) {
        load(in, next, columns);
        horizontal(source, columns, ring[next % ring.length]);
      }
      sum(rows, y, samples);
      store(sums, samples, out, y * samples);
    }
  }

  /** Weighted sum of the ring's rows for output row {@code y}, four at a time. */
  private void sum(Taps rows, int y, int samples) {
    int[] weights = rows.weights();
    int first = rows.first()[y];
    int count = rows.count()[y];
    int at = y * rows.stride();
    java.util.Arrays.fill(sums, 0, samples, Taps.ROUND);
    int j = 0;
    for (; j + 3 < count; j += 4) {
      add4(
          sums,
          samples,
          ring[(first + j) % ring.length],
          weights[at + j],
          ring[(first + j + 1) % ring.length],
          weights[at + j + 1],
          ring[(first + j + 2) % ring.length],
          weights[at + j + 2],
          ring[(first + j + 3) % ring.length],
          weights[at + j + 3]);
    }
    for (; j < count; j++) {
      add(sums, samples, ring[(first + j) % ring.length], weights[at + j]);
    }
  }

  private static void add4(
      int[] sums, int n, int[] a, int wa, int[] b, int wb, int[] c, int wc, int[] d, int wd) {
    for (int i = 0; i < n; i++) {
      sums[i] += a[i] * wa + b[i] * wb + c[i] * wc + d[i] * wd;
    }
  }

  private static void add(int[] sums, int n, int[] a, int weight) {
    for (int i = 0; i < n; i++) {
      sums[i] += a[i] * weight;
    }
  }

  private void rowsThenColumns(Pixels in, Taps columns, Taps rows, int width, byte[] out) {
    int samples = 3 * (columns.inputEnd() - columns.inputFirst());
    reserve(columns, Math.max(samples, 3 * width));
    if (rounded.length < samples) {
      rounded = new byte[samples];
    }
    if (ring.length == 0 || ring[0].length < 3 * width) {
      ring = new int[Math.max(1, ring.length)][3 * width];
    }
    for (int y = 0; y < rows.first().length; y++) {
      java.util.Arrays.fill(sums, 0, samples, Taps.ROUND);
      for (int j = 0; j < rows.count()[y]; j++) {
        load(in, rows.first()[y] + j, columns);
        add(sums, samples, source, rows.weights()[y * rows.stride() + j]);
      }
      store(sums, samples, rounded, 0);
      horizontal(rounded, columns, ring[0]);
      int[] row = ring[0];
      for (int i = 0; i < 3 * width; i++) {
        out[y * 3 * width + i] = (byte) row[i];
      }
    }
  }

  private static void add(int[] sums, int n, byte[] a, int weight) {
    for (int i = 0; i < n; i++) {
      sums[i] += (a[i] & 0xFF) * weight;
    }
  }

  private static void store(int[] sums, int n, byte[] out, int at) {
    for (int i = 0; i < n; i++) {
      out[at + i] = (byte) Math.min(255, Math.max(0, sums[i] >> Taps.BITS));
    }
  }

  private void reserve(Taps columns, int samples) {
    int needed = 3 * (columns.inputEnd() - columns.inputFirst());
    if (source.length < needed) {
      source = new byte[needed];
    }
    if (sums.length < samples) {
      sums = new int[samples];
    }
  }

  /** Copies the columns of row {@code y} that any output needs into {@link #source}. */
  private void load(Pixels in, int y, Taps columns) {
    long at = 3L * ((long) y * in.width() + columns.inputFirst());
    int n = 3 * (columns.inputEnd() - columns.inputFirst());
    MemorySegment.copy(in.data(), ValueLayout.JAVA_BYTE, at, source, 0, n);
  }

  /** Multiply-adds of interleaved pixels: C2 keeps the three sums in registers. */
  private static void horizontal(byte[] row, Taps columns, int[] out) {
    int[] first = columns.first();
    int[] count = columns.count();
    int[] weights = columns.weights();
    int stride = columns.stride();
    int origin = columns.inputFirst();
    for (int x = 0; x < first.length; x++) {
      int at = 3 * (first[x] - origin);
      int r = Taps.ROUND;
      int g = Taps.ROUND;
      int b = Taps.ROUND;
      int end = x * stride + count[x];
      for (int j = x * stride; j < end; j++, at += 3) {
        int weight = weights[j];
        r += (row[at] & 0xFF) * weight;
        g += (row[at + 1] & 0xFF) * weight;
        b += (row[at + 2] & 0xFF) * weight;
      }
      out[3 * x] = Taps.clip(r);
      out[3 * x + 1] = Taps.clip(g);
      out[3 * x + 2] = Taps.clip(b);
    }
  }
}
