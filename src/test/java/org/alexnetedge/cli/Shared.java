package org.alexnetedge.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The project's shared data, which lies beside the checkout or not. */
final class Shared {
  private Shared() {}

  /** A file or folder of it; the test is skipped where there is none. */
  static Path path(String name) {
    Path file = Path.of("../shared").resolve(name);
    Assumptions.assumeTrue(
        Files.exists(file), file + " is needed, which is not part of the project");
    return file;
  }

  static Path squeezenet() {
    return path("data/onnx/squeezenet_v1.0.onnx");
  }

  static Path photos() {
    return path("data/photos");
  }

  static Path labels() {
    return path("data/labels/classes.tsv");
  }
}
