package org.alexnetedge.cli;

import org.alexnetedge.image.DecodeOptions;
import org.alexnetedge.image.OpenCv;
import picocli.CommandLine.Option;

/** Which picture files are taken. */
final class DecodingOptions {
  @Option(
      names = "--max-pixels",
      paramLabel = "N",
      description = "Refuse larger pictures before memory is taken (default: ${DEFAULT-VALUE}).")
  private long maxPixels = OpenCv.DEFAULT_MAX_PIXELS;

  @Option(
      names = "--lenient",
      description = "Take what there is of a picture whose end is missing.")
  private boolean lenient;

  /**
   * Limits of decoding.
   *
   * @throws IllegalArgumentException when they make no sense
   */
  DecodeOptions options() {
    try {
      return new DecodeOptions(maxPixels, lenient);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--max-pixels: " + e.getMessage(), e);
    }
  }
}
