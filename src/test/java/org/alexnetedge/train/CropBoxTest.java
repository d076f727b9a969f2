package org.alexnetedge.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Random boxes against torchvision's. */
final class CropBoxTest {
  private static final Augmentation.Range RATIO = new Augmentation.Range(3.0 / 4, 4.0 / 3);
  private static final int MANY = 20_000;

  /**
   * Quantiles (5, 25, 50, 75, 95 %) of area and ratio of 20,000 boxes of torchvision 0.29's {@code
   * RandomResizedCrop.get_params}, seed 0.
   */
  @Test
  void boxes_are_distributed_as_torchvision_s() {
    compare(
        196,
        147,
        new Augmentation.Range(0.08, 1),
        new double[] {0.1145, 0.2557, 0.4248, 0.5954, 0.8153},
        new double[] {0.7808, 0.9015, 1.0508, 1.19, 1.3038});
    compare(
        147,
        147,
        new Augmentation.Range(0.35, 1),
        new double[] {0.3748, 0.4811, 0.6112, 0.742, 0.8868},
        new double[] {0.7769, 0.88, 1, 1.1371, 1.2883});
  }

  private static void compare(
      int width, int height, Augmentation.Range area, double[] areas, double[] ratios) {
    double[] a = new double[MANY];
    double[] r = new double[MANY];
    double left = 0;
    double top = 0;
    for (int i = 0; i < MANY; i++) {
      CropBox box =
          CropBox.resized(width, height, area, RATIO, new Draws(5, Draws.Purpose.CROP, 0, i));
      assertTrue(box.left() >= 0 && box.left() + box.width() <= width);
      assertTrue(box.top() >= 0 && box.top() + box.height() <= height);
      a[i] = (double) box.width() * box.height() / (width * height);
      r[i] = (double) box.width() / box.height();
      left += (double) box.left() / Math.max(1, width - box.width());
      top += (double) box.top() / Math.max(1, height - box.height());
    }
    Arrays.sort(a);
    Arrays.sort(r);
    double[] quantiles = {0.05, 0.25, 0.5, 0.75, 0.95};
    for (int q = 0; q < quantiles.length; q++) {
      int at = (int) (quantiles[q] * MANY);
      assertEquals(areas[q], a[at], 0.012);
      assertEquals(ratios[q], r[at], 0.012);
    }
    assertEquals(0.5, left / MANY, 0.012);
    assertEquals(0.5, top / MANY, 0.012);
    // Of whole pixels, and so a little outside at most.
    assertTrue(a[0] > area.low() - 0.01 && a[MANY - 1] <= 1);
    assertTrue(r[0] > RATIO.low() - 0.02 && r[MANY - 1] < RATIO.high() + 0.02);
  }

  /** torchvision gives (top, left, height, width) = (0, 216, 50, 67) and (216, 0, 67, 50). */
  @Test
  void where_no_box_fits_it_is_the_largest_central_one() {
    Augmentation.Range whole = new Augmentation.Range(1, 1);
    Draws draws = new Draws(1);
    assertEquals(new CropBox(216, 0, 67, 50), CropBox.resized(500, 50, whole, RATIO, draws));
    assertEquals(new CropBox(0, 216, 50, 67), CropBox.resized(50, 500, whole, RATIO, draws));
    assertEquals(new CropBox(0, 0, 1, 1), CropBox.resized(1, 1, whole, RATIO, draws));
  }

  @Test
  void translation_reaches_every_place_equally_often() {
    int[][] counts = new int[3][5];
    for (int i = 0; i < MANY; i++) {
      CropBox box = CropBox.at(12, 6, 8, 4, new Draws(5, Draws.Purpose.CROP, 1, i));
      counts[box.top()][box.left()]++;
    }
    for (int[] row : counts) {
      for (int count : row) {
        assertEquals(MANY / 15.0, count, 5 * Math.sqrt(MANY / 15.0));
      }
    }
  }
}
