package org.alexnetedge.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Objects;
import org.alexnetedge.image.DecodeOptions;
import org.alexnetedge.image.Recipe;
import org.junit.jupiter.api.Test;

/** Two pictures in one. */
final class MixTest {
  private static final int MANY = 20_000;

  @Test
  void blending_weighs_both_by_their_shares() {
    float[] first = {1, 2, 3};
    new Mix(0, 0.25, null).apply(first, new float[] {5, 6, -1}, input(1, 1, Recipe.Layout.NCHW));
    assertArrayEquals(new float[] {4, 5, 0}, first, 1e-6f);
  }

  @Test
  void a_box_is_pasted_in_either_layout() {
    CropBox box = new CropBox(1, 0, 2, 1); // columns 1 and 2 of the upper row
    float[] planes = new float[18];
    float[] ones = new float[18];
    Arrays.fill(ones, 1);
    new Mix(0, 1, box).apply(planes, ones, input(2, 3, Recipe.Layout.NCHW));
    assertArrayEquals(new float[] {0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0}, planes);
    float[] pixels = new float[18];
    new Mix(0, 1, box).apply(pixels, ones, input(2, 3, Recipe.Layout.NHWC));
    assertArrayEquals(new float[] {0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}, pixels);
  }

  private static PictureInput input(int height, int width, Recipe.Layout layout) {
    return new PictureInput(
        Recipe.TORCHVISION.withLayout(layout), height, width, DecodeOptions.DEFAULT);
  }

  @Test
  void the_share_is_what_the_box_leaves() {
    Augmentation cutmix = Augmentation.NONE.withCutmix(1);
    double sum = 0;
    for (int i = 0; i < MANY; i++) {
      Mix mix = Mix.draw(cutmix, 10, 20, 10, new Draws(3, Draws.Purpose.MIX, 0, i));
      CropBox box = Objects.requireNonNull(mix.box());
      assertTrue(box.left() >= 0 && box.left() + box.width() <= 20);
      assertTrue(box.top() >= 0 && box.top() + box.height() <= 10);
      assertEquals(1 - box.width() * box.height() / 200.0, mix.share(), 1e-12);
      sum += mix.share();
    }
    // 0.7345 by torchvision 0.29's CutMix on pictures of 20 x 10, mean over 20,000.
    assertEquals(0.7345, sum / MANY, 0.01);
  }

  @Test
  void with_both_each_comes_half_of_the_time() {
    Augmentation both = Augmentation.NONE.withCutmix(1).withMixup(0.2);
    int cut = 0;
    int[] partners = new int[4];
    for (int i = 0; i < MANY; i++) {
      Mix mix = Mix.draw(both, 4, 20, 10, new Draws(3, Draws.Purpose.MIX, 0, i));
      cut += mix.box() == null ? 0 : 1;
      partners[mix.partner()]++;
    }
    assertEquals(0.5, (double) cut / MANY, 0.02);
    for (int count : partners) {
      assertEquals(0.25, (double) count / MANY, 0.02);
    }
    assertNull(Mix.draw(Augmentation.NONE.withMixup(1), 4, 20, 10, new Draws(1)).box());
  }
}
