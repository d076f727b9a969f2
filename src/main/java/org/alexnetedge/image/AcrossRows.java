package org.alexnetedge.image;

import java.util.Arrays;

/**
 * The pass across rows. Rows are ints, a sample each, since C2 vectorises loops over those; the
 * last rows are kept in a ring until no later result needs them.
 */
final class AcrossRows {
  private int[][] ring = new int[0][];
  private int[] sums = new int[0];
  private int length;

  /** Prepares for rows of this many samples and taps. */
  void start(int samples, Taps taps) {
    length = samples;
    int rows = taps.stride() + 1; // rows are made in pairs, so one may come early
    if (ring.length < rows || ring[0].length < samples) {
      ring = new int[Math.max(rows, ring.length)][samples];
    }
    if (sums.length < samples) {
      sums = new int[samples];
    }
  }

  /** Where input row {@code y} is to be written. */
  int[] row(int y) {
    return ring[y % ring.length];
  }

  /** Makes output row {@code y} of the ring's rows. */
  void run(Taps taps, int y, byte[] out, int at) {
    int first = taps.first()[y];
    int count = taps.count()[y];
    int[] weights = taps.weights();
    int w = y * taps.stride();
    Arrays.fill(sums, 0, length, Taps.ROUND);
    for (int j = 0; j < count; j += 4) {
      // Weights that are missing are 0; the rows beside them are read all the same.
      add4(
          sums,
          length,
          row(first + j),
          weights[w + j],
          row(first + j + 1),
          weights[w + j + 1],
          row(first + j + 2),
          weights[w + j + 2],
          row(first + j + 3),
          weights[w + j + 3]);
    }
    round(sums, length, out, at);
  }

  private static void add4(
      int[] sums, int n, int[] a, int wa, int[] b, int wb, int[] c, int wc, int[] d, int wd) {
    for (int i = 0; i < n; i++) {
      sums[i] += a[i] * wa + b[i] * wb + c[i] * wc + d[i] * wd;
    }
  }

  private static void round(int[] sums, int n, byte[] out, int at) {
    for (int i = 0; i < n; i++) {
      out[at + i] = (byte) Taps.clip(sums[i]);
    }
  }
}
