package org.alexnetedge.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/** Which files of a folder are pictures: by extension, else by the first bytes. */
final class PictureFiles {
  /**
   * Formats that photos come in. Some of them need not be decodable here (HEIC): then the record
   * says so, instead of the photo being passed over in silence.
   */
  private static final Set<String> EXTENSIONS =
      Set.of(
          "jpg", "jpeg", "jpe", "jfif", "png", "gif", "bmp", "dib", "webp", "tif", "tiff", "avif",
          "heic", "heif", "jp2", "jxl", "pbm", "pgm", "ppm", "pnm");

  private static final int LONGEST_EXTENSION = 4;
  private static final int FIRST_BYTES = 32;

  private final Predicate<byte[]> looksLikePicture;

  PictureFiles(Predicate<byte[]> looksLikePicture) {
    this.looksLikePicture = looksLikePicture;
  }

  /** Whether the name alone says so. */
  static boolean hasExtension(byte[] name) {
    for (int dot = name.length - 1;
        dot >= Math.max(1, name.length - 1 - LONGEST_EXTENSION);
        dot--) {
      if (name[dot] == '.') {
        String extension =
            new String(name, dot + 1, name.length - dot - 1, StandardCharsets.ISO_8859_1);
        return EXTENSIONS.contains(extension.toLowerCase(Locale.ROOT));
      }
    }
    return false;
  }

  /** Whether a regular file is a picture by its content; no if it cannot be read. */
  boolean hasContent(Path path) {
    try (InputStream in = Files.newInputStream(path)) {
      return looksLikePicture.test(in.readNBytes(FIRST_BYTES));
    } catch (IOException e) {
      return false;
    }
  }
}
