package org.alexnetedge.train;

import org.alexnetedge.image.DecodeOptions;

/**
 * Which pictures are learnt from.
 *
 * @param data path of a folder with one folder for each class, or of a table with the columns
 *     {@code path}, {@code label} and perhaps {@code split}; as {@code RawText}
 * @param seed of the draw for {@link Validation.Share}
 * @param decode which pictures are taken
 * @param threads that look whether the pictures can be read
 */
public record DataOptions(
    String data, Validation validation, long seed, DecodeOptions decode, int threads) {
  public DataOptions {
    if (data.isEmpty()) {
      throw new IllegalArgumentException("The data must be a folder or a table.");
    }
    if (threads < 1) {
      throw new IllegalArgumentException(
          "The number of decoding threads must be 1 or more, got " + threads + ".");
    }
  }
}
