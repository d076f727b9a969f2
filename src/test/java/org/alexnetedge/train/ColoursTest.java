package org.alexnetedge.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/**
 * Changes of colour. The numbers were made with torchvision 0.29's {@code adjust_*} on a float
 * tensor of these four pixels divided by 255, and multiplied by 255.
 */
final class ColoursTest {
  private static final int N = 4;

  private static float[][] pixels() {
    return new float[][] {{200, 10, 77, 0}, {30, 250, 77, 15}, {90, 128, 77, 240}};
  }

  private static void check(float[][] changed, double[][] expected) {
    for (int i = 0; i < N; i++) {
      double[] pixel = {changed[0][i], changed[1][i], changed[2][i]};
      assertArrayEquals(expected[i], pixel, 2e-3);
    }
  }

  @Test
  void brightness_is_torchvision_s() {
    float[][] rgb = pixels();
    Colours.brightness(rgb, N, 1.3f);
    check(
        rgb,
        new double[][] {{255, 39, 117}, {13, 255, 166.4}, {100.1, 100.1, 100.1}, {0, 19.5, 255}});
    rgb = pixels();
    Colours.brightness(rgb, N, 0.6f);
    check(rgb, new double[][] {{120, 18, 54}, {6, 150, 76.8}, {46.2, 46.2, 46.2}, {0, 9, 144}});
  }

  @Test
  void contrast_is_torchvision_s() {
    float[][] rgb = pixels();
    Colours.contrast(rgb, N, 1.4f);
    check(
        rgb,
        new double[][] {
          {243.4862, 5.4862, 89.4862}, {0, 255, 142.6862}, {71.2862, 71.2862, 71.2862}, {0, 0, 255}
        });
    rgb = pixels();
    Colours.contrast(rgb, N, 0.5f);
    check(
        rgb,
        new double[][] {
          {145.6423, 60.6423, 90.6423},
          {50.6423, 170.6423, 109.6423},
          {84.1423, 84.1423, 84.1423},
          {45.6423, 53.1423, 165.6423}
        });
  }

  @Test
  void saturation_is_torchvision_s() {
    float[][] rgb = pixels();
    Colours.saturation(rgb, N, 1.5f);
    check(
        rgb,
        new double[][] {
          {255, 1.175, 91.175}, {0, 255, 109.8345}, {77.0038, 77.0038, 77.0038}, {0, 4.4175, 255}
        });
    rgb = pixels();
    Colours.saturation(rgb, N, 0.25f);
    check(
        rgb,
        new double[][] {
          {115.7375, 73.2375, 88.2375},
          {125.7483, 185.7483, 155.2483},
          {76.9942, 76.9942, 76.9942},
          {27.1238, 30.8737, 87.1237}
        });
  }

  @Test
  void hue_is_torchvision_s() {
    float[][] rgb = pixels();
    Colours.hue(rgb, N, 0.1f);
    check(rgb, new double[][] {{200, 72, 30}, {10, 228, 250}, {77, 77, 77}, {129, 0, 240}});
    rgb = pixels();
    Colours.hue(rgb, N, -0.35f);
    check(rgb, new double[][] {{30, 107, 200}, {250, 104, 10}, {77, 77, 77}, {39, 240, 0}});
  }

  @Test
  void jitter_stays_in_its_ranges_and_in_all_orders() {
    // Of a gray picture, brightness and contrast leave a gray one of the product of both factors
    // (its mean is itself), saturation and hue leave it as it is.
    double lowest = 300;
    double highest = 0;
    Augmentation.Jitter jitter = new Augmentation.Jitter(0.4, 0.3, 0.5, 0.2);
    for (int i = 0; i < 2000; i++) {
      float[][] gray = {{100}, {100}, {100}};
      new Colours().jitter(gray, 1, jitter, new Draws(i));
      assertEquals(gray[0][0], gray[1][0], 0.05);
      lowest = Math.min(lowest, gray[0][0]);
      highest = Math.max(highest, gray[0][0]);
    }
    assertTrue(lowest >= 59.9 && lowest < 60.5, "lowest " + lowest);
    assertTrue(highest <= 140.1 && highest > 139.5, "highest " + highest);
  }

  /**
   * The components' deviations are 0.1 times the eigenvalues 0.2175, 0.0188, 0.0045 of colours in
   * 0..1: that of red is 255 * 0.1 * |(0.5675 * 0.2175, 0.7192 * 0.0188, 0.4009 * 0.0045)| =
   * 3.1667.
   */
  @Test
  void the_paper_s_shift_has_its_size_and_direction() {
    int many = 50_000;
    double squares = 0;
    double redGreen = 0;
    for (int i = 0; i < many; i++) {
      float[][] rgb = {{0, 50}, {0, 50}, {0, 50}};
      Colours.shift(rgb, 2, 0.1, new Draws(9, Draws.Purpose.COLOUR_SHIFT, 0, i));
      assertEquals(rgb[0][0] + 50, rgb[0][1], 1e-4); // all pixels alike
      squares += rgb[0][0] * rgb[0][0];
      redGreen += rgb[0][0] * rgb[1][0];
    }
    assertEquals(3.1667, Math.sqrt(squares / many), 0.03);
    // Brightness dominates: 255^2 * 0.01 * (0.5675 * 0.5808 * 0.2175^2 - ...) = 10.13.
    assertEquals(10.13, redGreen / many, 0.25);
  }
}
