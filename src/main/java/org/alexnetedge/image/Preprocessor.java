package org.alexnetedge.image;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Encoded pictures to a network's input: {@link Decoder}, resize and crop, normalisation.
 *
 * <p>Not thread-safe: one per thread (it may move between threads, but not be used by two at once).
 * Owns its work memory, off-heap and on it, and uses it again for every picture; {@link #close}
 * frees the first. Needs {@link OpenCv#load} before.
 */
public final class Preprocessor implements AutoCloseable {
  private static final int CHANNELS = 3;

  private final Recipe recipe;
  private final int height;
  private final int width;
  private final Decoder decoder;
  private final Resampler resampler = new Resampler();
  private final PlainBilinear plain = new PlainBilinear();
  private final PixelBuffer cropped = new PixelBuffer();

  private final Normalization normalization;

  private byte[] window = new byte[0];
  private byte[] pixels = new byte[0];
  private int resultWidth;
  private int resultHeight;

  /**
   * Makes a preprocessor for a model's input.
   *
   * @param height of the input
   * @param width of the input
   * @throws IllegalArgumentException when the recipe always gives another size
   */
  public Preprocessor(Recipe recipe, int height, int width, DecodeOptions options) {
    Recipe.Crop crop = recipe.crop();
    Resize resize = recipe.resize();
    boolean exact = crop == null && resize.mode() == Resize.Mode.EXACT;
    int w = crop != null ? crop.width() : exact ? resize.width() : width;
    int h = crop != null ? crop.height() : exact ? resize.height() : height;
    if (w != width || h != height) {
      throw new IllegalArgumentException(
          "The preprocessing gives pictures of "
              + w
              + " x "
              + h
              + " pixels, but the model takes "
              + width
              + " x "
              + height
              + ".");
    }
    this.recipe = recipe;
    this.height = height;
    this.width = width;
    this.normalization = new Normalization(recipe, height, width);
    this.decoder = new Decoder(options);
  }

  /**
   * Writes one picture as the network takes it.
   *
   * @param encoded the whole file, off-heap (a heap segment is copied first); not kept
   * @param target float32, native byte order, [3, height, width] or [height, width, 3] as the
   *     recipe's layout says: {@code 12 * height * width} bytes, aligned to 4 or not. Its content
   *     is undefined after an exception
   * @throws ImageException when the picture cannot be used, or does not come out at the model's
   *     size
   */
  public void preprocess(MemorySegment encoded, MemorySegment target) throws ImageException {
    long bytes = 4L * CHANNELS * height * width;
    if (target.byteSize() != bytes) {
      throw new IllegalArgumentException(
          "The target has " + target.byteSize() + " bytes, expected " + bytes);
    }
    Pixels decoded = decode(encoded);
    if (resultWidth != width || resultHeight != height) {
      throw ImageException.failed(
          "The picture is "
              + resultWidth
              + " x "
              + resultHeight
              + " pixels after preprocessing, but the model takes "
              + width
              + " x "
              + height
              + ".");
    }
    resizeAndCrop(decoded);
    normalization.write(pixels, target);
  }

  /**
   * The picture after resize and crop, before normalisation: uint8 RGB whatever the recipe's colour
   * order is.
   *
   * @param encoded as for {@link #preprocess}
   * @return owned by this preprocessor, valid until its next call or its end
   */
  public Pixels crop(MemorySegment encoded) throws ImageException {
    resizeAndCrop(decode(encoded));
    int length = CHANNELS * resultWidth * resultHeight;
    MemorySegment data = cropped.ofSize(length);
    MemorySegment.copy(pixels, 0, data, ValueLayout.JAVA_BYTE, 0, length);
    return new Pixels(data, resultHeight, resultWidth);
  }

  /** Decodes, and sets the size that the result will have. */
  private Pixels decode(MemorySegment encoded) throws ImageException {
    Pixels decoded = decoder.decode(encoded);
    Resize resize = recipe.resize();
    Recipe.Crop crop = recipe.crop();
    resultWidth = crop == null ? resize.widthOf(decoded.width(), decoded.height()) : crop.width();
    resultHeight =
        crop == null ? resize.heightOf(decoded.width(), decoded.height()) : crop.height();
    return decoded;
  }

  /** Leaves the result in {@link #pixels}. */
  private void resizeAndCrop(Pixels decoded) throws ImageException {
    Resize resize = recipe.resize();
    int resizedWidth = resize.widthOf(decoded.width(), decoded.height());
    int resizedHeight = resize.heightOf(decoded.width(), decoded.height());
    if (resizedWidth <= 0
        || resizedHeight <= 0
        || (long) CHANNELS * resultWidth * resultHeight > Integer.MAX_VALUE - 16) {
      throw new ImageException(
          ImageException.Kind.TOO_LARGE,
          "The picture would be "
              + resultWidth
              + " x "
              + resultHeight
              + " pixels after the resize.");
    }
    Window kept =
        new Window(
            resizedWidth,
            resizedHeight,
            offset(resizedWidth, resultWidth),
            offset(resizedHeight, resultHeight),
            Math.min(resizedWidth, resultWidth),
            Math.min(resizedHeight, resultHeight));
    pixels = ofLength(pixels, CHANNELS * resultWidth * resultHeight);
    if (kept.width() == resultWidth && kept.height() == resultHeight) {
      resample(decoded, kept, pixels);
    } else {
      window = ofLength(window, CHANNELS * kept.width() * kept.height());
      resample(decoded, kept, window);
      pad(kept);
    }
  }

  private void resample(Pixels decoded, Window kept, byte[] out) {
    if (kept.resizedWidth() == decoded.width() && kept.resizedHeight() == decoded.height()) {
      for (int y = 0; y < kept.height(); y++) {
        long at = CHANNELS * ((long) (kept.top() + y) * decoded.width() + kept.left());
        int n = CHANNELS * kept.width();
        MemorySegment.copy(decoded.data(), ValueLayout.JAVA_BYTE, at, out, y * n, n);
      }
    } else if (recipe.resize().antialias()) {
      resampler.resample(decoded, recipe.resize().filter(), kept, out);
    } else {
      plain.resample(decoded, kept, out);
    }
  }

  /** Python's {@code round((side - crop) / 2)}: halves go to the even number. */
  private static int offset(int side, int kept) {
    return side <= kept ? 0 : (int) Math.rint((side - kept) / 2.0);
  }

  /** Zeros around what is smaller than the crop, the odd one at the right and at the bottom. */
  private void pad(Window kept) {
    Arrays.fill(pixels, 0, CHANNELS * resultWidth * resultHeight, (byte) 0);
    int left = (resultWidth - kept.width()) / 2;
    int top = (resultHeight - kept.height()) / 2;
    int n = CHANNELS * kept.width();
    for (int y = 0; y < kept.height(); y++) {
      System.arraycopy(window, y * n, pixels, CHANNELS * ((top + y) * resultWidth + left), n);
    }
  }

  private static byte[] ofLength(byte[] memory, int length) {
    return memory.length >= length ? memory : new byte[length];
  }

  /** Frees the off-heap memory; closing twice is nothing. */
  @Override
  public void close() {
    decoder.close();
    cropped.close();
  }
}
