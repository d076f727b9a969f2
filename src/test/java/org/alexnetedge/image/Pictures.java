package org.alexnetedge.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import javax.imageio.ImageIO;
import org.alexnetedge.natives.NativeCache;

/** Pictures made here, and what tests do with pictures. */
final class Pictures {
  static final DecodeOptions STRICT = DecodeOptions.DEFAULT;
  static final DecodeOptions LENIENT = new DecodeOptions(DecodeOptions.DEFAULT.maxPixels(), true);

  private Pictures() {}

  static void loadOpenCv() {
    OpenCv.load(
        new NativeCache(Path.of("target/native-cache"), System.err::println),
        OpenCv.DEFAULT_MAX_PIXELS);
  }

  /** A smooth pattern with an edge, in every channel another one. */
  static BufferedImage pattern(int width, int height, int type) {
    BufferedImage image = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, 0xFF000000 | colour(x, y));
      }
    }
    return image;
  }

  static int colour(int x, int y) {
    int r = (x * 5 + y) & 0xFF;
    int g = (y * 7 + 40) & 0xFF;
    int b = x > y ? 200 : (x + y) & 0xFF;
    return r << 16 | g << 8 | b;
  }

  /** The pattern as a file of an ImageIO format: jpg, png, gif, bmp, tiff. */
  static byte[] encoded(String format, int width, int height) {
    return encoded(pattern(width, height, BufferedImage.TYPE_INT_RGB), format);
  }

  static byte[] encoded(BufferedImage image, String format) {
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      if (!ImageIO.write(image, format, out)) {
        throw new IllegalArgumentException(format);
      }
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] decode(byte[] file, DecodeOptions options) throws ImageException {
    try (Decoder decoder = new Decoder(options);
        Arena arena = Arena.ofConfined()) {
      return bytes(decoder.decode(offHeap(arena, file)));
    }
  }

  static byte[] crop(byte[] file, Recipe recipe) throws ImageException {
    Recipe.Crop crop = recipe.crop();
    int width = crop != null ? crop.width() : recipe.resize().width();
    int height = crop != null ? crop.height() : recipe.resize().height();
    try (Preprocessor preprocessor = new Preprocessor(recipe, height, width, STRICT);
        Arena arena = Arena.ofConfined()) {
      return bytes(preprocessor.crop(offHeap(arena, file)));
    }
  }

  /** Exactly as large as the file: reading behind it would be noticed by a memory checker. */
  static MemorySegment offHeap(Arena arena, byte[] file) {
    MemorySegment segment = arena.allocate(Math.max(1, file.length), 64);
    MemorySegment.copy(file, 0, segment, ValueLayout.JAVA_BYTE, 0, file.length);
    return segment.asSlice(0, file.length);
  }

  static byte[] bytes(Pixels pixels) {
    return pixels.data().toArray(ValueLayout.JAVA_BYTE);
  }

  static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
