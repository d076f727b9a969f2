package org.alexnetedge.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The first frame of a GIF as RGB.
 *
 * <p>Read here and not by OpenCV, which paints transparent pixels black; Pillow's {@code
 * convert("RGB")} keeps the colour of the palette. What the frame leaves free has the transparent
 * colour, or colour 0. Only the first frame has to be complete.
 */
final class GifReader {
  private static final String CUT = "The GIF ends in the middle of its picture data.";
  private static final int EXTENSION = 0x21;
  private static final int IMAGE = 0x2C;
  private static final int TRAILER = 0x3B;
  private static final int GRAPHIC_CONTROL = 0xF9;
  private static final int LARGEST_CODES = 4096;

  private final Bytes b;
  private byte[] palette = grayRamp();
  private int transparent = 0;
  private long at;
  private final int left;
  private final int top;
  private final int frameWidth;
  private final int frameHeight;
  private final boolean interlaced;
  private final int width;
  private final int height;

  /** Reads up to the first frame's data. */
  GifReader(Bytes b) throws ImageException {
    this.b = b;
    need(6, 7);
    int screenWidth = b.u16le(6);
    int screenHeight = b.u16le(8);
    at = 13;
    readPalette(b.u8(10));
    while (true) {
      need(at, 1);
      int block = b.u8(at++);
      if (block == IMAGE) {
        break;
      }
      if (block == TRAILER) {
        throw ImageException.failed("The GIF contains no picture.");
      }
      if (block == EXTENSION) {
        need(at, 2);
        if (b.u8(at) == GRAPHIC_CONTROL && b.has(at + 1, 5) && b.u8(at + 1) == 4) {
          transparent = (b.u8(at + 2) & 1) != 0 ? b.u8(at + 5) : 0;
        }
        at++;
        skipBlocks();
      }
    }
    need(at, 9);
    left = b.u16le(at);
    top = b.u16le(at + 2);
    frameWidth = b.u16le(at + 4);
    frameHeight = b.u16le(at + 6);
    int flags = b.u8(at + 8);
    interlaced = (flags & 0x40) != 0;
    at += 9;
    readPalette(flags);
    // A frame that reaches over the screen makes the screen larger, as in Pillow.
    width = Math.max(screenWidth, left + frameWidth);
    height = Math.max(screenHeight, top + frameHeight);
  }

  Header header() {
    return new Header(width, height, 1, null);
  }

  private void readPalette(int flags) throws ImageException {
    if ((flags & 0x80) != 0) {
      int bytes = 3 << (flags & 7) + 1;
      need(at, bytes);
      palette = grayRamp();
      MemorySegment.copy(b.segment(), ValueLayout.JAVA_BYTE, at, palette, 0, bytes);
      at += bytes;
    }
  }

  private static byte[] grayRamp() {
    byte[] ramp = new byte[768];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = (byte) (i / 3);
    }
    return ramp;
  }

  private void skipBlocks() throws ImageException {
    while (true) {
      need(at, 1);
      int length = b.u8(at);
      need(at, 1 + length);
      at += 1 + length;
      if (length == 0) {
        return;
      }
    }
  }

  private void need(long offset, long count) throws ImageException {
    if (!b.has(offset, count)) {
      throw ImageException.truncated("The GIF ends before its picture data.");
    }
  }

  /** Writes the pixels into [height, width, 3]. */
  void read(MemorySegment target, boolean lenient) throws ImageException {
    if (left != 0 || top != 0 || frameWidth != width || frameHeight != height || lenient) {
      for (long i = 0; i < (long) width * height; i++) {
        MemorySegment.copy(palette, 3 * transparent, target, ValueLayout.JAVA_BYTE, 3 * i, 3);
      }
    }
    if (!inflate(target) && !lenient) {
      throw ImageException.truncated(CUT);
    }
  }

  /** Paints one row of the frame. */
  private void paint(byte[] indices, byte[] rgb, int stored, MemorySegment target) {
    for (int x = 0; x < frameWidth; x++) {
      int colour = 3 * (indices[x] & 0xFF);
      rgb[3 * x] = palette[colour];
      rgb[3 * x + 1] = palette[colour + 1];
      rgb[3 * x + 2] = palette[colour + 2];
    }
    long offset = 3L * ((long) (top + rowOf(stored)) * width + left);
    MemorySegment.copy(rgb, 0, target, ValueLayout.JAVA_BYTE, offset, rgb.length);
  }

  /** Interlaced rows come in four passes: every 8th, every 8th from 4, every 4th from 2, odd. */
  private int rowOf(int stored) {
    if (!interlaced) {
      return stored;
    }
    int eighths = (frameHeight + 7) / 8;
    int fours = (frameHeight + 3) / 8;
    int twos = (frameHeight + 1) / 4;
    if (stored < eighths) {
      return 8 * stored;
    }
    if (stored < eighths + fours) {
      return 8 * (stored - eighths) + 4;
    }
    if (stored < eighths + fours + twos) {
      return 4 * (stored - eighths - fours) + 2;
    }
    return 2 * (stored - eighths - fours - twos) + 1;
  }

  /** Undoes the LZW coding; false when the data ends before the last pixel. */
  private boolean inflate(MemorySegment target) throws ImageException {
    if (!b.has(at, 1)) {
      return false;
    }
    int literalBits = b.u8(at++);
    if (literalBits < 1 || literalBits > 11) {
      throw ImageException.failed("The GIF is corrupt: it gives an impossible code size.");
    }
    int clear = 1 << literalBits;
    int[] prefix = new int[LARGEST_CODES];
    byte[] suffix = new byte[LARGEST_CODES];
    byte[] stack = new byte[LARGEST_CODES + 1];
    int size = literalBits + 1;
    int next = clear + 2;
    int previous = -1;
    int first = 0;
    byte[] row = new byte[frameWidth];
    byte[] rgb = new byte[3 * frameWidth];
    int column = 0;
    int stored = 0;
    int bits = 0;
    int available = 0;
    int block = 0;
    while (stored < frameHeight && frameWidth > 0) {
      while (available < size) {
        if (block == 0) {
          block = b.has(at, 1) ? b.u8(at++) : 0;
          if (block == 0) {
            return false;
          }
        }
        if (!b.has(at, 1)) {
          return false;
        }
        bits |= b.u8(at++) << available;
        available += 8;
        block--;
      }
      int code = bits & (1 << size) - 1;
      bits >>>= size;
      available -= size;
      if (code == clear) {
        size = literalBits + 1;
        next = clear + 2;
        previous = -1;
        continue;
      }
      if (code == clear + 1) {
        return false;
      }
      if (code > next || code == next && previous < 0 || previous < 0 && code > clear) {
        throw ImageException.failed("The GIF is corrupt: its compressed data is damaged.");
      }
      int depth = 0;
      int walk = code;
      if (code == next) { // the string before, with its own first pixel behind it
        stack[depth++] = (byte) first;
        walk = previous;
      }
      while (walk >= clear) {
        stack[depth++] = suffix[walk];
        walk = prefix[walk];
      }
      first = walk;
      stack[depth++] = (byte) first;
      if (previous >= 0 && next < LARGEST_CODES) {
        prefix[next] = previous;
        suffix[next] = (byte) first;
        next++;
        if (next == 1 << size && size < 12) {
          size++;
        }
      }
      previous = code;
      while (depth > 0 && stored < frameHeight) {
        row[column++] = stack[--depth];
        if (column == frameWidth) {
          paint(row, rgb, stored++, target);
          column = 0;
        }
      }
    }
    return true;
  }
}
