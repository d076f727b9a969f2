package org.alexnetedge.image;

import org.jspecify.annotations.Nullable;

/** Sizes of the rarer formats whose pixels follow a short header. */
final class PlainHeader {
  private PlainHeader() {}

  /** Sun Raster: eight 32-bit numbers, palette, rows of whole 16-bit words. */
  static Header sunRaster(Bytes b) throws ImageException {
    if (!b.has(0, 32)) {
      throw ImageException.truncated("The Sun Raster ends in its header.");
    }
    long width = b.u32be(4);
    long height = b.u32be(8);
    long type = b.u32be(20);
    long pixels = 32 + b.u32be(28);
    checkInt(width, height);
    // Types 0, 1 and 3 are not compressed.
    long needed = type == 2 ? b.u32be(16) : (width * b.u32be(12) + 15) / 16 * 2 * height;
    return header(width, height, b.has(pixels, needed) ? null : "Sun Raster");
  }

  /** Radiance: lines of text, an empty one, then {@code -Y HEIGHT +X WIDTH}. */
  static Header hdr(Bytes b) throws ImageException {
    java.util.regex.Matcher matcher =
        java.util.regex.Pattern.compile("\\n\\n-Y (\\d{1,9}) \\+X (\\d{1,9})\\n")
            .matcher(b.slice(0, 1 << 16).latin1());
    if (!matcher.find()) {
      throw ImageException.failed("The HDR's header cannot be read.");
    }
    long height = Long.parseLong(matcher.group(1));
    long width = Long.parseLong(matcher.group(2));
    checkInt(width, height);
    return header(width, height, null);
  }

  private static void checkInt(long width, long height) throws ImageException {
    if (width <= 0 || height <= 0 || width > Integer.MAX_VALUE || height > Integer.MAX_VALUE) {
      throw ImageException.failed(
          "The picture's header gives an impossible size (" + width + " x " + height + ").");
    }
  }

  private static Header header(long width, long height, @Nullable String cut) {
    return new Header(
        (int) width,
        (int) height,
        1,
        cut == null ? null : "The " + cut + " ends in the middle of its picture data.");
  }
}
