package org.alexnetedge.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import org.alexnetedge.image.ImageException.Kind;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/**
 * Encoded pictures to upright RGB pixels, equal to Pillow's {@code
 * exif_transpose(open(f)).convert("RGB")}: gray is copied to three channels, palettes are looked
 * up, alpha is dropped without blending, CMYK becomes RGB without a colour profile, of an animation
 * or several pages the first counts. Unlike in Pillow, 16-bit samples keep their high byte.
 *
 * <p>PNG, GIF and PNM are read by this package (the reasons stand in their classes), all else by
 * OpenCV. A picture of which a part is missing is an error unless the options are lenient.
 *
 * <p>Needs {@link OpenCv#load} before. Not thread-safe: one per thread. Owns off-heap memory, which
 * is used again for each picture; close it.
 */
public final class Decoder implements AutoCloseable {
  private static final int COLOUR =
      opencv_imgcodecs.IMREAD_COLOR_RGB | opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;

  // OpenCV's CV_8UC(n) = (n - 1) * 8. JavaCPP computes them in a class that is slow to load.
  private static final int CV_8UC1 = 0;
  private static final int CV_8UC3 = 16;

  private final DecodeOptions options;
  private final PixelBuffer stored = new PixelBuffer();
  private final PixelBuffer upright = new PixelBuffer();
  private final PixelBuffer copy = new PixelBuffer();
  private final PixelBuffer unblended = new PixelBuffer();

  public Decoder(DecodeOptions options) {
    OpenCv.requireLoaded();
    this.options = options;
  }

  /**
   * Decodes a picture.
   *
   * @param encoded the whole file, off-heap (a heap segment is copied first); not kept
   * @return the pixels, owned by this decoder and valid until its next call or its end
   * @throws ImageException when there is no picture to be had
   */
  public Pixels decode(MemorySegment encoded) throws ImageException {
    if (encoded.byteSize() == 0) {
      throw new ImageException(Kind.NOT_AN_IMAGE, "The file is empty.");
    }
    Bytes b = new Bytes(encoded);
    Format format = Format.sniff(b);
    if (format == null) {
      throw new ImageException(
          Kind.NOT_AN_IMAGE, "The file does not begin like a picture in any known format.");
    }
    if (!format.readable()) {
      throw ImageException.failed(
          "The picture is in the "
              + format.displayName()
              + " format, which is not supported; convert it to JPEG or PNG.");
    }
    try {
      return decode(b, format);
    } catch (IndexOutOfBoundsException | ArithmeticException e) {
      // Offsets and sizes are the file's, and reads are checked: nothing outside was touched.
      throw corrupt(format);
    }
  }

  private Pixels decode(Bytes b, Format format) throws ImageException {
    switch (format) {
      case PNG -> {
        PngReader png = new PngReader(b);
        Header header = accept(png.header());
        MemorySegment target = target(header, header.missing() != null);
        png.read(target, options.lenient());
        return orient(target, header.width(), header.height(), header.orientation());
      }
      case GIF -> {
        GifReader gif = new GifReader(b);
        Header header = accept(gif.header());
        MemorySegment target = target(header, false);
        gif.read(target, options.lenient());
        return new Pixels(target, header.height(), header.width());
      }
      case PNM, PAM -> {
        PnmReader pnm = new PnmReader(b);
        Header header = accept(pnm.header());
        MemorySegment target = target(header, options.lenient());
        pnm.read(target, options.lenient());
        return new Pixels(target, header.height(), header.width());
      }
      case TIFF -> {
        TiffHeader tiff = TiffHeader.read(b);
        Bytes plain = tiff.unassociatedAlpha() < 0 ? b : withoutBlending(b, tiff);
        int flags = COLOUR | opencv_imgcodecs.IMREAD_ANYDEPTH;
        return decodeByOpenCv(plain, format, tiff.header(), flags);
      }
      case JPEG -> {
        return decodeByOpenCv(b, format, JpegHeader.read(b), COLOUR);
      }
      case WEBP -> {
        return decodeByOpenCv(b, format, WebpHeader.read(b), COLOUR);
      }
      case BMP -> {
        return decodeByOpenCv(b, format, BmpHeader.read(b), COLOUR);
      }
      case SUN_RASTER -> {
        return decodeByOpenCv(b, format, PlainHeader.sunRaster(b), COLOUR);
      }
      case HDR -> {
        return decodeByOpenCv(b, format, PlainHeader.hdr(b), COLOUR);
      }
      default -> throw new AssertionError(format);
    }
  }

