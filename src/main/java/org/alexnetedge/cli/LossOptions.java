package org.alexnetedge.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.alexnetedge.pipeline.ModelException;
import org.alexnetedge.train.TrainConfig.Loss;
import org.alexnetedge.train.TrainConfig.Teaching;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is made small. */
final class LossOptions {
  @Option(
      names = "--label-smoothing",
      paramLabel = "S",
      description =
          "Spread this share of each target over all classes (default: ${DEFAULT-VALUE}).")
  private float smoothing;

  @Option(
      names = "--class-weights",
      paramLabel = "HOW",
      description = "balanced: classes with few pictures count for more; none (the default).")
  private String weights = "none";

  @Option(
      names = "--teacher",
      paramLabel = "MODEL",
      description = "Learn the answers of this model too, which tells the same classes apart.")
  private @Nullable Path teacher;

  @Option(
      names = "--temperature",
      paramLabel = "T",
      description = "Soften the teacher's answers (default: ${DEFAULT-VALUE}).")
  private float temperature = 2;

  @Option(
      names = "--teacher-share",
      paramLabel = "S",
      description = "Of the loss (default: ${DEFAULT-VALUE}).")
  private float share = 0.5f;

  boolean hasTeacher() {
    return teacher != null;
  }

  /**
   * What the options ask for.
   *
   * @param dropout instead of the model's own, or null
   * @throws IllegalArgumentException with a sentence
   * @throws ModelException when the teacher's file cannot be read
   */
  Loss loss(@Nullable Float dropout) {
    if (!(smoothing >= 0 && smoothing < 1)) {
      throw new IllegalArgumentException(
          "--label-smoothing must be at least 0 and below 1, not " + smoothing + ".");
    }
    if (!weights.equals("none") && !weights.equals("balanced")) {
      throw new IllegalArgumentException(
          "--class-weights must be balanced or none, not '" + weights + "'.");
    }
    if (!(temperature > 0 && temperature < 1000)) {
      throw new IllegalArgumentException("--temperature must be above 0, not " + temperature + ".");
    }
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("--teacher-share must be from 0 to 1, not " + share + ".");
    }
    return new Loss(smoothing, weights.equals("balanced"), dropout, teaching());
  }

  private @Nullable Teaching teaching() {
    if (teacher == null) {
      return null;
    }
    Path file = ModelFailure.check(teacher).toAbsolutePath();
    try {
      return new Teaching(file.toString(), ModelFailure.sha256(file), temperature, share);
    } catch (IOException e) {
      throw new ModelException("The teacher " + file + " cannot be read: " + e.getMessage() + ".");
    }
  }
}
