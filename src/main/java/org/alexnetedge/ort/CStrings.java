package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Collection;

/** Zero-terminated UTF-8, single and in arrays. */
final class CStrings {
  private CStrings() {}

  /** Reads the string at an address; null gives an empty one. */
  static String read(long address) {
    return address == 0
        ? ""
        : MemorySegment.ofAddress(address).reinterpret(Long.MAX_VALUE).getString(0);
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
