package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HexFormat;

/** Zero-terminated UTF-8, single and in arrays. */
final class CStrings {
  private CStrings() {}

  /** Reads the string at an address; null gives an empty one. */
  static String read(long address) {
    return address == 0
        ? ""
        : MemorySegment.ofAddress(address).reinterpret(Long.MAX_VALUE).getString(0);
  }

  /**
   * A file's path in the bytes that the file system has. {@link Path#toString} loses those that are
   * not the locale's; the URI form, in which they are percent-encoded, keeps them.
   */
  static MemorySegment path(SegmentAllocator allocator, Path path) {
    String text = path.toString();
    if (text.chars().allMatch(c -> c < 0x80)) {
      return allocator.allocateFrom(text);
    }
    String encoded = path.toUri().getRawPath();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length() + 1);
    for (int i = 0; i < encoded.length(); i++) {
      char c = encoded.charAt(i);
      if (c == '%') {
        bytes.write(HexFormat.fromHexDigits(encoded, i + 1, i + 3));
        i += 2;
      } else {
        bytes.write(c);
      }
    }
    bytes.write(0);
    return allocator.allocateFrom(ValueLayout.JAVA_BYTE, bytes.toByteArray());
  }

  /** Makes a {@code const char* const*}. */
  static MemorySegment array(SegmentAllocator allocator, Collection<String> strings) {
    MemorySegment array = allocator.allocate(JAVA_LONG, Math.max(1, strings.size()));
    int i = 0;
    for (String string : strings) {
      array.setAtIndex(JAVA_LONG, i++, allocator.allocateFrom(string).address());
    }
    return array;
  }
}
