package org.alexnetedge;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;

/** The data and references that may lie beside the checkout. */
public final class SharedData {
  private SharedData() {}

  /** A file or folder there; the test is skipped where it does not exist. */
  public static Path at(String path) {
    Path file = Path.of("../shared").resolve(path);
    Assumptions.assumeTrue(
        Files.exists(file), file + " is needed, which is not part of the project");
    return file;
  }
}
