package org.alexnetedge.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.awt.image.BufferedImage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.alexnetedge.SharedData;
import org.alexnetedge.image.ImageException.Kind;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class DecoderTest {
  @BeforeAll
  static void load() {
    Pictures.loadOpenCv();
  }

  @Test
  void pixels_equal_those_of_pillow() throws ImageException {
    List<String> different = new ArrayList<>();
    for (JsonElement element : Shared.json("manifest.json").getAsJsonArray("files")) {
      JsonObject file = element.getAsJsonObject();
      String mode = file.get("mode").getAsString();
      byte[] picture = Pictures.read(Shared.picture(file.get("file").getAsString()));
      String hash = Pictures.sha256(Pictures.decode(picture, Pictures.STRICT));
      boolean other = mode.equals("I;16") || mode.equals("CMYK"); // see PreprocessorTest
      if (!other && !hash.equals(file.get("decoded_rgb_sha256").getAsString())) {
        different.add(file.get("file").getAsString());
      }
    }
    assertEquals(List.of(), different);
  }

  @Test
  void lossless_formats_give_back_the_pattern() throws ImageException {
    for (String format : List.of("png", "bmp", "tiff")) {
      assertArrayEquals(
          patternBytes(37, 23),
          Pictures.decode(Pictures.encoded(format, 37, 23), Pictures.STRICT),
          format);
    }
    byte[] ppm = ppm("P6 37 23 255\n", patternBytes(37, 23));
    assertArrayEquals(patternBytes(37, 23), Pictures.decode(ppm, Pictures.STRICT));
  }

  @Test
  void a_gif_gives_its_palette_colours() throws ImageException {
    BufferedImage image = new BufferedImage(9, 7, BufferedImage.TYPE_BYTE_BINARY);
    image.setRGB(3, 2, 0xFFFFFF);
    byte[] pixels = Pictures.decode(Pictures.encoded(image, "gif"), Pictures.STRICT);
    for (int i = 0; i < pixels.length; i++) {
      assertEquals(i / 3 == 2 * 9 + 3 ? (byte) 255 : 0, pixels[i]);
    }
  }

  @Test
  void netpbm_values_are_scaled_and_text_is_read() throws ImageException {
    assertArrayEquals(
        new byte[] {0, 0, 0, 51, 51, 51, (byte) 255, (byte) 255, (byte) 255},
        Pictures.decode(ascii("P2 # five levels\n3 1 5\n0 1\n5\n"), Pictures.STRICT));
    assertArrayEquals(
        new byte[] {0, 0, 0, (byte) 255, (byte) 255, (byte) 255},
        Pictures.decode(ascii("P1 2 1 10"), Pictures.STRICT));
    assertArrayEquals(
        new byte[] {0x12, 0x12, 0x12},
        Pictures.decode(ppm("P5 1 1 65535\n", new byte[] {0x12, (byte) 0xFF}), Pictures.STRICT));
    byte[] pam =
        ppm(
            "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n",
            new byte[] {1, 2, 3, 0});
    assertArrayEquals(new byte[] {1, 2, 3}, Pictures.decode(pam, Pictures.STRICT));
  }

  @Test
  void sun_raster_and_radiance_are_read() throws ImageException {
    byte[] sun =
        ppm("\u0059\u00A6\u006A\u0095", new byte[28 + 4]); // one pixel: blue, green, red, padding
    putBig(sun, 4, 1);
    putBig(sun, 8, 1);
    putBig(sun, 12, 24);
    putBig(sun, 16, 4);
    putBig(sun, 20, 1);
    sun[32] = 3;
    sun[33] = 2;
    sun[34] = 1;
    assertArrayEquals(new byte[] {1, 2, 3}, Pictures.decode(sun, Pictures.STRICT));
    byte[] radiance =
        ppm(
            "#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n",
            new byte[] {127, 64, 32, (byte) 128});
    byte[] pixel = Pictures.decode(radiance, Pictures.STRICT);
    assertEquals(3, pixel.length);
    assertTrue(pixel[0] > pixel[1] && pixel[1] > pixel[2], Arrays.toString(pixel));
  }

  @Test
  void the_nine_landscapes_stand_upright() throws ImageException {
    List<byte[]> crops = new ArrayList<>();
    for (int i = 0; i <= 8; i++) {
      Path file = SharedData.at("data/odd/exif-orientation/Landscape_" + i + ".jpg");
      crops.add(Pictures.crop(Pictures.read(file), Recipe.TORCHVISION));
    }
    for (byte[] crop : crops) {
      long difference = 0;
      for (int i = 0; i < crop.length; i++) {
        difference += Math.abs((crop[i] & 0xFF) - (crops.get(1)[i] & 0xFF));
      }
      assertTrue(difference < 8L * crop.length, "mean difference " + difference / crop.length);
    }
  }

  @Test
  void every_orientation_moves_the_corners_where_the_standard_says() throws ImageException {
    byte[] png = Pictures.encoded("png", 5, 3);
    byte[] plain = Pictures.decode(png, Pictures.STRICT);
    for (int orientation = 1; orientation <= 8; orientation++) {
      byte[] turned = Pictures.decode(withExif(png, orientation), Pictures.STRICT);
      int width = orientation < 5 ? 5 : 3;
      for (int y = 0; y < 3; y++) {
        for (int x = 0; x < 5; x++) {
          int toX = List.of(x, 4 - x, 4 - x, x, y, 2 - y, 2 - y, y).get(orientation - 1);
          int toY = List.of(y, y, 2 - y, 2 - y, x, x, 4 - x, 4 - x).get(orientation - 1);
          for (int c = 0; c < 3; c++) {
            assertEquals(plain[3 * (5 * y + x) + c], turned[3 * (width * toY + toX) + c]);
          }
        }
      }
    }
  }

  @Test
  void odd_pictures_decode_or_say_why_not() {
    for (Path file : Shared.files(SharedData.at("data/odd"))) {
      String name = file.getFileName().toString();
      if (name.endsWith(".tsv") || name.endsWith(".md") || name.endsWith(".txt")) {
        continue;
      }
      boolean corruptPng = file.getParent().endsWith("pngsuite-corrupt");
      boolean valid =
          file.getParent().endsWith("pngsuite-valid")
              || file.getParent().endsWith("exif-orientation");
      try {
        Pictures.decode(Pictures.read(file), Pictures.STRICT);
        assertFalse(corruptPng, name + " has to be refused");
      } catch (ImageException e) {
        assertFalse(valid, name + ": " + e.getMessage());
        assertTrue(e.getMessage().matches("The .*\\."), e.getMessage());
      }
    }
  }

  @Test
  void what_is_no_picture_is_told_from_what_is_broken() {
    assertEquals(Kind.NOT_AN_IMAGE, kind(new byte[0]));
    assertEquals("The file is empty.", message(new byte[0]));
    assertEquals(Kind.NOT_AN_IMAGE, kind(ascii("BMW is a car maker, and this is no bitmap.")));
    assertEquals(Kind.NOT_AN_IMAGE, kind(ascii("x")));
    byte[] heic = ascii("\0\0\0\u0018ftypheic\0\0\0\0mif1heic");
    assertEquals(Kind.DECODE_FAILED, kind(heic));
    assertEquals(
        "The picture is in the HEIC format, which is not supported; convert it to JPEG or PNG.",
        message(heic));
    byte[] png = Pictures.encoded("png", 20, 20);
    png[png.length - 20] ^= 1; // in the data's checksum
    assertEquals(Kind.DECODE_FAILED, kind(png));
  }

  @Test
  void a_picture_cut_anywhere_is_truncated() {
    for (String format : List.of("jpg", "png", "bmp", "tiff", "gif")) {
      byte[] whole = Pictures.encoded(format, 61, 43);
      int last = format.equals("gif") ? whole.length - 3 : whole.length - 1;
      for (int length = 40; length <= last; length += Math.max(1, whole.length / 97)) {
        byte[] cut = Arrays.copyOf(whole, length);
        if (format.equals("tiff") && decodes(cut)) {
          continue; // What stands behind the strips there is not needed.
        }
        assertEquals(
            Kind.TRUNCATED, kind(cut), format + " cut at " + length + " of " + whole.length);
      }
    }
    byte[] ppm = ppm("P6 61 43 255\n", patternBytes(61, 43));
    assertEquals(Kind.TRUNCATED, kind(Arrays.copyOf(ppm, ppm.length - 1)));
    assertEquals(Kind.TRUNCATED, kind(Arrays.copyOf(ppm, 20)));
    assertEquals(Kind.TRUNCATED, kind(ascii("P3 2 2 255 1 2 3 4")));
  }

  @Test
  void a_jpeg_with_something_behind_it_is_whole() throws ImageException {
    byte[] jpeg = Pictures.encoded("jpg", 61, 43);
    byte[] longer = Arrays.copyOf(jpeg, jpeg.length + 1000);
    assertArrayEquals(
        Pictures.decode(jpeg, Pictures.STRICT), Pictures.decode(longer, Pictures.STRICT));
  }

  @Test
  void lenient_takes_what_there_is() throws ImageException {
    for (String format : List.of("jpg", "png", "bmp", "gif")) {
      byte[] whole = Pictures.encoded(format, 64, 64);
      byte[] cut = Arrays.copyOf(whole, whole.length * 3 / 4);
      byte[] pixels = Pictures.decode(cut, Pictures.LENIENT);
      byte[] all = Pictures.decode(whole, Pictures.STRICT);
      assertEquals(all.length, pixels.length);
      boolean bottomUp = format.equals("bmp");
      int from = bottomUp ? all.length - 64 * 3 * 8 : 0;
      assertArrayEquals(
          Arrays.copyOfRange(all, from, from + 64 * 3 * 8),
          Arrays.copyOfRange(pixels, from, from + 64 * 3 * 8),
          format);
    }
  }

  @Test
  void pixel_bombs_are_too_large() {
    byte[] png = Pictures.encoded("png", 2, 2);
    putBig(png, 16, 40000);
    putBig(png, 20, 40000);
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(png, 12, 17);
    putBig(png, 29, (int) crc.getValue());
    assertEquals(Kind.TOO_LARGE, kind(png));
    byte[] bmp = Pictures.encoded("bmp", 2, 2);
    putLittle(bmp, 18, 4_000_000);
    putLittle(bmp, 22, 4_000_000);
    assertEquals(Kind.TOO_LARGE, kind(bmp));
    assertEquals(Kind.TOO_LARGE, kind(ascii("P6 4000000 4000000 255\n")));
    assertEquals(Kind.TOO_LARGE, kind(ascii("#?RADIANCE\n\n-Y 400000 +X 400000\n")));
    byte[] gif = Pictures.encoded("gif", 2, 2);
    Arrays.fill(gif, 6, 10, (byte) 0xFF);
    assertEquals(Kind.TOO_LARGE, kind(gif));
    assertEquals(Kind.TOO_LARGE, kind(ascii("P6 4000000 2 255\n")));
    // A long side alone is no fault.
    assertEquals(Kind.TRUNCATED, kind(ascii("P6 1000000 100 255\n")));
  }

  @Test
  void the_limit_on_pixels_is_the_callers() throws ImageException {
    byte[] png = Pictures.encoded("png", 20, 20);
    assertEquals(1200, Pictures.decode(png, new DecodeOptions(400, false)).length);
    ImageException e =
        assertThrows(
            ImageException.class, () -> Pictures.decode(png, new DecodeOptions(399, false)));
    assertEquals(
        "The picture has 20 x 20 pixels, more than the limit of 399 pixels.", e.getMessage());
  }

  @Test
  void damage_anywhere_never_ends_in_anything_but_an_image_exception() {
    java.util.Random random = new java.util.Random(7);
    for (String format : List.of("png", "bmp", "tiff", "gif")) {
      byte[] whole = Pictures.encoded(format, 31, 29);
      for (int i = 0; i < 300; i++) {
        byte[] damaged = whole.clone();
        for (int j = 0; j < 1 + i % 4; j++) {
          damaged[random.nextInt(i % 2 == 0 ? Math.min(100, whole.length) : whole.length)] =
              (byte) random.nextInt();
        }
        decodes(damaged);
      }
    }
  }

  @Test
  void one_decoder_takes_pictures_of_all_sizes_in_turn() throws ImageException {
    try (Decoder decoder = new Decoder(Pictures.STRICT);
        Arena arena = Arena.ofConfined()) {
      for (int size : new int[] {3, 200, 1, 500, 20, 4}) {
        MemorySegment file = Pictures.offHeap(arena, Pictures.encoded("bmp", size, size + 1));
        assertArrayEquals(patternBytes(size, size + 1), Pictures.bytes(decoder.decode(file)));
      }
    }
  }

  @Test
  @Tag("long")
  void none_of_the_data_sets_pictures_is_refused() {
    Set<String> refused = new java.util.TreeSet<>();
    for (String folder : List.of("data/photos", "data/datasets")) {
      for (Path file : Shared.files(SharedData.at(folder))) {
        try {
          Pictures.decode(Pictures.read(file), Pictures.STRICT);
        } catch (ImageException e) {
          refused.add(file + ": " + e.getMessage());
        }
      }
    }
    assertEquals(Set.of(), refused);
  }

  private static boolean decodes(byte[] file) {
    try {
      Pictures.decode(file, Pictures.STRICT);
      return true;
    } catch (ImageException e) {
      return false;
    }
  }

  private static ImageException refusal(byte[] file) {
    return assertThrows(ImageException.class, () -> Pictures.decode(file, Pictures.STRICT));
  }

  private static Kind kind(byte[] file) {
    return refusal(file).kind();
  }

  private static String message(byte[] file) {
    return refusal(file).getMessage();
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] ppm(String header, byte[] data) {
    byte[] file = Arrays.copyOf(ascii(header), header.length() + data.length);
    System.arraycopy(data, 0, file, header.length(), data.length);
    return file;
  }

  private static byte[] patternBytes(int width, int height) {
    byte[] bytes = new byte[3 * width * height];
    for (int i = 0; i < width * height; i++) {
      int colour = Pictures.colour(i % width, i / width);
      bytes[3 * i] = (byte) (colour >> 16);
      bytes[3 * i + 1] = (byte) (colour >> 8);
      bytes[3 * i + 2] = (byte) colour;
    }
    return bytes;
  }

  /** Puts an eXIf chunk behind the header. */
  private static byte[] withExif(byte[] png, int orientation) {
    byte[] chunk = new byte[12 + 26];
    putBig(chunk, 0, 26);
    System.arraycopy(ascii("eXIfMM\0*\0\0\0\b\0\1\1\u0012\0\3\0\0\0\1\0"), 0, chunk, 4, 23);
    chunk[4 + 4 + 19] = (byte) orientation;
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(chunk, 4, 30);
    putBig(chunk, 34, (int) crc.getValue());
    byte[] out = new byte[png.length + chunk.length];
    System.arraycopy(png, 0, out, 0, 33);
    System.arraycopy(chunk, 0, out, 33, chunk.length);
    System.arraycopy(png, 33, out, 33 + chunk.length, png.length - 33);
    return out;
  }

  private static void putBig(byte[] bytes, int at, int value) {
    for (int i = 0; i < 4; i++) {
      bytes[at + i] = (byte) (value >> 24 - 8 * i);
    }
  }

  private static void putLittle(byte[] bytes, int at, int value) {
    for (int i = 0; i < 4; i++) {
      bytes[at + i] = (byte) (value >> 8 * i);
    }
  }
}
