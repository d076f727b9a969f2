package org.alexnetedge.ort;

/**
 * Numbers of type bfloat16: the upper half of a float32, with its 8 bits of exponent and 8 of
 * precision. (For float16 the JDK has {@link Float#floatToFloat16} and {@link
 * Float#float16ToFloat}.)
 */
public final class BFloat16 {
  private BFloat16() {}

  /** The nearest bfloat16; of two that are equally near the even one. NaN stays NaN. */
  public static short of(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40); // Quiet, and not an infinity by losing its low bits.
    }
    int half = 0x7fff + (bits >>> 16 & 1);
    return (short) (bits + half >>> 16);
  }

  /** The same number as a float, exactly. */
  public static float toFloat(short bfloat16) {
    return Float.intBitsToFloat(bfloat16 << 16);
  }
}
