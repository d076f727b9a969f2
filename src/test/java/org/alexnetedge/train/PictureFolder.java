package org.alexnetedge.train;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;
import org.alexnetedge.image.OpenCv;
import org.alexnetedge.natives.NativeCache;

/** Small pictures in files, each of other colours. */
final class PictureFolder {
  private PictureFolder() {}

  static void loadOpenCv() {
    OpenCv.load(
        new NativeCache(Path.of("target/native-cache"), System.err::println),
        OpenCv.DEFAULT_MAX_PIXELS);
  }

  /** A PNG of smooth colours that depend on the number. */
  static byte[] png(int number, int width, int height) {
    Random random = new Random(number);
    int r = random.nextInt(256);
    int g = random.nextInt(256);
    int b = random.nextInt(256);
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int red = Math.abs((r + 3 * x) % 511 - 255);
        int green = Math.abs((g + 5 * y) % 511 - 255);
        int blue = Math.abs((b + 2 * (x + y)) % 511 - 255);
        image.setRGB(x, y, red << 16 | green << 8 | blue);
      }
    }
    try {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ImageIO.write(image, "png", out);
      return out.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path write(Path file, byte[] content) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      return Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Pictures {@code folder/p00.png}, {@code p01.png}, ..., their numbers from {@code first} on. */
  static void fill(Path folder, int count, int first) {
    for (int i = 0; i < count; i++) {
      write(folder.resolve("p%02d.png".formatted(i)), png(first + i, 40 + i % 7, 30 + i % 5));
    }
  }
}
