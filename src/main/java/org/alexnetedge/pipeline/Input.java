package org.alexnetedge.pipeline;

import java.nio.file.Path;

/** One thing that gets a record: a picture to be read, or what stands in the place of one. */
public sealed interface Input permits FileInput, UrlInput, FailedInput {

  /** A file that is read when its turn comes; named as the path is, relative or absolute. */
  static Input of(Path file, InputOptions options) {
    return new FileInput(InputName.of(RawPath.bytes(file)), file, options.fileLimit());
  }

  /** The name in its record. */
  InputName name();

  /** Whether it stands for a folder that holds no picture. */
  default boolean isEmptyFolder() {
    return this instanceof FailedInput failed && failed.kind() == ErrorKind.NO_PICTURES;
  }

  /**
   * Reads the whole into {@code picture}, whose content is replaced. May be called on any thread,
   * at the same time as other inputs are read into other buffers.
   *
   * @throws InputException if it cannot be read; the content is then undefined
   */
  void read(EncodedPicture picture) throws InputException;
}
