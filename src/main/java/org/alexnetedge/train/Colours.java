package org.alexnetedge.train;

/**
 * Random changes of colour, on float planes of red, green and blue in the scale 0..255. Not
 * thread-safe.
 */
final class Colours {
  /**
   * Eigenvalues of the covariance of ImageNet's colours in the scale 0..1, as published with
   * Facebook's fb.resnet.torch and used since. They are taken instead of those of the pictures at
   * hand: the principal components of photographs are nearly the same everywhere (brightness, blue
   * against yellow, green against magenta), a few hundred pictures estimate them badly, and so
   * nothing has to be computed, kept and verified.
   */
  private static final double[] EIGENVALUES = {0.2175, 0.0188, 0.0045};

  /** A row a colour, a column a component. */
  private static final double[][] EIGENVECTORS = {
    {-0.5675, 0.7192, 0.4009}, {-0.5808, -0.0045, -0.8140}, {-0.5836, -0.6948, 0.4203}
  };

  private static final float WHITE = 255;

  private final int[] order = new int[4];

  /** The four of torchvision's ColorJitter, in random order. */
  void jitter(float[][] rgb, int pixels, Augmentation.Jitter jitter, Draws draws) {
    for (int i = 0; i < order.length; i++) {
      int j = draws.below(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    float brightness = factor(jitter.brightness(), draws);
    float contrast = factor(jitter.contrast(), draws);
    float saturation = factor(jitter.saturation(), draws);
    float hue = (float) draws.uniform(-jitter.hue(), jitter.hue());
    for (int step : order) {
      switch (step) {
        case 0 -> {
          if (jitter.brightness() > 0) {
            brightness(rgb, pixels, brightness);
          }
        }
        case 1 -> {
          if (jitter.contrast() > 0) {
            contrast(rgb, pixels, contrast);
          }
        }
        case 2 -> {
          if (jitter.saturation() > 0) {
            saturation(rgb, pixels, saturation);
          }
        }
        default -> {
          if (jitter.hue() > 0) {
            hue(rgb, pixels, hue);
          }
        }
      }
    }
  }

  private static float factor(double jitter, Draws draws) {
    return (float) draws.uniform(Math.max(0, 1 - jitter), 1 + jitter);
  }

  static void brightness(float[][] rgb, int pixels, float factor) {
    for (float[] plane : rgb) {
      for (int i = 0; i < pixels; i++) {
        plane[i] = clip(plane[i] * factor);
      }
    }
  }

  /** Towards or away from the picture's mean gray. */
  static void contrast(float[][] rgb, int pixels, float factor) {
    double sum = 0;
    for (int i = 0; i < pixels; i++) {
      sum += gray(rgb, i);
    }
    float rest = (1 - factor) * (float) (sum / pixels);
    for (float[] plane : rgb) {
      for (int i = 0; i < pixels; i++) {
        plane[i] = clip(factor * plane[i] + rest);
      }
    }
  }

  /** Towards or away from each pixel's gray. */
  static void saturation(float[][] rgb, int pixels, float factor) {
    for (int i = 0; i < pixels; i++) {
      float rest = (1 - factor) * gray(rgb, i);
      for (float[] plane : rgb) {
        plane[i] = clip(factor * plane[i] + rest);
      }
    }
  }

  /** Turns the hue (of hue, saturation, value) by a share of the circle. */
  static void hue(float[][] rgb, int pixels, float turn) {
    float[] reds = rgb[0];
    float[] greens = rgb[1];
    float[] blues = rgb[2];
    for (int i = 0; i < pixels; i++) {
      float r = reds[i];
      float g = greens[i];
      float b = blues[i];
      float value = Math.max(r, Math.max(g, b));
      float chroma = value - Math.min(r, Math.min(g, b));
      if (chroma > 0) {
        float sixths;
        if (value == r) {
          sixths = (g - b) / chroma;
        } else if (value == g) {
          sixths = 2 + (b - r) / chroma;
        } else {
          sixths = 4 + (r - g) / chroma;
        }
        float turned = sixths + 6 * turn + 6;
        reds[i] = component(turned + 5, value, chroma);
        greens[i] = component(turned + 3, value, chroma);
        blues[i] = component(turned + 1, value, chroma);
      }
    }
  }

  /** One colour of a hue in sixths of the circle, shifted so that all three have one formula. */
  private static float component(float sixths, float value, float chroma) {
    float k = sixths % 6;
    return value - chroma * Math.max(0, Math.min(1, Math.min(k, 4 - k)));
  }

  /** The paper's: each component shifts all pixels by its eigenvalue times a normal number. */
  static void shift(float[][] rgb, int pixels, double deviation, Draws draws) {
    double[] sizes = new double[EIGENVALUES.length];
    for (int k = 0; k < sizes.length; k++) {
      sizes[k] = EIGENVALUES[k] * deviation * draws.normal();
    }
    for (int c = 0; c < rgb.length; c++) {
      double sum = 0;
      for (int k = 0; k < sizes.length; k++) {
        sum += EIGENVECTORS[c][k] * sizes[k];
      }
      float shift = (float) (WHITE * sum);
      float[] plane = rgb[c];
      for (int i = 0; i < pixels; i++) {
        plane[i] += shift;
      }
    }
  }

  /** ITU-R BT.601 luma with torchvision's digits. */
  private static float gray(float[][] rgb, int i) {
    return 0.2989f * rgb[0][i] + 0.587f * rgb[1][i] + 0.114f * rgb[2][i];
  }

  private static float clip(float x) {
    return Math.max(0, Math.min(WHITE, x));
  }
}
