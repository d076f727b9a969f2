package org.alexnetedge.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Boxes that are cut out and resized. */
final class BoxResizerTest {
  private final Arena arena = Arena.ofAuto();
  private final Pixels pattern = pattern(60, 45);

  @BeforeAll
  static void load() {
    Pictures.loadOpenCv();
  }

  private Pixels pattern(int width, int height) {
    MemorySegment data = arena.allocate(3L * width * height);
    for (int i = 0; i < width * height; i++) {
      int colour = Pictures.colour(i % width, i / width);
      for (int c = 0; c < 3; c++) {
        data.set(ValueLayout.JAVA_BYTE, 3L * i + c, (byte) (colour >> 16 - 8 * c));
      }
    }
    return new Pixels(data, height, width);
  }

  /**
   * Made with Pillow 13.0: the first eight bytes of the SHA-256 of {@code image.crop((l, t, l + w,
   * t + h)).resize((ow, oh), Image.BILINEAR)}, and its pixel (2, 3).
   */
  @Test
  void boxes_come_out_as_pillow_s() {
    check(7, 3, 40, 31, 16, 16, "9a780918fe8d390b", 73, 105, 199);
    check(0, 10, 60, 20, 24, 12, "75a8cd5e51e36c1d", 44, 147, 21);
    check(5, 5, 10, 12, 20, 18, "b563459b9c725896", 36, 88, 13);
    check(58, 0, 2, 45, 8, 8, "1cab94433dbb8a51", 54, 174, 200);
  }

  private void check(
      int left, int top, int width, int height, int ow, int oh, String hash, int... pixel) {
    try (BoxResizer resizer = new BoxResizer()) {
      byte[] out = new byte[3 * ow * oh];
      resizer.resize(pattern, left, top, width, height, Filter.BILINEAR, ow, oh, out);
      int at = 3 * (3 * ow + 2);
      assertEquals(
          Arrays.stream(pixel).boxed().toList(),
          List.of(out[at] & 0xFF, out[at + 1] & 0xFF, out[at + 2] & 0xFF));
      assertEquals(hash, Pictures.sha256(out).substring(0, 16));
      Pixels same = resizer.resize(pattern, left, top, width, height, Filter.BILINEAR, ow, oh);
      assertEquals(hash, Pictures.sha256(Pictures.bytes(same)).substring(0, 16));
    }
  }

  @Test
  void a_box_of_the_wanted_size_is_copied() {
    try (BoxResizer resizer = new BoxResizer()) {
      byte[] out = new byte[3 * 4 * 2];
      resizer.resize(pattern, 9, 30, 4, 2, Filter.BILINEAR, 4, 2, out);
      for (int i = 0; i < 8; i++) {
        int colour = Pictures.colour(9 + i % 4, 30 + i / 4);
        assertEquals(colour >> 16, out[3 * i] & 0xFF);
        assertEquals(colour & 0xFF, out[3 * i + 2] & 0xFF);
      }
    }
  }

  @Test
  void a_box_that_leaves_the_picture_is_refused() {
    try (BoxResizer resizer = new BoxResizer()) {
      for (int[] box :
          new int[][] {{-1, 0, 5, 5}, {0, 41, 5, 5}, {56, 0, 5, 5}, {0, 0, 0, 5}, {0, 0, 61, 5}}) {
        assertThrows(
            IllegalArgumentException.class,
            () ->
                resizer.resize(
                    pattern, box[0], box[1], box[2], box[3], Filter.BILINEAR, 8, 8, new byte[192]));
      }
    }
  }
}
