package org.alexnetedge.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * PBM, PGM, PPM (text and binary) and PAM as RGB.
 *
 * <p>Read here and not by OpenCV, which misreads text files and ignores the largest value that a
 * header gives. Values up to 255 are scaled to 0..255; larger ones keep the high byte.
 */
final class PnmReader {
  private final Bytes b;
  private final int kind;
  private final int width;
  private final int height;
  private final int samples;
  private final int largest;
  private long at;

  PnmReader(Bytes b) throws ImageException {
    this.b = b;
    kind = b.u8(1) - '0';
    at = 2;
    if (kind == 7) {
      int[] header = pamHeader();
      width = header[0];
      height = header[1];
      samples = header[2];
      largest = header[3];
    } else {
      width = number();
      height = number();
      largest = kind == 1 || kind == 4 ? 1 : number();
      samples = kind == 3 || kind == 6 ? 3 : 1;
      at++; // one white space ends the header
    }
    if (largest < 1 || largest > 65535 || samples < 1 || samples > 255) {
      throw ImageException.failed(
          "The PNM's header gives an impossible largest value or number of samples.");
    }
  }

  Header header() {
    // Text needs a character a bit, or two a number.
    long needed = kind > 3 ? rowBytes() * height : (kind == 1 ? 1L : 2L) * width * samples * height;
    boolean there = needed - 1 <= b.length() - at;
    return new Header(
        width, height, 1, there ? null : "The PNM ends in the middle of its picture data.");
  }

  private long rowBytes() {
    return kind == 4 ? (width + 7L) / 8 : (long) width * samples * (largest > 255 ? 2 : 1);
  }

  /** Lines of a name and a value up to ENDHDR: width, height, samples, largest value. */
  private int[] pamHeader() throws ImageException {
    int[] values = {0, 0, 0, 0};
    while (true) {
      skipSpace();
      long start = at;
      while (b.has(at, 1) && b.u8(at) > ' ') {
        at++;
      }
      String name = b.slice(start, Math.min(at - start, 16)).latin1();
      switch (name) {
        case "WIDTH" -> values[0] = number();
        case "HEIGHT" -> values[1] = number();
        case "DEPTH" -> values[2] = number();
        case "MAXVAL" -> values[3] = number();
        case "ENDHDR" -> {
          at++;
          return values;
        }
        case "" -> throw ImageException.truncated("The PAM ends in its header.");
        default -> {
          while (b.has(at, 1) && b.u8(at) != '\n') {
            at++;
          }
        }
      }
    }
  }

  private void skipSpace() {
    while (b.has(at, 1) && (b.u8(at) <= ' ' || b.u8(at) == '#')) {
      if (b.u8(at) == '#') {
        while (b.has(at, 1) && b.u8(at) != '\n') {
          at++;
        }
      } else {
        at++;
      }
    }
  }

  private int number() throws ImageException {
    skipSpace();
    if (!b.has(at, 1)) {
      throw ImageException.truncated("The PNM ends in the middle of its picture data.");
    }
    long value = 0;
    long start = at;
    for (; b.has(at, 1) && b.u8(at) >= '0' && b.u8(at) <= '9'; at++) {
      value = Math.min(Integer.MAX_VALUE, 10 * value + b.u8(at) - '0');
    }
    if (at == start) {
      throw ImageException.failed("The PNM is corrupt: a number was expected.");
    }
    return (int) value;
  }

  /** Writes the pixels into [height, width, 3]; rows that are missing stay as they are. */
  void read(MemorySegment target, boolean lenient) throws ImageException {
    int bytes = largest > 255 ? 2 : 1;
    long rowBytes = rowBytes();
    if (rowBytes > Integer.MAX_VALUE - 16) {
      throw ImageException.failed("The PNM has more samples in a row than can be read.");
    }
    byte[] row = new byte[kind > 3 ? (int) rowBytes : 0];
    byte[] rgb = new byte[3 * width];
    for (int y = 0; y < height; y++) {
      try {
        if (kind > 3) {
          if (!b.has(at, rowBytes)) {
            throw ImageException.truncated("The PNM ends in the middle of its picture data.");
          }
          MemorySegment.copy(b.segment(), ValueLayout.JAVA_BYTE, at, row, 0, row.length);
          at += rowBytes;
          binaryRow(row, rgb, bytes);
        } else {
          textRow(rgb);
        }
      } catch (ImageException e) {
        if (lenient && e.kind() == ImageException.Kind.TRUNCATED) {
          return;
        }
        throw e;
      }
      MemorySegment.copy(rgb, 0, target, ValueLayout.JAVA_BYTE, 3L * y * width, rgb.length);
    }
  }

  private void binaryRow(byte[] row, byte[] rgb, int bytes) {
    for (int x = 0; x < width; x++) {
      for (int c = 0; c < 3; c++) {
        if (kind == 4) {
          rgb[3 * x + c] = (byte) ((row[x >> 3] >> 7 - (x & 7) & 1) != 0 ? 0 : 255);
        } else {
          int i = (x * samples + (samples >= 3 ? c : 0)) * bytes;
          int value = row[i] & 0xFF;
          rgb[3 * x + c] = scaled(bytes == 2 ? value << 8 | row[i + 1] & 0xFF : value);
        }
      }
    }
  }

  private void textRow(byte[] rgb) throws ImageException {
    for (int x = 0; x < width; x++) {
      for (int c = 0; c < 3; c++) {
        if (c >= samples) {
          rgb[3 * x + c] = rgb[3 * x];
        } else if (kind == 1) {
          rgb[3 * x + c] = (byte) (bit() ? 0 : 255);
        } else {
          rgb[3 * x + c] = scaled(number());
        }
      }
    }
  }

  /** The digits of a text bitmap may stand without space between them. */
  private boolean bit() throws ImageException {
    skipSpace();
    if (!b.has(at, 1)) {
      throw ImageException.truncated("The PNM ends in the middle of its picture data.");
    }
    int digit = b.u8(at++);
    if (digit != '0' && digit != '1') {
      throw ImageException.failed("The PNM is corrupt: a bitmap holds 0 and 1 only.");
    }
    return digit == '1';
  }

  private byte scaled(int value) {
    int v = Math.min(value, largest);
    if (largest == 255) {
      return (byte) v;
    }
    if (largest < 256) {
      return (byte) Math.rint((double) v / largest * 255);
    }
    return (byte) ((long) v * 65535 / largest >> 8);
  }
}
