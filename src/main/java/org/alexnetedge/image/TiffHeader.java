package org.alexnetedge.image;

/**
 * Reads the first directory of a TIFF: size, whether its strips or tiles lie inside the file, and
 * where it says that it has alpha. The orientation is applied by OpenCV while it reads.
 *
 * @param header size and completeness; the orientation is 1
 * @param unassociatedAlpha offset of the low byte that says "alpha, not multiplied in", -1 when
 *     there is none: libtiff would multiply it in
 */
record TiffHeader(Header header, long unassociatedAlpha) {
  /** The other value of that byte: "alpha, multiplied in already". */
  static final byte ASSOCIATED = 1;

  private static final int UNASSOCIATED = 2;
  private static final String CUT = "The TIFF ends in the middle of its picture data.";
  private static final int IMAGE_WIDTH = 256;
  private static final int IMAGE_LENGTH = 257;
  private static final int BITS_PER_SAMPLE = 258;
  private static final int COMPRESSION = 259;
  private static final int STRIP_OFFSETS = 273;
  private static final int SAMPLES_PER_PIXEL = 277;
  private static final int ROWS_PER_STRIP = 278;
  private static final int STRIP_BYTE_COUNTS = 279;
  private static final int PLANAR = 284;
  private static final int TILE_OFFSETS = 324;
  private static final int TILE_BYTE_COUNTS = 325;
  private static final int EXTRA_SAMPLES = 338;

  static TiffHeader read(Bytes b) throws ImageException {
    Directory d = Directory.first(b);
    long width = d.field(IMAGE_WIDTH).first(0);
    long height = d.field(IMAGE_LENGTH).first(0);
    if (width <= 0 || height <= 0 || width > Integer.MAX_VALUE || height > Integer.MAX_VALUE) {
      throw ImageException.failed(
          "The TIFF's header gives an impossible size (" + width + " x " + height + ").");
    }
    Field extra = d.field(EXTRA_SAMPLES);
    long alpha = extra.first(0) == UNASSOCIATED ? extra.at() : -1;
    Header header =
        new Header((int) width, (int) height, 1, isComplete(b, d, width, height) ? null : CUT);
    return new TiffHeader(header, alpha < 0 || d.little() ? alpha : alpha + extra.bytes() - 1);
  }

  private static boolean isComplete(Bytes b, Directory d, long width, long height) {
    boolean tiles = d.field(TILE_OFFSETS).count() > 0;
    Field offsets = d.field(tiles ? TILE_OFFSETS : STRIP_OFFSETS);
    Field counts = d.field(tiles ? TILE_BYTE_COUNTS : STRIP_BYTE_COUNTS);
    // Wrong byte counts are common in uncompressed files, where the size is known anyway.
    long rowsPerStrip = Math.min(height, d.field(ROWS_PER_STRIP).first(height));
    long samples = d.field(PLANAR).first(1) == 2 ? 1 : d.field(SAMPLES_PER_PIXEL).first(1);
    long rowBytes = (width * samples * d.field(BITS_PER_SAMPLE).first(1) + 7) / 8;
    boolean known = !tiles && d.field(COMPRESSION).first(1) == 1 && rowsPerStrip > 0;
    long strips = known ? (height + rowsPerStrip - 1) / rowsPerStrip : 1;
    for (long i = 0; i < offsets.count(); i++) {
      long bytes = i < counts.count() ? counts.value(i, 0) : 0;
      if (known) {
        bytes = rowBytes * Math.min(rowsPerStrip, height - i % strips * rowsPerStrip);
      }
      if (!b.has(offsets.value(i, -1), bytes)) {
        return false;
      }
    }
    return true;
  }

  /** The first image file directory of a TIFF or BigTIFF. */
  private record Directory(Bytes b, boolean little, boolean big, long entries, long start) {

    static Directory first(Bytes b) throws ImageException {
      boolean little = b.u8(0) == 'I';
      boolean big = number(b, little, 2, 2) == 43;
      if (!b.has(0, big ? 16 : 8)) {
        throw ImageException.truncated("The TIFF ends in its header.");
      }
      long at = number(b, little, big ? 8 : 4, big ? 8 : 4);
      int countBytes = big ? 8 : 2;
      if (!b.has(at, countBytes)) {
        throw ImageException.truncated("The TIFF ends before its directory.");
      }
      long entries = number(b, little, at, countBytes);
      if (entries < 0 || entries > 65535 || !b.has(at + countBytes, entries * (big ? 20 : 12))) {
        throw ImageException.truncated("The TIFF ends in its directory.");
      }
      return new Directory(b, little, big, entries, at + countBytes);
    }

    /** The numbers of a tag; none when the directory lacks it. */
    Field field(int tag) {
      for (long i = 0; i < entries; i++) {
        long entry = start + i * (big ? 20 : 12);
        if (number(b, little, entry, 2) == tag) {
          int bytes =
              switch ((int) number(b, little, entry + 2, 2)) {
                case 1 -> 1;
                case 3 -> 2;
                case 16 -> 8;
                default -> 4;
              };
          int wide = big ? 8 : 4;
          long count = Math.clamp(number(b, little, entry + 4, wide), 0, b.length());
          long values = entry + 4 + wide;
          // As many as fit stand in the entry itself.
          long at = count * bytes <= wide ? values : number(b, little, values, wide);
          return new Field(b, little, at, bytes, count);
        }
      }
      return new Field(b, little, 0, 1, 0);
    }
  }

  private record Field(Bytes b, boolean little, long at, int bytes, long count) {
    long first(long otherwise) {
      return value(0, otherwise);
    }

    long value(long i, long otherwise) {
      long offset = at + i * bytes;
      return i < count && b.has(offset, bytes) ? number(b, little, offset, bytes) : otherwise;
    }
  }

  private static long number(Bytes b, boolean little, long at, int bytes) {
    return switch (bytes) {
      case 1 -> b.u8(at);
      case 2 -> little ? b.u16le(at) : b.u16be(at);
      case 4 -> little ? b.u32le(at) : b.u32be(at);
      default -> little ? b.u32le(at) | b.u32le(at + 4) << 32 : b.u32be(at + 4) | b.u32be(at) << 32;
    };
  }
}
