package org.alexnetedge.onnx;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** The walk of {@link WireScan}; ends early by {@link Stop}. */
final class WireScanner {
  // Wire types of protobuf's encoding; 3 and 4 are groups, which ONNX does not have.
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  // Sizes on the heap: a message with its empty lists; a view of bytes with its slice of the
  // buffer.
  private static final int MESSAGE = 200;
  private static final int VIEW = 120;
  private static final int SCALAR = 16;

  private static final int DEEPEST = 100; // CodedInputStream's own limit.

  private final MemorySegment bytes;
  private long position;
  private boolean begun;
  long heap;

  WireScanner(MemorySegment bytes) {
    this.bytes = bytes;
  }

  static final class Stop extends Exception {
    private static final long serialVersionUID = 1L;
    final transient WireScan result;

    Stop(WireScan result) {
      super(null, null, false, false);
      this.result = result;
    }
  }

  void message(Descriptor descriptor, long end, int depth) throws Stop {
    if (depth > DEEPEST) {
      throw new Stop(new WireScan.Malformed("its parts are nested deeper than " + DEEPEST));
    }
    heap += MESSAGE;
    while (position < end) {
      long tag = varint(end);
      int number = (int) (tag >>> 3);
      if (number <= 0 || tag >>> 32 != 0) {
        throw new Stop(new WireScan.Malformed("it does not follow the format"));
      }
      field(descriptor.findFieldByNumber(number), (int) tag & 7, end, depth);
    }
  }

  private void field(@Nullable FieldDescriptor field, int wireType, long end, int depth)
      throws Stop {
    // Unknown fields are those of a newer format, but a file does not begin with them; and a known
    // field at the top that is of another kind means another format.
    boolean foreign = field == null ? !begun : depth == 0 && !fits(field, wireType);
    if (foreign) {
      throw new Stop(new WireScan.Malformed("it does not begin as one"));
    }
    begun = true;
    switch (wireType) {
      case VARINT -> {
        varint(end);
        heap += SCALAR;
      }
      case FIXED64 -> skip(8, end, SCALAR);
      case FIXED32 -> skip(4, end, SCALAR);
      case BYTES -> {
        long length = varint(end);
        if (length < 0 || length > Integer.MAX_VALUE) {
          throw new Stop(new WireScan.Malformed("it does not follow the format"));
        }
        if (length > end - position) {
          throw tooLong(length, end);
        }
        if (field != null && field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
          message(field.getMessageType(), position + length, depth + 1);
        } else {
          skip(length, end, cost(field, length));
        }
      }
      default -> throw new Stop(new WireScan.Malformed("it does not follow the format"));
    }
  }

  /** A part longer than the one around it is damage, unless the file itself ends there. */
  private Stop tooLong(long length, long end) {
    return new Stop(
        end == bytes.byteSize()
            ? new WireScan.CutOff(length - (end - position))
            : new WireScan.Malformed("its parts do not fit into each other"));
  }

  private static boolean fits(FieldDescriptor field, int wireType) {
    return switch (field.getJavaType()) {
      case INT, LONG, BOOLEAN, ENUM ->
          wireType == VARINT || field.isRepeated() && wireType == BYTES;
      case FLOAT -> wireType == FIXED32 || field.isRepeated() && wireType == BYTES;
      case DOUBLE -> wireType == FIXED64 || field.isRepeated() && wireType == BYTES;
      case STRING, BYTE_STRING, MESSAGE -> wireType == BYTES;
    };
  }

  /** Packed numbers become arrays on the heap, which grow by halves; all else is a view. */
  private static long cost(@Nullable FieldDescriptor field, long length) {
    if (field == null) {
      return VIEW;
    }
    return switch (field.getJavaType()) {
      case INT, ENUM, BOOLEAN -> 10 * length;
      case LONG -> 20 * length;
      case FLOAT, DOUBLE -> 5 * length / 2;
      default -> VIEW;
    };
  }

  private void skip(long length, long end, long cost) throws Stop {
    if (length > end - position) {
      throw tooLong(length, end);
    }
    position += length;
    heap += cost;
  }

  private long varint(long end) throws Stop {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (position == end) {
        throw tooLong(1, end);
      }
      byte b = bytes.get(ValueLayout.JAVA_BYTE, position++);
      value |= (b & 0x7fL) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw new Stop(new WireScan.Malformed("it does not follow the format"));
  }
}
