package org.alexnetedge.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.alexnetedge.onnx.ElementType;

/**
 * How the elements of a NumPy array lie in memory.
 *
 * @param type what they are
 * @param bytes size of one; 0 for empty strings
 * @param bigEndian whether their bytes must be turned around
 * @param kind NumPy's letter
 */
record NpyElements(ElementType type, int bytes, boolean bigEndian, char kind) {

  /**
   * Understands a type such as {@code <f4}.
   *
   * @param name of the file, for messages
   */
  static NpyElements of(String descr, String name) {
    if (descr.contains("O")) {
      throw new WeightsException(
          name
              + " holds Python objects (a pickle), which are not read since they can run code; save"
              + " the array with a number type.");
    }
    if (!descr.matches("[<>|=]?[a-zA-Z]\\d{1,8}")) {
      throw unsupported(name, descr);
    }
    char order = Character.isLetter(descr.charAt(0)) ? '=' : descr.charAt(0);
    String rest = order == '=' && Character.isLetter(descr.charAt(0)) ? descr : descr.substring(1);
    char kind = rest.charAt(0);
    int number = Integer.parseInt(rest.substring(1));
    ElementType type =
        switch (rest) {
          case "b1" -> ElementType.BOOL;
          case "i1" -> ElementType.INT8;
          case "u1" -> ElementType.UINT8;
          case "i2" -> ElementType.INT16;
          case "u2" -> ElementType.UINT16;
          case "i4" -> ElementType.INT32;
          case "u4" -> ElementType.UINT32;
          case "i8" -> ElementType.INT64;
          case "u8" -> ElementType.UINT64;
          case "f2" -> ElementType.FLOAT16;
          case "f4" -> ElementType.FLOAT32;
          case "f8" -> ElementType.FLOAT64;
          case "c8" -> ElementType.COMPLEX64;
          case "c16" -> ElementType.COMPLEX128;
          // NumPy has no bfloat16; arrays of ml_dtypes' are saved as two bytes of anything.
          case "V2" -> ElementType.BFLOAT16;
          default -> {
            if (kind == 'U' || kind == 'S') {
              yield ElementType.STRING;
            }
            throw unsupported(name, descr);
          }
        };
    return new NpyElements(type, kind == 'U' ? 4 * number : number, order == '>', kind);
  }

  private static WeightsException unsupported(String name, String descr) {
    return new WeightsException(
        name + " has elements of NumPy's type '" + descr + "', which is not supported.");
  }

  /** NumPy's name of a type. */
  static String descr(ElementType type) {
    return switch (type) {
      case BOOL -> "|b1";
      case INT8 -> "|i1";
      case UINT8 -> "|u1";
      case INT16 -> "<i2";
      case UINT16 -> "<u2";
      case INT32 -> "<i4";
      case UINT32 -> "<u4";
      case INT64 -> "<i8";
      case UINT64 -> "<u8";
      case FLOAT16 -> "<f2";
      case FLOAT32 -> "<f4";
      case FLOAT64 -> "<f8";
      case COMPLEX64 -> "<c8";
      case COMPLEX128 -> "<c16";
      case BFLOAT16 -> "<V2";
      default -> throw new IllegalArgumentException("NumPy arrays have no type " + type);
    };
  }

  /** The same segment, or a copy of it with the bytes of each number turned around. */
  MemorySegment toLittleEndian(MemorySegment data) {
    int width = kind == 'c' ? bytes / 2 : bytes;
    if (!bigEndian || width == 1) {
      return data;
    }
    MemorySegment turned = Arena.ofAuto().allocate(data.byteSize(), 8);
    for (long i = 0; i < data.byteSize(); i += width) {
      for (int b = 0; b < width; b++) {
        turned.set(
            ValueLayout.JAVA_BYTE, i + width - 1 - b, data.get(ValueLayout.JAVA_BYTE, i + b));
      }
    }
    return turned;
  }

  /** A copy with the last dimension fastest, of elements whose first dimension is fastest. */
  static MemorySegment toCOrder(MemorySegment data, long[] shape, int bytes) {
    MemorySegment ordered = Arena.ofAuto().allocate(data.byteSize(), 8);
    long[] strides = new long[shape.length];
    long stride = bytes;
    for (int d = 0; d < shape.length; d++) {
      strides[d] = stride;
      stride *= shape[d];
    }
    long[] index = new long[shape.length];
    long from = 0;
    for (long to = 0; to < data.byteSize(); to += bytes) {
      MemorySegment.copy(data, from, ordered, to, bytes);
      // Counts up the index, the last dimension first, and moves the source along.
      for (int d = shape.length - 1; d >= 0; d--) {
        from += strides[d];
        if (++index[d] < shape[d]) {
          break;
        }
        from -= strides[d] * shape[d];
        index[d] = 0;
      }
    }
    return ordered;
  }

  /** Text, which NumPy fills up with zeros. */
  List<String> strings(MemorySegment data, long size) {
    List<String> strings = new ArrayList<>();
    ValueLayout.OfInt character =
        ValueLayout.JAVA_INT_UNALIGNED.withOrder(
            bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    for (long i = 0; i < size; i++) {
      MemorySegment element = data.asSlice(i * bytes, bytes);
      if (kind == 'S') {
        byte[] text = element.toArray(ValueLayout.JAVA_BYTE);
        int length = text.length;
        while (length > 0 && text[length - 1] == 0) {
          length--;
        }
        strings.add(new String(text, 0, length, StandardCharsets.UTF_8));
      } else {
        int[] characters = element.toArray(character);
        int length = characters.length;
        StringBuilder text = new StringBuilder();
        while (length > 0 && characters[length - 1] == 0) {
          length--;
        }
        for (int c = 0; c < length; c++) {
          text.appendCodePoint(Character.isValidCodePoint(characters[c]) ? characters[c] : 0xfffd);
        }
        strings.add(text.toString());
      }
    }
    return strings;
  }
}