  /** Refuses what is too large or cut off, before memory is taken for it. */
  private Header accept(Header header) throws ImageException {
    options.check(header.width(), header.height());
    if (header.missing() != null && !options.lenient()) {
      throw ImageException.truncated(header.missing());
    }
    return header;
  }

  private MemorySegment target(Header header, boolean black) {
    MemorySegment target = stored.ofSize(3L * header.width() * header.height());
    if (black) {
      target.fill((byte) 0);
    }
    return target;
  }

  private Pixels decodeByOpenCv(Bytes b, Format format, Header given, int flags)
      throws ImageException {
    Header header = accept(given);
    boolean cut = header.missing() != null;
    // JPEG and WebP write every pixel; of the others that was not made sure of.
    boolean black = format != Format.JPEG && format != Format.WEBP || cut;
    MemorySegment target = target(header, black);
    MemorySegment encoded = cut ? mended(b.segment(), format, header) : asNative(b.segment());
    try (Mat in = matOf(encoded, 1, Math.toIntExact(encoded.byteSize()), 1);
        // A TIFF may come out deeper than 8 bits or turned, into memory that OpenCV takes.
        Mat expected =
            format == Format.TIFF ? new Mat() : matOf(target, header.height(), header.width(), 3);
        Mat out = opencv_imgcodecs.imdecode(in, flags, expected)) {
      if (out.rows() <= 0 || out.cols() <= 0) {
        throw cut ? ImageException.truncated(header.missing()) : corrupt(format);
      }
      MemorySegment pixels = target;
      int width = out.cols();
      int height = out.rows();
      if (out.data().address() != target.address()) {
        options.check(width, height);
        pixels = toRgb(out);
      }
      return orient(pixels, width, height, header.orientation());
    } catch (RuntimeException e) {
      throw translated(e, format);
    } finally {
      Reference.reachabilityFence(b);
    }
  }

  /** The bytes where OpenCV can read them. */
  private MemorySegment asNative(MemorySegment encoded) {
    if (encoded.isNative()) {
      return encoded;
    }
    return copy.ofSize(encoded.byteSize()).copyFrom(encoded);
  }

  /** A copy of a file that is cut off, with what OpenCV needs in order to take it. */
  private MemorySegment mended(MemorySegment encoded, Format format, Header header) {
    long length = encoded.byteSize();
    long surplus =
        switch (format) {
          case JPEG -> 2; // the end-of-image marker, without which nothing comes out
          case WEBP -> 0;
          // Zeros for the missing pixels.
          default -> Math.min(1 << 30, 4096 + 8L * header.width() * header.height());
        };
    MemorySegment copied = copy.ofSize(length + surplus);
    MemorySegment.copy(encoded, 0, copied, 0, length);
    copied.asSlice(length).fill((byte) 0);
    if (format == Format.JPEG) {
      copied.set(ValueLayout.JAVA_BYTE, length, (byte) 0xFF);
      copied.set(ValueLayout.JAVA_BYTE, length + 1, (byte) 0xD9);
    }
    return copied;
  }

  /** libtiff multiplies colours by alpha unless it believes that this has been done. */
  private Bytes withoutBlending(Bytes b, TiffHeader tiff) throws ImageException {
    accept(tiff.header());
    MemorySegment copied = unblended.ofSize(b.length()).copyFrom(b.segment());
    copied.set(ValueLayout.JAVA_BYTE, tiff.unassociatedAlpha(), TiffHeader.ASSOCIATED);
    return new Bytes(copied);
  }

