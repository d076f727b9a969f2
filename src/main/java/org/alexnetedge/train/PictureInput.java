package org.alexnetedge.train;

import org.alexnetedge.image.DecodeOptions;
import org.alexnetedge.image.Recipe;

/**
 * What a model takes.
 *
 * @param recipe its preprocessing
 * @param height of its input in pixels
 * @param width of its input in pixels
 * @param decode which pictures are taken
 */
public record PictureInput(Recipe recipe, int height, int width, DecodeOptions decode) {
  public PictureInput {
    if (height < 1 || width < 1 || (long) height * width > 1 << 28) {
      throw new IllegalArgumentException(
          "A model's input must have 1 to 2^28 pixels, got " + width + " x " + height + ".");
    }
  }

  /** Pixels of the input. */
  int pixels() {
    return height * width;
  }
}
