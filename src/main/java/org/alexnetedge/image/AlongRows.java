package org.alexnetedge.image;

/**
 * The pass along rows, two rows at once: a pixel of the upper row sits in the low half of a long,
 * that of the lower row in the high half, so that one multiplication serves both. (C2 does not
 * vectorise loops over unsigned bytes, and the taps of neighbours overlap irregularly.)
 */
final class AlongRows {
  private static final long ROUND_BOTH = (long) Taps.ROUND << 32 | Taps.ROUND;

  /** Taps are read in fours; those that are missing have weight 0 but are read. */
  private static final int SURPLUS = 3 * 4;

  private long[] both = new long[0];

  /** Takes in two rows of {@code n} bytes. */
  void pack(byte[] upper, byte[] lower, int n) {
    if (both.length < n + SURPLUS) {
      both = new long[n + SURPLUS];
    }
    long[] pairs = both;
    for (int i = 0; i < n; i++) {
      pairs[i] = (long) (lower[i] & 0xFF) << 32 | upper[i] & 0xFF;
    }
  }

  /** Writes both rows of the result, one int a sample. */
  void run(Taps taps, int[] upper, int[] lower) {
    if (taps.stride() == 4) {
      runFour(taps, both, upper, lower);
    } else {
      runMany(taps, both, upper, lower);
    }
  }

  /** Without an inner loop, whose set-up would cost more than its body. */
  private static void runFour(Taps taps, long[] pairs, int[] upper, int[] lower) {
    int[] first = taps.first();
    int[] weights = taps.weights();
    int origin = taps.inputFirst();
    for (int x = 0; x < first.length; x++) {
      int at = 3 * (first[x] - origin);
      int w = 4 * x;
      long w0 = weights[w];
      long w1 = weights[w + 1];
      long w2 = weights[w + 2];
      long w3 = weights[w + 3];
      long r = pairs[at] * w0 + pairs[at + 3] * w1 + pairs[at + 6] * w2 + pairs[at + 9] * w3;
      long g = pairs[at + 1] * w0 + pairs[at + 4] * w1 + pairs[at + 7] * w2 + pairs[at + 10] * w3;
      long b = pairs[at + 2] * w0 + pairs[at + 5] * w1 + pairs[at + 8] * w2 + pairs[at + 11] * w3;
      store(r + ROUND_BOTH, g + ROUND_BOTH, b + ROUND_BOTH, upper, lower, 3 * x);
    }
  }

  private static void runMany(Taps taps, long[] pairs, int[] upper, int[] lower) {
    int[] first = taps.first();
    int[] count = taps.count();
    int[] weights = taps.weights();
    int stride = taps.stride();
    int origin = taps.inputFirst();
    for (int x = 0; x < first.length; x++) {
      int at = 3 * (first[x] - origin);
      int w = x * stride;
      long r = ROUND_BOTH;
      long g = ROUND_BOTH;
      long b = ROUND_BOTH;
      for (int end = w + count[x]; w < end; w += 4, at += SURPLUS) {
        long w0 = weights[w];
        long w1 = weights[w + 1];
        long w2 = weights[w + 2];
        long w3 = weights[w + 3];
        r += pairs[at] * w0 + pairs[at + 3] * w1 + pairs[at + 6] * w2 + pairs[at + 9] * w3;
        g += pairs[at + 1] * w0 + pairs[at + 4] * w1 + pairs[at + 7] * w2 + pairs[at + 10] * w3;
        b += pairs[at + 2] * w0 + pairs[at + 5] * w1 + pairs[at + 8] * w2 + pairs[at + 11] * w3;
      }
      store(r, g, b, upper, lower, 3 * x);
    }
  }

  private static void store(long r, long g, long b, int[] upper, int[] lower, int at) {
    upper[at] = Taps.clip((int) r);
    upper[at + 1] = Taps.clip((int) g);
    upper[at + 2] = Taps.clip((int) b);
    lower[at] = Taps.clip(high(r));
    lower[at + 1] = Taps.clip(high(g));
    lower[at + 2] = Taps.clip(high(b));
  }

  /** The high half, to which a negative low half has lent 1. */
  private static int high(long sum) {
    return (int) (sum - (int) sum >> 32);
  }
}
