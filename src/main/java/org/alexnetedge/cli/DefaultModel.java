package org.alexnetedge.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.natives.NativeCache.Content;
import org.jspecify.annotations.Nullable;

/** The model that the jar carries; {@code models/README.md} says how it was made. */
final class DefaultModel {
  private static final String FILE = "default.onnx";
  private static final String RESOURCE = "/org/alexnetedge/models/" + FILE;

  /** Beside it, made with it; read instead of hashing the model at each start. */
  private static final String SUM = RESOURCE + ".sha256";

  private DefaultModel() {}

  /**
   * The model that was named, or else this one.
   *
   * @throws org.alexnetedge.pipeline.ModelException when there is no readable file of that name
   */
  static Path unless(@Nullable Path named, NativeCache cache) {
    return named != null ? ModelFailure.check(named) : file(cache);
  }

  /** The model as a file of the cache, extracted when it is not there yet. */
  private static Path file(NativeCache cache) {
    String sum = sum();
    return cache
        .extract(
            "model-" + sum.substring(0, 16),
            List.of(new Content(FILE, sum, () -> resource(RESOURCE))))
        .resolve(FILE);
  }

  /** SHA-256 in hex. */
  static String sum() {
    try (InputStream in = resource(SUM)) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip();
    } catch (IOException e) {
      throw new IllegalStateException(SUM + " cannot be read from the jar", e);
    }
  }

  private static InputStream resource(String name) {
    return Objects.requireNonNull(
        DefaultModel.class.getResourceAsStream(name), name + " is not in the jar");
  }
}
