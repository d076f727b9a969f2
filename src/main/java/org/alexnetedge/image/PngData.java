package org.alexnetedge.image;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/** The inflated content of a PNG's data chunks, read from front to back. */
final class PngData implements AutoCloseable {
  private final PngReader chunks;
  private final Inflater inflater = new Inflater();
  private long next;

  PngData(PngReader chunks, long firstChunk) {
    this.chunks = chunks;
    this.next = firstChunk;
  }

  /** Fills the first {@code count} bytes; false when the data ends before. */
  boolean read(byte[] target, int count) throws ImageException {
    int filled = 0;
    try {
      while (filled < count) {
        int n = inflater.inflate(target, filled, count - filled);
        filled += n;
        if (n == 0 && !feed()) {
          return false;
        }
      }
    } catch (DataFormatException e) {
      throw corrupt();
    }
    return true;
  }

  /** Checks the stream's checksum, which stands behind the last row. */
  void checkEnd() throws ImageException {
    byte[] surplus = new byte[4096];
    try {
      // More data than rows is passed over, as libpng does; a flood of it is not followed.
      for (int i = 0; i < 16 && !inflater.finished(); i++) {
        if (inflater.inflate(surplus) == 0 && !feed()) {
          return;
        }
      }
    } catch (DataFormatException e) {
      throw corrupt();
    }
  }

  private boolean feed() throws ImageException {
    if (inflater.finished()) {
      return false;
    }
    if (inflater.needsDictionary()) {
      throw corrupt();
    }
    while (inflater.needsInput()) {
      @Nullable Bytes body = chunks.dataAt(next);
      if (body == null) {
        return false;
      }
      next += 12 + body.length();
      inflater.setInput(body.segment().asByteBuffer());
    }
    return true;
  }

  private static ImageException corrupt() {
    return ImageException.failed("The PNG is corrupt: its compressed data is damaged.");
  }

  @Override
  public void close() {
    inflater.end();
  }
}
