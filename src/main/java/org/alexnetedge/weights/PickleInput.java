package org.alexnetedge.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The bytes of a pickle, read from front to back and never beyond their end. */
final class PickleInput {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment bytes;
  private final String where;
  private long position;

  /**
   * Begins at the first byte.
   *
   * @param where for messages
   */
  PickleInput(MemorySegment bytes, String where) {
    this.bytes = bytes;
    this.where = where;
  }

  int uint8() {
    return bytes.get(ValueLayout.JAVA_BYTE, take(1)) & 0xff;
  }

  int uint16() {
    return bytes.get(SHORT, take(2)) & 0xffff;
  }

  int int32() {
    return bytes.get(INT, take(4));
  }

  long uint32() {
    return int32() & 0xffff_ffffL;
  }

  /** Lengths above the largest long come out negative, which {@link #take} refuses. */
  long int64() {
    return bytes.get(LONG, take(8));
  }

  /** The next bytes, without a copy. */
  MemorySegment slice(long length) {
    return bytes.asSlice(take(length), length);
  }

  /** Up to the next line feed, which is passed over. */
  String line() {
    long end = position;
    while (end < bytes.byteSize() && bytes.get(ValueLayout.JAVA_BYTE, end) != '\n') {
      end++;
    }
    MemorySegment line = slice(end - position);
    take(1);
    return text(line);
  }

  static String text(MemorySegment utf8) {
    return new String(utf8.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  /** Passes over some bytes and gives the place of the first. */
  private long take(long length) {
    if (length < 0 || length > bytes.byteSize() - position) {
      throw new WeightsException(
          where
              + " is cut off or damaged: "
              + Long.toUnsignedString(length)
              + " bytes should follow at byte "
              + position
              + ", of which "
              + (bytes.byteSize() - position)
              + " are there.");
    }
    long from = position;
    position += length;
    return from;
  }
}
