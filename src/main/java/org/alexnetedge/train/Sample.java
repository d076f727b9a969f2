package org.alexnetedge.train;

import java.nio.file.Path;
import org.alexnetedge.pipeline.InputName;
import org.alexnetedge.pipeline.RawPath;

/**
 * One picture that can be read, and its class.
 *
 * @param file as it was found, relative or absolute
 * @param label index of its class
 * @param sha256 of the file's bytes, 64 lower-case hexadecimal digits
 */
public record Sample(Path file, int label, String sha256) {
  /** The file's name as records and messages give it. */
  public InputName name() {
    return InputName.of(RawPath.bytes(file));
  }
}
