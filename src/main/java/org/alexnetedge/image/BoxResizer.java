package org.alexnetedge.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Cuts a box out of a picture and resizes it, as Pillow's {@code image.crop(box).resize(size)} bit
 * for bit: pixels outside of the box have no influence.
 *
 * <p>Not thread-safe: one per thread. Owns work memory, off-heap and on it; close it.
 */
public final class BoxResizer implements AutoCloseable {
  private static final int CHANNELS = 3;

  private final Resampler resampler = new Resampler();
  private final PixelBuffer box = new PixelBuffer();
  private final PixelBuffer resized = new PixelBuffer();
  private byte[] copy = new byte[0];

  /**
   * Cuts and resizes, antialiased.
   *
   * @param in uint8 RGB
   * @param left first column of the box; the whole box lies in the picture
   * @param top first row
   * @param width of the box
   * @param height of the box
   * @param toWidth of the result
   * @param toHeight of the result
   * @param out receives uint8 RGB, [toHeight, toWidth, 3]
   */
  public void resize(
      Pixels in,
      int left,
      int top,
      int width,
      int height,
      Filter filter,
      int toWidth,
      int toHeight,
      byte[] out) {
    if (left < 0
        || top < 0
        || width < 1
        || height < 1
        || left > in.width() - width
        || top > in.height() - height) {
      throw new IllegalArgumentException(
          "The box of %d x %d pixels at (%d, %d) does not lie in a picture of %d x %d."
              .formatted(width, height, left, top, in.width(), in.height()));
    }
    if (width == toWidth && height == toHeight) {
      for (int y = 0; y < height; y++) {
        MemorySegment.copy(
            in.data(),
            ValueLayout.JAVA_BYTE,
            offset(in, left, top + y),
            out,
            CHANNELS * width * y,
            CHANNELS * width);
      }
    } else {
      Window whole = new Window(toWidth, toHeight, 0, 0, toWidth, toHeight);
      resampler.resample(cut(in, left, top, width, height), filter, whole, out);
    }
  }

  /**
   * The same, with the result off the heap.
   *
   * @return owned by this, valid until the next call or its end
   */
  public Pixels resize(
      Pixels in,
      int left,
      int top,
      int width,
      int height,
      Filter filter,
      int toWidth,
      int toHeight) {
    int length = CHANNELS * toWidth * toHeight;
    if (copy.length < length) {
      copy = new byte[length];
    }
    resize(in, left, top, width, height, filter, toWidth, toHeight, copy);
    MemorySegment data = resized.ofSize(length);
    MemorySegment.copy(copy, 0, data, ValueLayout.JAVA_BYTE, 0, length);
    return new Pixels(data, toHeight, toWidth);
  }

  private Pixels cut(Pixels in, int left, int top, int width, int height) {
    long row = (long) CHANNELS * width;
    if (width == in.width()) {
      return new Pixels(in.data().asSlice(offset(in, 0, top), row * height), height, width);
    }
    MemorySegment data = box.ofSize(row * height);
    for (int y = 0; y < height; y++) {
      MemorySegment.copy(in.data(), offset(in, left, top + y), data, row * y, row);
    }
    return new Pixels(data, height, width);
  }

  private static long offset(Pixels in, int x, int y) {
    return CHANNELS * ((long) y * in.width() + x);
  }

  /** Frees the off-heap memory; closing twice is nothing. */
  @Override
  public void close() {
    box.close();
    resized.close();
  }
}
