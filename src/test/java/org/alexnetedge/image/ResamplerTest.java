package org.alexnetedge.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class ResamplerTest {
  @Test
  void synthetic_pictures_equal_pillow_bit_for_bit_with_every_filter() {
    List<String> different = new ArrayList<>();
    int compared = 0;
    for (JsonElement element : Shared.json("resample.json").getAsJsonArray("cases")) {
      JsonObject test = element.getAsJsonObject();
      int width = test.getAsJsonArray("in_wh").get(0).getAsInt();
      int height = test.getAsJsonArray("in_wh").get(1).getAsInt();
      int channels = test.get("channels").getAsInt();
      int outWidth = test.getAsJsonArray("out_wh").get(0).getAsInt();
      int outHeight = test.getAsJsonArray("out_wh").get(1).getAsInt();
      byte[] in =
          synthetic(
              test.get("kind").getAsString(),
              width,
              height,
              channels,
              test.get("seed").getAsLong());
      assertEquals(test.get("in_sha256").getAsString(), Pictures.sha256(in));
      Window whole = new Window(outWidth, outHeight, 0, 0, outWidth, outHeight);
      for (Filter filter : Filter.values()) {
        byte[] out = narrow(resample(widen(in, channels), width, height, filter, whole), channels);
        String name = filter.name().toLowerCase(Locale.ROOT);
        String expected =
            test.getAsJsonObject("out").getAsJsonObject(name).get("sha256").getAsString();
        compared++;
        if (!expected.equals(Pictures.sha256(out))) {
          different.add(test.get("case").getAsString() + " " + name);
        }
      }
    }
    assertEquals(List.of(), different);
    assertEquals(78, compared);
  }

  @Test
  void a_window_equals_that_part_of_the_whole() {
    byte[] in = synthetic("noise", 97, 61, 3, 5);
    for (int[] size : new int[][] {{40, 30}, {200, 150}, {97, 20}, {30, 61}, {90, 11}, {97, 61}}) {
      byte[] whole =
          resample(
              in, 97, 61, Filter.LANCZOS, new Window(size[0], size[1], 0, 0, size[0], size[1]));
      Window window = new Window(size[0], size[1], 7, 3, 13, 8);
      byte[] part = resample(in, 97, 61, Filter.LANCZOS, window);
      for (int y = 0; y < 8; y++) {
        int from = 3 * ((3 + y) * size[0] + 7);
        assertArrayEquals(
            Arrays.copyOfRange(whole, from, from + 39),
            Arrays.copyOfRange(part, 39 * y, 39 * y + 39));
      }
    }
  }

  @Test
  void the_same_size_changes_nothing() {
    byte[] in = synthetic("noise", 31, 17, 3, 9);
    for (Filter filter : Filter.values()) {
      assertArrayEquals(in, resample(in, 31, 17, filter, new Window(31, 17, 0, 0, 31, 17)));
    }
  }

  @Test
  void one_pixel_fills_any_size() {
    byte[] out = resample(new byte[] {1, 2, 3}, 1, 1, Filter.BICUBIC, new Window(9, 5, 0, 0, 9, 5));
    for (int i = 0; i < out.length; i++) {
      assertEquals(i % 3 + 1, out[i]);
    }
  }

  private static byte[] resample(byte[] in, int width, int height, Filter filter, Window window) {
    try (Arena arena = Arena.ofConfined()) {
      Pixels pixels = new Pixels(Pictures.offHeap(arena, in), height, width);
      byte[] out = new byte[3 * window.width() * window.height()];
      new Resampler().resample(pixels, filter, window, out);
      return out;
    }
  }

  private static byte[] widen(byte[] in, int channels) {
    if (channels == 3) {
      return in;
    }
    byte[] wide = new byte[3 * in.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = in[i / 3];
    }
    return wide;
  }

  private static byte[] narrow(byte[] wide, int channels) {
    if (channels == 3) {
      return wide;
    }
    byte[] one = new byte[wide.length / 3];
    for (int i = 0; i < one.length; i++) {
      one[i] = wide[3 * i];
    }
    return one;
  }

  /** The formulas of the reference data; all arithmetic modulo 2^32. */
  private static byte[] synthetic(String kind, int width, int height, int channels, long seed) {
    byte[] out = new byte[width * height * channels];
    int i = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int c = 0; c < channels; c++) {
          out[i++] =
              (byte)
                  switch (kind) {
                    case "gradient" -> x * 7 + y * 13 + c * 29 + (int) seed;
                    case "checker" -> (x / 3 + y / 2 + c & 1) * 255;
                    case "ramp" -> x * 255 / Math.max(width - 1, 1);
                    default -> noise((int) seed + x * 0x9E3779B1 + y * 0x85EBCA77 + c * 0xC2B2AE3D);
                  };
        }
      }
    }
    return out;
  }

  private static int noise(int n) {
    n ^= n >>> 16;
    n *= 0x7FEB352D;
    n ^= n >>> 15;
    n *= 0x846CA68B;
    return n ^ n >>> 16;
  }
}
