package org.alexnetedge.image;

/**
 * Which input pixels make each output pixel along one axis, and with what weights: Pillow's
 * fixed-point coefficients, 22 bits behind the point, for a window of the outputs.
 *
 * @param first input index of each output's first tap; never falls
 * @param count taps of each output
 * @param weights {@code stride} numbers an output, a multiple of 4; those after the first {@code
 *     count} are 0
 * @param inputFirst first input index that any output needs
 * @param inputEnd one past the last
 */
record Taps(int[] first, int[] count, int[] weights, int stride, int inputFirst, int inputEnd) {
  static final int BITS = 22;

  /** Half of the last place that is kept. */
  static final int ROUND = 1 << BITS - 1;

  static Taps of(Filter filter, int inputs, int outputs, int offset, int length) {
    double scale = (double) inputs / outputs;
    double filterScale = Math.max(scale, 1);
    double support = filter.support() * filterScale;
    int most = (int) Math.ceil(support) * 2 + 1;
    int[] first = new int[length];
    int[] count = new int[length];
    int longest = 0;
    for (int i = 0; i < length; i++) {
      double centre = (offset + i + 0.5) * scale;
      first[i] = Math.max((int) (centre - support + 0.5), 0);
      count[i] = Math.min((int) (centre + support + 0.5), inputs) - first[i];
      longest = Math.max(longest, count[i]);
    }
    int stride = longest + 3 & ~3; // whole fours, since that is how they are taken
    int[] weights = new int[Math.multiplyExact(length, stride)];
    double[] exact = new double[most];
    double step = 1 / filterScale;
    for (int i = 0; i < length; i++) {
      double centre = (offset + i + 0.5) * scale;
      double sum = 0;
      for (int j = 0; j < count[i]; j++) {
        exact[j] = filter.weight((j + first[i] - centre + 0.5) * step);
        sum += exact[j];
      }
      for (int j = 0; j < count[i]; j++) {
        double weight = (sum != 0 ? exact[j] / sum : exact[j]) * (1 << BITS);
        weights[i * stride + j] = (int) (weight < 0 ? weight - 0.5 : weight + 0.5);
      }
    }
    int end = 0;
    for (int i = 0; i < length; i++) {
      end = Math.max(end, first[i] + count[i]);
    }
    return new Taps(first, count, weights, stride, first[0], end);
  }

  /** Fixed point to a byte, clipped. */
  static int clip(int sum) {
    return Math.min(255, Math.max(0, sum >> BITS));
  }
}
