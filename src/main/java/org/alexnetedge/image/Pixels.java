package org.alexnetedge.image;

import java.lang.foreign.MemorySegment;

/**
 * Upright pixels, uint8 RGB, [height, width, 3] without gaps.
 *
 * @param data off-heap, {@code 3 * height * width} bytes; owned by whoever made it, who says how
 *     long it lives
 */
public record Pixels(MemorySegment data, int height, int width) {
  public Pixels {
    if (height <= 0 || width <= 0 || data.byteSize() != 3L * height * width) {
      throw new IllegalArgumentException(
          width + " x " + height + " RGB pixels do not fill " + data.byteSize() + " bytes");
    }
  }
}