  /** Copies what OpenCV put into memory of its own: other depth, or turned. */
  private MemorySegment toRgb(Mat from) throws ImageException {
    int width = from.cols();
    int height = from.rows();
    int channels = from.channels();
    if (channels != 1 && channels != 3) {
      throw ImageException.failed("The picture has " + channels + " channels, not 1 or 3.");
    }
    int depth = from.depth();
    long sample = from.elemSize1();
    long step = from.step();
    MemorySegment source =
        MemorySegment.ofAddress(from.data().address()).reinterpret(step * height);
    MemorySegment target = stored.ofSize(3L * width * height);
    long samples = 3L * width;
    for (int y = 0; y < height; y++) {
      if (depth == opencv_core.CV_8U && channels == 3) {
        MemorySegment.copy(source, step * y, target, samples * y, samples);
      } else {
        for (long i = 0; i < samples; i++) {
          byte value = highByte(source, step * y + i * channels / 3 * sample, depth);
          target.set(ValueLayout.JAVA_BYTE, samples * y + i, value);
        }
      }
    }
    return target;
  }

  private static byte highByte(MemorySegment source, long at, int depth) throws ImageException {
    return switch (depth) {
      case opencv_core.CV_8U -> source.get(ValueLayout.JAVA_BYTE, at);
      case opencv_core.CV_16U ->
          (byte) (source.get(ValueLayout.JAVA_SHORT_UNALIGNED, at) >> Byte.SIZE);
      default ->
          throw ImageException.failed("The picture's samples have a type that is not supported.");
    };
  }

  /** Applies an EXIF orientation (the numbers are those of the standard). */
  private Pixels orient(MemorySegment pixels, int width, int height, int orientation) {
    if (orientation == 1) {
      return new Pixels(pixels, height, width);
    }
    boolean turned = orientation >= 5;
    int rows = turned ? width : height;
    int columns = turned ? height : width;
    MemorySegment target = upright.ofSize(pixels.byteSize());
    try (Mat from = matOf(pixels, height, width, 3);
        Mat to = matOf(target, rows, columns, 3)) {
      switch (orientation) {
        case 2 -> opencv_core.flip(from, to, 1);
        case 3 -> opencv_core.flip(from, to, -1);
        case 4 -> opencv_core.flip(from, to, 0);
        default -> {
          opencv_core.transpose(from, to);
          if (orientation == 6) {
            opencv_core.flip(to, to, 1);
          } else if (orientation == 7) {
            opencv_core.flip(to, to, -1);
          } else if (orientation == 8) {
            opencv_core.flip(to, to, 0);
          }
        }
      }
      if (to.data().address() != target.address()) {
        throw new AssertionError("OpenCV moved the pixels");
      }
    }
    return new Pixels(target, rows, columns);
  }

  private static ImageException translated(RuntimeException e, Format format) {
    String text = String.valueOf(e.getMessage());
    if (text.contains("CV_IO_MAX_IMAGE")) {
      return new ImageException(
          Kind.TOO_LARGE, "The " + format.displayName() + " has more pixels than the limit.");
    }
    return corrupt(format);
  }

  private static ImageException corrupt(Format format) {
    return ImageException.failed(
        "The "
            + format.displayName()
            + " is corrupt, or of a variant that is not supported, and cannot be decoded.");
  }

  /** A Mat that borrows the segment's memory. */
  static Mat matOf(MemorySegment segment, int rows, int columns, int channels) {
    int type = channels == 1 ? CV_8UC1 : CV_8UC3;
    return new Mat(rows, columns, type, new Address(segment.address()), (long) columns * channels);
  }

  /** A JavaCPP pointer to memory that it does not own. */
  private static final class Address extends Pointer {
    Address(long address) {
      super((Pointer) null);
      this.address = address;
    }
  }

  /** Frees the memory; closing twice is nothing. */
  @Override
  public void close() {
    stored.close();
    upright.close();
    copy.close();
    unblended.close();
  }
}
