package org.alexnetedge.cli;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/** Pictures for tests, made by the JDK. */
final class Photos {
  private Photos() {}

  /** Files of the project's own photos, in the order of their names. */
  static Path examples() {
    return Path.of("examples/photos");
  }

  /** A PNG of one colour; the name may be anything that the file system takes. */
  static Path png(Path file, Color colour) {
    BufferedImage image = new BufferedImage(40, 30, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        image.setRGB(x, y, colour.getRGB());
      }
    }
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      try (var out = Files.newOutputStream(file)) {
        ImageIO.write(image, "png", out);
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Links 0000.jpg, 0001.jpg, ... in a folder to the example photos in turn. */
  static Path links(Path folder, int count) throws IOException {
    Files.createDirectories(folder);
    Path[] originals;
    try (Stream<Path> files = Files.list(examples())) {
      originals =
          files
              .filter(file -> !file.toString().endsWith(".txt"))
              .map(Path::toAbsolutePath)
              .sorted()
              .toArray(Path[]::new);
    }
    for (int i = 0; i < count; i++) {
      Files.createSymbolicLink(
          folder.resolve("%04d.jpg".formatted(i)), originals[i % originals.length]);
    }
    return folder;
  }

  /** So many pictures of their own, each of another colour. */
  static Path colours(Path folder, int count) {
    for (int i = 0; i < count; i++) {
      png(
          folder.resolve("%03d.png".formatted(i)),
          new Color(i * 37 % 256, i * 91 % 256, i * 151 % 256));
    }
    return folder;
  }
}
