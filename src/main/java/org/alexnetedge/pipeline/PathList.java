package org.alexnetedge.pipeline;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a list of paths, one by one as they arrive; the list itself is never in memory.
 * Entries end in a newline (with a carriage return before it or not) or in a NUL; the last one need
 * not. Empty entries and a UTF-8 byte order mark are passed over.
 */
final class PathList implements AutoCloseable {
  /** Longer than any path (PATH_MAX is 4096) and any URL that servers take. */
  private static final int LONGEST = 64 << 10;

  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final InputStream in;
  private final boolean nulSeparated;
  private final ByteArrayOutputStream entry = new ByteArrayOutputStream(256);
  private boolean started;
  private long count;

  /**
   * @param in is closed with this list
   */
  PathList(InputStream in, boolean nulSeparated) {
    this.in = new BufferedInputStream(in, 1 << 16);
    this.nulSeparated = nulSeparated;
  }

  /**
   * The next entry's bytes, or null at the end. Waits for a pipe to give one.
   *
   * @throws InputException about one entry that cannot be a path; the next call goes on behind it
   */
  byte @Nullable [] next() throws IOException, InputException {
    if (!started) {
      started = true;
      skipByteOrderMark();
    }
    while (true) {
      entry.reset();
      boolean tooLong = false;
      int separator = nulSeparated ? 0 : '\n';
      int b;
      while ((b = in.read()) >= 0 && b != separator) {
        if (entry.size() < LONGEST) {
          entry.write(b);
        } else {
          tooLong = true;
        }
      }
      byte[] bytes = content();
      if (bytes.length > 0) {
        count++;
        if (tooLong) {
          throw new InputException(
              ErrorKind.UNREADABLE,
              "Entry %,d of this list is longer than %,d bytes; a list has one path a line."
                  .formatted(count, LONGEST));
        }
        return bytes;
      }
      if (b < 0) {
        return null;
      }
    }
  }

  /** How many entries there were so far. */
  long count() {
    return count;
  }

  private byte[] content() {
    byte[] bytes = entry.toByteArray();
    boolean carriageReturn = !nulSeparated && bytes.length > 0 && bytes[bytes.length - 1] == '\r';
    return carriageReturn ? Arrays.copyOf(bytes, bytes.length - 1) : bytes;
  }

  private void skipByteOrderMark() throws IOException {
    in.mark(BYTE_ORDER_MARK.length);
    if (!Arrays.equals(in.readNBytes(BYTE_ORDER_MARK.length), BYTE_ORDER_MARK)) {
      in.reset();
    }
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
