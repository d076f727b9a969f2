package org.alexnetedge.image;

/**
 * Walks the markers of a JPEG: size, orientation, and whether its end is there.
 *
 * <p>libjpeg fills up a picture whose data ends early and only prints a warning, so the
 * end-of-image marker has to be found here. A picture with the marker but with less data before it
 * than it needs cannot be told from a whole one without decoding it; Pillow takes such a picture
 * too.
 */
final class JpegHeader {
  private static final int START_OF_SCAN = 0xDA;
  private static final int END_OF_IMAGE = 0xD9;
  private static final String EXIF = "Exif\0\0";
  private static final String XMP = "http://ns.adobe.com/xap/1.0/\0";

  private JpegHeader() {}

  static Header read(Bytes b) throws ImageException {
    int width = 0;
    int height = 0;
    int orientation = Exif.NOT_GIVEN;
    int fromXmp = Exif.NOT_GIVEN;
    long at = 2;
    while (true) {
      at = nextMarker(b, at);
      if (at < 0 || !b.has(at, 3)) {
        throw ImageException.truncated("The JPEG ends before its picture data.");
      }
      int marker = b.u8(at);
      if (isStandalone(marker)) {
        if (marker == END_OF_IMAGE) {
          throw ImageException.failed("The JPEG contains no picture data.");
        }
        at++;
        continue;
      }
      int length = b.u16be(at + 1);
      long body = at + 3;
      if (length < 2) {
        throw ImageException.failed("The JPEG is corrupt: a segment has an impossible length.");
      }
      if (!b.has(at + 1, length)) {
        throw ImageException.truncated("The JPEG ends before its picture data.");
      }
      if (isFrame(marker)) {
        if (length < 8) {
          throw ImageException.failed("The JPEG is corrupt: its frame header is too short.");
        }
        height = b.u16be(body + 1);
        width = b.u16be(body + 3);
      } else if (marker == START_OF_SCAN) {
        break;
      } else if (marker == 0xE1 && orientation == Exif.NOT_GIVEN && b.is(body, EXIF)) {
        orientation = Exif.orientation(b.slice(body + EXIF.length(), length - 2 - EXIF.length()));
      } else if (marker == 0xE1 && fromXmp == Exif.NOT_GIVEN && b.is(body, XMP)) {
        fromXmp = Exif.orientationInXmp(b.slice(body + XMP.length(), length - 2 - XMP.length()));
      }
      at += 1 + length;
    }
    if (width == 0 && height == 0) {
      throw ImageException.failed("The JPEG is corrupt: it has no frame header before its data.");
    }
    int upright = orientation != Exif.NOT_GIVEN ? orientation : fromXmp;
    return new Header(
        width,
        height,
        Math.max(1, upright),
        reachesEnd(b, at) ? null : "The JPEG ends in the middle of its picture data.");
  }

  /**
   * Whether the end-of-image marker comes after the first scan's header. 0xFF 0xD9 cannot stand
   * inside scan data (a 0xFF there is followed by 0), so the usual last two bytes settle it; else
   * something follows the picture, and the scans are walked.
   */
  private static boolean reachesEnd(Bytes b, long startOfScan) {
    long last = b.length() - 2;
    if (last > startOfScan && b.u8(last) == 0xFF && b.u8(last + 1) == END_OF_IMAGE) {
      return true;
    }
    long at = startOfScan;
    while (true) {
      // at: a marker with a segment, which is followed by scan data or by the next marker.
      if (!b.has(at + 1, 2)) {
        return false;
      }
      at += 1 + b.u16be(at + 1);
      int marker;
      do {
        at = nextMarker(b, at);
        if (at < 0) {
          return false;
        }
        marker = b.u8(at);
        if (marker == END_OF_IMAGE) {
          return true;
        }
        if (isStandalone(marker)) {
          at++;
        }
      } while (isStandalone(marker));
    }
  }

  /**
   * Offset of the next marker's code, -1 when there is none; stuffed and fill bytes are skipped.
   */
  private static long nextMarker(Bytes b, long from) {
    long end = b.length() - 1;
    for (long at = from; at < end; at++) {
      if (b.u8(at) == 0xFF) {
        int code = b.u8(at + 1);
        if (code != 0 && code != 0xFF) {
          return at + 1;
        }
      }
    }
    return -1;
  }

  /** Markers without a segment: TEM, RST0 to RST7, SOI, EOI. */
  private static boolean isStandalone(int marker) {
    return marker == 0x01 || marker >= 0xD0 && marker <= END_OF_IMAGE;
  }

  /** SOF0 to SOF15; 0xC4 (DHT), 0xC8 (JPG) and 0xCC (DAC) lie between them. */
  private static boolean isFrame(int marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
  }
}
