package org.alexnetedge.image;

import org.jspecify.annotations.Nullable;

/** Reads a BMP's headers: size, and whether its pixels are all there. */
final class BmpHeader {
  private static final String CUT = "The BMP ends in the middle of its picture data.";
  private static final int RLE8 = 1;
  private static final int RLE4 = 2;
  private static final int BITFIELDS = 3;
  private static final int ALPHA_BITFIELDS = 6;

  private BmpHeader() {}

  static Header read(Bytes b) throws ImageException {
    long headerSize = b.u32le(14);
    boolean os2 = headerSize < 40;
    if (!b.has(14, os2 ? 12 : 40)) {
      throw ImageException.truncated("The BMP ends in its header.");
    }
    long width = os2 && headerSize == 12 ? b.u16le(18) : (int) b.u32le(18);
    long rows = os2 && headerSize == 12 ? b.u16le(20) : (int) b.u32le(22);
    int bits = os2 && headerSize == 12 ? b.u16le(24) : b.u16le(28);
    int compression = os2 ? 0 : (int) b.u32le(30);
    long height = Math.abs(rows); // negative: stored from the top down
    if (width <= 0 || height == 0 || height > Integer.MAX_VALUE) {
      throw ImageException.failed(
          "The BMP's header gives an impossible size (" + width + " x " + rows + ").");
    }
    return new Header(
        (int) width, (int) height, 1, missing(b, b.u32le(10), width, height, bits, compression));
  }

  private static @Nullable String missing(
      Bytes b, long offset, long width, long height, int bits, int compression) {
    if (bits != 1
        && bits != 2
        && bits != 4
        && bits != 8
        && bits != 16
        && bits != 24
        && bits != 32) {
      return null; // Not cut off but corrupt, which the decoder finds out.
    }
    return switch (compression) {
      case 0, BITFIELDS, ALPHA_BITFIELDS -> {
        long stride = (width * bits + 31) / 32 * 4;
        // Padding after the last pixel does not count: some writers leave it out.
        long needed = stride * (height - 1) + (width * bits + 7) / 8;
        yield b.has(offset, needed) ? null : CUT;
      }
      case RLE8, RLE4 -> runsComplete(b, offset, width, height, compression == RLE4) ? null : CUT;
      default -> null; // An embedded JPEG or PNG, which the decoder refuses.
    };
  }

  /** Walks the run-length codes to the end-of-bitmap code or the last pixel. */
  private static boolean runsComplete(
      Bytes b, long offset, long width, long height, boolean nibbles) {
    long x = 0;
    long y = 0;
    for (long at = offset; b.has(at, 2); ) {
      int count = b.u8(at);
      int value = b.u8(at + 1);
      at += 2;
      if (count > 0) {
        x += count;
      } else if (value == 0) {
        x = 0;
        y++;
      } else if (value == 1) {
        return true;
      } else if (value == 2) {
        if (!b.has(at, 2)) {
          return false;
        }
        x += b.u8(at);
        y += b.u8(at + 1);
        at += 2;
      } else {
        x += value;
        int bytes = nibbles ? (value + 1) / 2 : value;
        at += bytes + (bytes & 1);
      }
      if (y >= height || y == height - 1 && x >= width && at <= b.length()) {
        return true;
      }
    }
    return false;
  }
}
