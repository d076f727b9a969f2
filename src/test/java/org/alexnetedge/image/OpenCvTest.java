package org.alexnetedge.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.bytedeco.opencv.global.opencv_core;
import org.junit.jupiter.api.Test;

class OpenCvTest {
  @Test
  void loading_twice_is_once() {
    Pictures.loadOpenCv();
    Pictures.loadOpenCv();
    assertEquals(1, opencv_core.getNumThreads());
  }

  @Test
  void the_libraries_of_both_platforms_are_those_of_the_lists() throws IOException {
    for (String platform : List.of("linux-x86_64", "linux-aarch64")) {
      try (InputStream in = OpenCv.class.getResourceAsStream("opencv-" + platform + ".sha256")) {
        assertNotNull(in);
        BufferedReader reader =
            new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
        assertTrue(reader.readLine().startsWith("# 4."));
        List<String> entries = reader.lines().toList();
        assertEquals(7, entries.size());
        for (String entry : entries) {
          String name = entry.substring(66);
          try (InputStream library = OpenCv.class.getResourceAsStream("/" + name)) {
            assertNotNull(library, name);
            assertEquals(entry.substring(0, 64), Pictures.sha256(library.readAllBytes()), name);
          }
        }
      }
    }
  }

  @Test
  void formats_are_told_by_their_first_bytes() {
    for (String format : List.of("jpg", "png", "gif", "bmp", "tiff")) {
      byte[] first = java.util.Arrays.copyOf(Pictures.encoded(format, 9, 9), Format.SNIFF_BYTES);
      Format expected =
          format.equals("jpg")
              ? Format.JPEG
              : Format.valueOf(format.toUpperCase(java.util.Locale.ROOT));
      assertEquals(expected, Format.sniff(first));
      assertTrue(expected.readable());
    }
    assertEquals(Format.AVIF, Format.sniff("\0\0\0 ftypavif".getBytes(StandardCharsets.US_ASCII)));
    assertFalse(Format.AVIF.readable());
    assertNull(Format.sniff("%PDF-1.7".getBytes(StandardCharsets.US_ASCII)));
    assertNull(Format.sniff(new byte[0]));
    assertNull(Format.sniff("Portable".getBytes(StandardCharsets.US_ASCII)));
  }
}
