package org.alexnetedge.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The encoded picture, read as unsigned numbers. Every access is checked against the length. */
record Bytes(MemorySegment segment) {
  private static final ValueLayout.OfShort BIG_16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfShort LITTLE_16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt BIG_32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt LITTLE_32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  long length() {
    return segment.byteSize();
  }

  /** Whether {@code count} bytes are there from {@code offset} on. */
  boolean has(long offset, long count) {
    return offset >= 0 && count >= 0 && offset <= length() && count <= length() - offset;
  }

  int u8(long offset) {
    return Byte.toUnsignedInt(segment.get(ValueLayout.JAVA_BYTE, offset));
  }

  int u16be(long offset) {
    return Short.toUnsignedInt(segment.get(BIG_16, offset));
  }

  int u16le(long offset) {
    return Short.toUnsignedInt(segment.get(LITTLE_16, offset));
  }

  long u32be(long offset) {
    return Integer.toUnsignedLong(segment.get(BIG_32, offset));
  }

  long u32le(long offset) {
    return Integer.toUnsignedLong(segment.get(LITTLE_32, offset));
  }

  /** Whether these Latin-1 characters stand at the offset. */
  boolean is(long offset, String characters) {
    if (!has(offset, characters.length())) {
      return false;
    }
    for (int i = 0; i < characters.length(); i++) {
      if (u8(offset + i) != characters.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** The bytes from {@code offset} on, at most {@code count} and at most what there is. */
  Bytes slice(long offset, long count) {
    long from = Math.clamp(offset, 0, length());
    return new Bytes(segment.asSlice(from, Math.clamp(count, 0, length() - from)));
  }

  /** All of it as text, one character a byte. */
  String latin1() {
    return new String(segment.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.ISO_8859_1);
  }
}
