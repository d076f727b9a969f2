package org.alexnetedge.train;

/** Seeds and the order of samples, as functions of what they are for. */
final class Seeds {
  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private Seeds() {}

  /** SplitMix64's finalizer: each bit of z changes about half of the result's. */
  private static long mix(long z) {
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  private static long of(long seed, long purpose, long number) {
    return mix(mix(mix(seed) + purpose * GOLDEN) + number * GOLDEN);
  }

  /**
   * For dropout in one pass forward, from 0 to 2^31 - 1.
   *
   * @param pass number of the pass in the whole run, from 0
   */
  static long ofPass(long seed, long pass) {
    return of(seed, 1, pass) >>> 33;
  }

  /**
   * All indices below n, shuffled for an epoch.
   *
   * @param epoch from 0
   */
  static int[] order(long seed, int epoch, int n) {
    long state = of(seed, 2, epoch);
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    for (int i = n - 1; i > 0; i--) {
      state += GOLDEN;
      // The top of a 64 by 32 bit product: even but for one part in 2^32.
      int j = (int) (((mix(state) >>> 32) * (i + 1L)) >>> 32);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }
}
