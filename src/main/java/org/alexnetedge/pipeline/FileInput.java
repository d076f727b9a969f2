package org.alexnetedge.pipeline;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A file that is read when its turn comes.
 *
 * @param limit the largest size in bytes
 */
record FileInput(InputName name, Path path, long limit) implements Input {

  @Override
  public void read(EncodedPicture picture) throws InputException {
    picture.clear();
    try {
      // Asked first, since to open a named pipe would wait for its writer.
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      if (!attributes.isRegularFile()) {
        throw FileError.notAFile(path);
      }
      checkSize(attributes.size());
      // One more than the size, so that the end is met without growing.
      picture.reserve(attributes.size() + 1);
      try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
        readToEnd(channel, picture);
      }
    } catch (IOException e) {
      throw FileError.of(e, path, "file");
    }
  }

  /** Until the end, wherever that is by now: a file may grow or shrink while it is read. */
  private void readToEnd(FileChannel channel, EncodedPicture picture)
      throws IOException, InputException {
    while (true) {
      picture.reserve(1);
      int count = channel.read(picture.room(), picture.size());
      if (count < 0) {
        return;
      }
      picture.added(count);
      checkSize(picture.size());
    }
  }

  private void checkSize(long size) throws InputException {
    if (size > limit) {
      throw new InputException(
          ErrorKind.TOO_LARGE,
          "The file has %,d bytes; at most %,d are read.".formatted(size, limit));
    }
  }
}
