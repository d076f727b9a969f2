package org.alexnetedge.image;

/** Reads the RIFF chunks of a WebP: size, orientation, and whether all of it is there. */
final class WebpHeader {
  private WebpHeader() {}

  static Header read(Bytes b) throws ImageException {
    long end = 8 + b.u32le(4);
    String missing = b.length() < end ? "The WebP ends in the middle of its picture data." : null;
    int width = 0;
    int height = 0;
    int orientation = Exif.NOT_GIVEN;
    int fromXmp = Exif.NOT_GIVEN;
    for (long at = 12; b.has(at, 8); ) {
      long length = b.u32le(at + 4);
      Bytes body = b.slice(at + 8, length);
      if (width == 0 && b.is(at, "VP8X") && body.has(0, 10)) {
        width = 1 + body.u16le(4) + (body.u8(6) << 16);
        height = 1 + body.u16le(7) + (body.u8(9) << 16);
      } else if (width == 0 && b.is(at, "VP8L") && body.has(0, 5)) {
        int bits = (int) body.u32le(1);
        width = 1 + (bits & 0x3FFF);
        height = 1 + (bits >>> 14 & 0x3FFF);
      } else if (width == 0 && b.is(at, "VP8 ") && body.has(0, 10)) {
        width = body.u16le(6) & 0x3FFF;
        height = body.u16le(8) & 0x3FFF;
      } else if (b.is(at, "EXIF") && orientation == Exif.NOT_GIVEN) {
        // Some writers repeat the JPEG marker's name in front.
        orientation = Exif.orientation(body.is(0, "Exif\0\0") ? body.slice(6, length) : body);
      } else if (b.is(at, "XMP ") && fromXmp == Exif.NOT_GIVEN) {
        fromXmp = Exif.orientationInXmp(body);
      }
      at += 8 + length + (length & 1);
    }
    if (width == 0) {
      throw missing != null
          ? ImageException.truncated("The WebP ends before its picture data.")
          : ImageException.failed("The WebP contains no picture.");
    }
    int upright = orientation != Exif.NOT_GIVEN ? orientation : fromXmp;
    return new Header(width, height, Math.max(1, upright), missing);
  }
}
