package org.alexnetedge.train;

/**
 * Random numbers that are a function of what they are for: (seed, purpose, epoch, index, how many
 * were drawn before). So there is no generator whose state would have to be saved, shared between
 * threads or passed from batch to batch.
 *
 * <p>The numbers are those of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
 * Generators, 2014), started from a key into which the four others are mixed one after the other by
 * its own bijective finaliser. Logarithms and the like are StrictMath's, so that all machines draw
 * the same.
 *
 * <p>Not thread-safe; cheap to make, and {@link #restart} makes none.
 */
final class Draws {
  /** What numbers are for. Numbers for one thing never depend on whether another is done. */
  enum Purpose {
    SPLIT(1),
    ORDER(2),
    CROP(3),
    FLIP(4),
    COLOUR_SHIFT(5),
    JITTER(6),
    MIX(7),
    DROPOUT(8),
    VIEW(9);

    /** Part of the key, so it must never change. */
    private final long number;

    Purpose(long number) {
      this.number = number;
    }
  }

  private static final long GOLDEN = 0x9E3779B97F4A7C15L; // 2^64 / golden ratio, odd
  private static final double UNIT = 0x1p-53;

  private long state;

  Draws(long key) {
    state = key;
  }

  Draws(long seed, Purpose purpose, long epoch, long index) {
    restart(seed, purpose, epoch, index);
  }

  /** The first number of this purpose is the next that is drawn. */
  void restart(long seed, Purpose purpose, long epoch, long index) {
    state = mix(mix(mix(mix(seed) + purpose.number) + epoch) + index);
  }

  private static long mix(long z) {
    z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
    z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
    return z ^ z >>> 31;
  }

  /** 64 random bits. */
  long bits() {
    state += GOLDEN;
    return mix(state);
  }

  /** Between 0 and, not included, 1: a multiple of 2^-53. */
  double uniform() {
    return (bits() >>> 11) * UNIT;
  }

  double uniform(double low, double high) {
    return low + (high - low) * uniform();
  }

  /** A whole number from 0 to n - 1; no number is likelier by more than n / 2^64. */
  int below(int n) {
    return (int) Math.unsignedMultiplyHigh(bits(), n);
  }

  /** Of mean 0 and deviation 1, by Box and Muller's method; takes two draws. */
  double normal() {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform()));
    return radius * StrictMath.cos(2 * Math.PI * uniform());
  }

  /** Of the distribution Beta(alpha, alpha). */
  double beta(double alpha) {
    double a = gamma(alpha);
    double b = gamma(alpha);
    // Both vanish only for a tiny alpha, of which nearly all the mass lies at 0 and 1.
    return a + b > 0 ? a / (a + b) : below(2);
  }

  /** Marsaglia and Tsang: A Simple Method for Generating Gamma Variables, 2000. */
  private double gamma(double shape) {
    if (shape < 1) {
      double boost = StrictMath.pow(1 - uniform(), 1 / shape);
      return gamma(shape + 1) * boost;
    }
    double d = shape - 1.0 / 3;
    double c = 1 / StrictMath.sqrt(9 * d);
    while (true) {
      double x = normal();
      double v = 1 + c * x;
      double u = 1 - uniform();
      if (v > 0) {
        v = v * v * v;
        if (StrictMath.log(u) < 0.5 * x * x + d - d * v + d * StrictMath.log(v)) {
          return d * v;
        }
      }
    }
  }
}
