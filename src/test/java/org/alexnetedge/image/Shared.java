package org.alexnetedge.image;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The folder of reference data beside the checkout; tests that need it are skipped without it. */
final class Shared {
  private static final Path ROOT = Path.of("../shared");

  private Shared() {}

  static Path path(String relative) {
    assumeTrue(
        Files.isDirectory(ROOT), "needs the reference data in " + ROOT + ", which is missing");
    return ROOT.resolve(relative);
  }

  static Path preprocessing(String relative) {
    return path("references/preprocessing").resolve(relative);
  }

  static JsonObject json(String relative) {
    try {
      return JsonParser.parseString(Files.readString(preprocessing(relative))).getAsJsonObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A file that the manifest names. */
  static Path picture(String name) {
    return name.startsWith("inputs/") ? preprocessing(name) : path("data").resolve(name);
  }

  /** All files below a folder, sorted. */
  static List<Path> files(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
