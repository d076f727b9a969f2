package org.alexnetedge.image;

/**
 * The orientation of a picture in its EXIF or XMP block: 1 is upright, 2 to 8 as in the EXIF
 * standard, 0 when the block says nothing. A broken block says nothing.
 */
final class Exif {
  static final int NOT_GIVEN = 0;

  private static final int ORIENTATION = 0x0112;
  private static final int SHORT = 3;
  private static final int LONG = 4;

  private Exif() {}

  /** Reads a block that begins with the TIFF header ({@code II*} or {@code MM*}). */
  static int orientation(Bytes tiff) {
    boolean little = tiff.is(0, "II*\0");
    if (!little && !tiff.is(0, "MM\0*") || !tiff.has(4, 4)) {
      return NOT_GIVEN;
    }
    long directory = little ? tiff.u32le(4) : tiff.u32be(4);
    if (!tiff.has(directory, 2)) {
      return NOT_GIVEN;
    }
    int entries = little ? tiff.u16le(directory) : tiff.u16be(directory);
    for (int i = 0; i < entries; i++) {
      long entry = directory + 2 + 12L * i;
      if (!tiff.has(entry, 12)) {
        return NOT_GIVEN;
      }
      if ((little ? tiff.u16le(entry) : tiff.u16be(entry)) == ORIENTATION) {
        int type = little ? tiff.u16le(entry + 2) : tiff.u16be(entry + 2);
        long value =
            switch (type) {
              case SHORT -> little ? tiff.u16le(entry + 8) : tiff.u16be(entry + 8);
              case LONG -> little ? tiff.u32le(entry + 8) : tiff.u32be(entry + 8);
              default -> tiff.u8(entry + 8);
            };
        // A value that means nothing still counts as given: XMP is not asked then.
        return value >= 1 && value <= 8 ? (int) value : 1;
      }
    }
    return NOT_GIVEN;
  }

  /** Reads an XMP packet: {@code tiff:Orientation="6"} or {@code <tiff:Orientation>6}. */
  static int orientationInXmp(Bytes xmp) {
    String text = xmp.latin1();
    int at = text.indexOf("tiff:Orientation");
    if (at < 0) {
      return NOT_GIVEN;
    }
    int value = at + "tiff:Orientation".length();
    if (text.startsWith("=\"", value)) {
      value += 2;
    } else if (text.startsWith(">", value)) {
      value += 1;
    }
    char digit = value < text.length() ? text.charAt(value) : '0';
    return digit >= '1' && digit <= '8' ? digit - '0' : NOT_GIVEN;
  }
}
