package org.alexnetedge.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.evaluate.DelimitedText;
import org.alexnetedge.pipeline.RawPath;
import org.alexnetedge.train.Validation;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which pictures are held back to measure what was learnt. */
final class SplitOptions {
  private static final double DEFAULT_SHARE = 0.2;

  @Option(
      names = "--val",
      paramLabel = "DATA",
      description = "Hold these pictures back: a folder or table as DATA.")
  private @Nullable String folder;

  @Option(
      names = "--val-split",
      paramLabel = "SHARE",
      description =
          "Hold back this share of each class, drawn by the seed; 0 for none (default: 0.2, or as"
              + " a table's column split says).")
  private @Nullable Double share;

  @Option(
      names = "--val-every",
      paramLabel = "K",
      description = "Hold back every K-th picture of each class, sorted by name.")
  private @Nullable Integer every;

  /**
   * What the options ask for.
   *
   * @param data a table may say it itself
   * @throws IllegalArgumentException with a sentence
   */
  Validation validation(String data) throws DataException {
    int given = (folder != null ? 1 : 0) + (share != null ? 1 : 0) + (every != null ? 1 : 0);
    if (given > 1) {
      throw new IllegalArgumentException("--val, --val-split and --val-every exclude each other.");
    }
    if (folder != null) {
      return new Validation.Folder(folder);
    }
    if (every != null) {
      return new Validation.Every(every);
    }
    if (share != null) {
      return share == 0 ? new Validation.None() : new Validation.Share(share);
    }
    return hasColumn(data) ? new Validation.None() : new Validation.Share(DEFAULT_SHARE);
  }

  private static boolean hasColumn(String data) throws DataException {
    Path path = RawPath.of(data);
    if (!Files.isRegularFile(path)) {
      return false; // A folder; or nothing, which is said later.
    }
    try (DelimitedText table = DelimitedText.open(path)) {
      return table.find("split") >= 0;
    }
  }

  /** The choice in words, for the run's configuration. */
  String text(String data) throws DataException {
    return switch (validation(data)) {
      case Validation.None() -> hasColumn(data) ? "column split" : "none";
      case Validation.Share(double part) -> "share " + part;
      case Validation.Every(int k) -> "every " + k;
      case Validation.Folder(String given) -> "folder " + given;
    };
  }
}
