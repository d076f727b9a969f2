package org.alexnetedge.draw;

import java.util.Arrays;

/** Places on a line that are as near as possible to where they want to be. */
final class Spread {
  private Spread() {}

  /**
   * Keeps order and distances, and makes the weighted sum of squared differences from the wishes
   * the least: isotonic regression by pooling of neighbours that violate the order.
   *
   * @param wishes in the order of the places
   * @param weights above 0
   * @param gaps at least so far is place i + 1 from place i
   * @return the places
   */
  static double[] apart(double[] wishes, double[] weights, double[] gaps) {
    int n = wishes.length;
    double[] offset = new double[n];
    for (int i = 1; i < n; i++) {
      offset[i] = offset[i - 1] + gaps[i - 1];
    }
    double[] mean = new double[n];
    double[] weight = new double[n];
    int[] start = new int[n];
    int pools = 0;
    for (int i = 0; i < n; i++) {
      mean[pools] = wishes[i] - offset[i];
      weight[pools] = weights[i];
      start[pools] = i;
      while (pools > 0 && mean[pools - 1] > mean[pools]) {
        double both = weight[pools - 1] + weight[pools];
        mean[pools - 1] =
            (mean[pools - 1] * weight[pools - 1] + mean[pools] * weight[pools]) / both;
        weight[pools - 1] = both;
        pools--;
      }
      pools++;
    }
    double[] places = new double[n];
    for (int pool = 0; pool < pools; pool++) {
      int end = pool + 1 < pools ? start[pool + 1] : n;
      for (int i = start[pool]; i < end; i++) {
        places[i] = mean[pool] + offset[i];
      }
    }
    return places;
  }

  /**
   * As {@link #apart} with all gaps alike, between two bounds; the gap is less where it must be.
   */
  static double[] within(double low, double high, double gap, double[] wishes, double[] weights) {
    int n = wishes.length;
    double each = n < 2 ? 0 : Math.min(gap, (high - low) / (n - 1));
    double[] gaps = new double[Math.max(0, n - 1)];
    Arrays.fill(gaps, each);
    double[] places = apart(wishes, weights, gaps);
    for (int i = 0; i < n; i++) {
      double first = low + i * each;
      places[i] = Math.clamp(places[i], first, Math.max(first, high - (n - 1 - i) * each));
    }
    return places;
  }
}
