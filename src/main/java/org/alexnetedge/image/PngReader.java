package org.alexnetedge.image;

import java.lang.foreign.MemorySegment;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a PNG, and its first picture as RGB.
 *
 * <p>Read here and not by OpenCV, since that one hands out half a picture when the data is short or
 * corrupt and says so on standard error only. Alpha and transparent colours are dropped, 16 bits
 * keep the high byte, as with Pillow's {@code convert("RGB")}. A damaged ancillary chunk is passed
 * over.
 */
final class PngReader {
  private static final String CUT = "The PNG ends in the middle of its picture data.";
  private static final int SIGNATURE = 8;
  private static final int IHDR = 0x49484452;
  private static final int PLTE = 0x504C5445;
  private static final int IDAT = 0x49444154;
  private static final int IEND = 0x49454E44;
  private static final int EXIF = 0x65584966; // eXIf
  private static final int ITXT = 0x69545874;
  private static final String XMP = "XML:com.adobe.xmp\0\0\0\0\0";

  private final Bytes b;
  private final PngLayout layout;
  private byte[] palette = new byte[0];
  private int orientation = Exif.NOT_GIVEN;
  private int orientationInXmp = Exif.NOT_GIVEN;
  private long firstData = -1;
  private @Nullable String missing;

  PngReader(Bytes b) throws ImageException {
    this.b = b;
    if (!b.has(SIGNATURE, 25)) {
      throw ImageException.truncated("The PNG ends in its header.");
    }
    if (b.u32be(SIGNATURE) != 13 || b.u32be(SIGNATURE + 4) != IHDR) {
      throw ImageException.failed("The PNG is corrupt: its header is not where it must be.");
    }
    checkSum(SIGNATURE);
    layout =
        PngLayout.of(
            b.u32be(SIGNATURE + 8),
            b.u32be(SIGNATURE + 12),
            b.u8(SIGNATURE + 16),
            b.u8(SIGNATURE + 17),
            b.u8(SIGNATURE + 18) | b.u8(SIGNATURE + 19),
            b.u8(SIGNATURE + 20));
    walkChunks();
  }

  Header header() {
    int upright = orientation != Exif.NOT_GIVEN ? orientation : orientationInXmp;
    return new Header(layout.width(), layout.height(), Math.max(1, upright), missing);
  }

  private void walkChunks() throws ImageException {
    for (long at = SIGNATURE + 25; ; ) {
      if (!b.has(at, 12)) {
        missing = firstData < 0 ? "The PNG ends before its picture data." : CUT;
        return;
      }
      long length = b.u32be(at);
      int type = (int) b.u32be(at + 4);
      if (type == IDAT && firstData < 0) {
        firstData = at;
      }
      if (!b.has(at, 12 + length)) {
        missing = firstData < 0 ? "The PNG ends before its picture data." : CUT;
        return;
      }
      switch (type) {
        case IEND -> {
          if (firstData < 0) {
            missing = "The PNG contains no picture data.";
          }
          return;
        }
        case PLTE -> {
          checkSum(at);
          palette =
              b.slice(at + 8, Math.min(length, 768))
                  .segment()
                  .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
        }
        case EXIF -> {
          if (orientation == Exif.NOT_GIVEN && crcHolds(at)) {
            orientation = Exif.orientation(b.slice(at + 8, length));
          }
        }
        case ITXT -> {
          if (b.is(at + 8, XMP)) {
            orientationInXmp =
                Exif.orientationInXmp(b.slice(at + 8 + XMP.length(), length - XMP.length()));
          }
        }
        default -> {}
      }
      at += 12 + length;
    }
  }

  /**
   * Writes the pixels.
   *
   * @param target [height, width, 3]; rows that are missing stay as they are
   * @param lenient whether missing data is no error
   */
  void read(MemorySegment target, boolean lenient) throws ImageException {
    if (layout.colour() == PngLayout.PALETTE && palette.length == 0) {
      throw ImageException.failed("The PNG is corrupt: it has no palette.");
    }
    try (PngData data = new PngData(this, firstData)) {
      PngRows rows = new PngRows(layout, palette, target);
      if (!rows.readFrom(data)) {
        if (!lenient) {
          throw ImageException.truncated(CUT);
        }
      } else {
        data.checkEnd();
      }
    }
  }

  /** The body of the data chunk at {@code at}, null when another chunk stands there. */
  @Nullable Bytes dataAt(long at) throws ImageException {
    if (at < 0 || !b.has(at, 8) || b.u32be(at + 4) != IDAT) {
      return null;
    }
    if (b.has(at, 12 + b.u32be(at))) {
      checkSum(at);
    }
    return b.slice(at + 8, b.u32be(at));
  }

  private void checkSum(long chunk) throws ImageException {
    if (!crcHolds(chunk)) {
      throw ImageException.failed("The PNG is corrupt: a checksum is wrong.");
    }
  }

  private boolean crcHolds(long chunk) {
    long length = b.u32be(chunk);
    CRC32 crc = new CRC32();
    crc.update(b.slice(chunk + 4, 4 + length).segment().asByteBuffer());
    return crc.getValue() == b.u32be(chunk + 8 + length);
  }
}
