package org.alexnetedge.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Undoes a PNG's filters and interlacing and makes RGB of its samples. */
final class PngRows {
  /** First column, first row, step in both: the seven passes of Adam7. */
  private static final int[][] ADAM7 = {
    {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}
  };

  private static final int[][] WHOLE = {{0, 0, 1, 1}};

  private final PngLayout layout;
  private final MemorySegment target;
  private final byte[] red = new byte[256];
  private final byte[] green = new byte[256];
  private final byte[] blue = new byte[256];
  private final int pixelBytes;
  private final byte[] rgb;

  PngRows(PngLayout layout, byte[] palette, MemorySegment target) {
    this.layout = layout;
    this.target = target;
    this.pixelBytes = Math.max(1, layout.bitsPerPixel() / 8);
    this.rgb = new byte[3 * layout.width()];
    boolean indexed = layout.colour() == PngLayout.PALETTE;
    int scale = layout.depth() < 8 ? 255 / ((1 << layout.depth()) - 1) : 1;
    for (int i = 0; i < 256; i++) {
      boolean given = 3 * i + 2 < palette.length;
      red[i] = !indexed ? (byte) (i * scale) : given ? palette[3 * i] : 0;
      green[i] = !indexed ? (byte) (i * scale) : given ? palette[3 * i + 1] : 0;
      blue[i] = !indexed ? (byte) (i * scale) : given ? palette[3 * i + 2] : 0;
    }
  }

  /** Reads all rows; false when the data ends before the last. */
  boolean readFrom(PngData data) throws ImageException {
    int capacity = Math.toIntExact(layout.rowBytes(layout.width())) + 1;
    byte[] row = new byte[capacity];
    byte[] above = new byte[capacity];
    for (int[] pass : layout.interlaced() ? ADAM7 : WHOLE) {
      int columns = Math.ceilDiv(Math.max(0, layout.width() - pass[0]), pass[2]);
      int length = (int) layout.rowBytes(columns) + 1;
      if (columns == 0) {
        continue;
      }
      java.util.Arrays.fill(above, 0, length, (byte) 0);
      for (int y = pass[1]; y < layout.height(); y += pass[3]) {
        if (!data.read(row, length)) {
          return false;
        }
        unfilter(row, above, length);
        toRgb(row, columns);
        long at = 3L * ((long) y * layout.width() + pass[0]);
        if (pass[2] == 1) {
          MemorySegment.copy(rgb, 0, target, ValueLayout.JAVA_BYTE, at, 3 * columns);
        } else {
          for (int i = 0; i < columns; i++, at += 3L * pass[2]) {
            MemorySegment.copy(rgb, 3 * i, target, ValueLayout.JAVA_BYTE, at, 3);
          }
        }
        byte[] swap = above;
        above = row;
        row = swap;
      }
    }
    return true;
  }

  /** Rows begin with the filter's number. */
  private void unfilter(byte[] row, byte[] above, int length) throws ImageException {
    int bpp = pixelBytes;
    switch (row[0]) {
      case 0 -> {}
      case 1 -> {
        for (int i = 1 + bpp; i < length; i++) {
          row[i] += row[i - bpp];
        }
      }
      case 2 -> {
        for (int i = 1; i < length; i++) {
          row[i] += above[i];
        }
      }
      case 3 -> {
        for (int i = 1; i < length; i++) {
          int left = i > bpp ? row[i - bpp] & 0xFF : 0;
          row[i] += (byte) ((left + (above[i] & 0xFF)) >> 1);
        }
      }
      case 4 -> {
        for (int i = 1; i < length; i++) {
          int left = i > bpp ? row[i - bpp] & 0xFF : 0;
          int up = above[i] & 0xFF;
          int upLeft = i > bpp ? above[i - bpp] & 0xFF : 0;
          int toLeft = Math.abs(up - upLeft);
          int toUp = Math.abs(left - upLeft);
          int toUpLeft = Math.abs(left + up - 2 * upLeft);
          row[i] +=
              (byte) (toLeft <= toUp && toLeft <= toUpLeft ? left : toUp <= toUpLeft ? up : upLeft);
        }
      }
      default -> throw ImageException.failed("The PNG is corrupt: a row has an unknown filter.");
    }
  }

  private void toRgb(byte[] row, int columns) {
    int depth = layout.depth();
    switch (layout.colour()) {
      case PngLayout.RGB, PngLayout.RGBA -> {
        int sample = depth / 8; // of two bytes the first is the high one
        for (int i = 0, at = 1; i < columns; i++, at += pixelBytes) {
          rgb[3 * i] = row[at];
          rgb[3 * i + 1] = row[at + sample];
          rgb[3 * i + 2] = row[at + 2 * sample];
        }
      }
      default -> {
        int mask = (1 << Math.min(depth, 8)) - 1;
        for (int i = 0; i < columns; i++) {
          int value;
          if (depth >= 8) {
            value = row[1 + i * pixelBytes] & 0xFF;
          } else {
            int bit = i * depth;
            value = row[1 + (bit >> 3)] >> 8 - depth - (bit & 7) & mask;
          }
          rgb[3 * i] = red[value];
          rgb[3 * i + 1] = green[value];
          rgb[3 * i + 2] = blue[value];
        }
      }
    }
  }
}
