package org.alexnetedge.image;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Formats of pictures, told apart by their first bytes. */
public enum Format {
  JPEG("JPEG", true),
  PNG("PNG", true),
  GIF("GIF", true),
  BMP("BMP", true),
  WEBP("WebP", true),
  TIFF("TIFF", true),
  /** PBM, PGM, PPM, as text or binary. */
  PNM("PNM", true),
  PAM("PAM", true),
  /** Radiance. */
  HDR("HDR", true),
  SUN_RASTER("Sun Raster", true),
  // Known, so that a message can name them. This OpenCV is built without AVIF and HEIF; its JPEG
  // 2000 and OpenEXR are switched off by its makers, since their old libraries are not safe.
  JPEG_2000("JPEG 2000", false),
  JPEG_XL("JPEG XL", false),
  AVIF("AVIF", false),
  HEIF("HEIC", false),
  OPEN_EXR("OpenEXR", false),
  /** Floating-point netpbm: OpenCV neither scales its values nor do others agree how. */
  PFM("PFM", false);

  /** As many of the first bytes as {@link #sniff} looks at. */
  public static final int SNIFF_BYTES = 32;

  private final String displayName;
  private final boolean readable;

  Format(String displayName, boolean readable) {
    this.displayName = displayName;
    this.readable = readable;
  }

  /** Name for people. */
  public String displayName() {
    return displayName;
  }

  /** Whether {@link Decoder} reads it. */
  public boolean readable() {
    return readable;
  }

  /**
   * The format of the picture that begins with these bytes, null when it is none.
   *
   * @param first the first {@link #SNIFF_BYTES} of a file, all of it when it is shorter
   */
  public static @Nullable Format sniff(byte[] first) {
    return sniff(new Bytes(MemorySegment.ofArray(first)));
  }

  /** The format of a file that is a picture; null of any other, and of what cannot be read. */
  public static @Nullable Format of(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return sniff(in.readNBytes(SNIFF_BYTES));
    } catch (IOException e) {
      return null;
    }
  }

  static @Nullable Format sniff(Bytes b) {
    if (b.length() < 3) {
      return null;
    }
    return switch (b.u8(0)) {
      case 0xFF ->
          b.is(0, "\u00FF\u00D8\u00FF")
              ? JPEG
              : b.is(0, "\u00FF\n") || b.is(0, "\u00FF\u004F\u00FF\u0051") ? codestream(b) : null;
      case 0x89 -> b.is(0, "\u0089PNG\r\n\u001A\n") ? PNG : null;
      case 'G' -> b.is(0, "GIF87a") || b.is(0, "GIF89a") ? GIF : null;
      case 'B' -> isBmp(b) ? BMP : null;
      case 'R' -> b.is(0, "RIFF") && b.is(8, "WEBP") ? WEBP : null;
      case 'I' -> b.is(0, "II*\0") || b.is(0, "II+\0\b\0") ? TIFF : null;
      case 'M' -> b.is(0, "MM\0*") || b.is(0, "MM\0+\0\b") ? TIFF : null;
      case 'P' -> netpbm(b);
      case '#' -> b.is(0, "#?RADIANCE") || b.is(0, "#?RGBE") ? HDR : null;
      case 0x59 -> b.is(0, "\u0059\u00A6\u006A\u0095") ? SUN_RASTER : null;
      case 0x76 -> b.is(0, "\u0076\u002F\u0031\u0001") ? OPEN_EXR : null;
      case 0 -> isoMedia(b);
      default -> null;
    };
  }

  private static Format codestream(Bytes b) {
    return b.u8(1) == '\n' ? JPEG_XL : JPEG_2000;
  }

  /** Two letters are little to go by, so the size of the second header has to make sense too. */
  private static boolean isBmp(Bytes b) {
    return b.is(0, "BM") && b.has(14, 4) && b.u32le(14) >= 12 && b.u32le(14) <= 1024;
  }

  private static @Nullable Format netpbm(Bytes b) {
    int kind = b.u8(1);
    int next = b.u8(2);
    if (next != '#' && next != ' ' && next != '\n' && next != '\r' && next != '\t') {
      return null;
    }
    return switch (kind) {
      case '1', '2', '3', '4', '5', '6' -> PNM;
      case '7' -> PAM;
      case 'F', 'f' -> PFM;
      default -> null;
    };
  }

  private static @Nullable Format isoMedia(Bytes b) {
    if (b.is(4, "jP  \r\n\u0087\n")) {
      return JPEG_2000;
    }
    if (b.is(4, "JXL \r\n\u0087\n")) {
      return JPEG_XL;
    }
    if (b.is(4, "ftyp")) {
      if (b.is(8, "avif") || b.is(8, "avis")) {
        return AVIF;
      }
      if (b.is(8, "hei") || b.is(8, "hev") || b.is(8, "mif1") || b.is(8, "msf1")) {
        return HEIF;
      }
    }
    return null;
  }
}
