package org.alexnetedge.image;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.alexnetedge.SharedData;

/** The folder of reference data beside the checkout; tests that need it are skipped without it. */
final class Shared {
  private Shared() {}

  static Path preprocessing(String relative) {
    return SharedData.at("references/preprocessing").resolve(relative);
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
    return name.startsWith("inputs/") ? preprocessing(name) : SharedData.at("data").resolve(name);
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
