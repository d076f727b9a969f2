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
      description =
          "balanced: all classes count the same, however few pictures they have; none (the"
              + " default); or a power of the number of pictures between the two, such as 0.5.")
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

  @Option(
      names = "--teacher-views",
      paramLabel = "N",
      description =
          "Let the teacher answer N changed views of each picture once, in its own size, and learn"
              + " from these in turn (default: 0, it looks at whatever the student looks at, which"
              + " takes its time in each epoch).")
  private int teacherViews;

  /** The teacher's file, or null. */
  @Nullable Path teacher() {
    return teacher;
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
    if (!(temperature > 0 && temperature < 1000)) {
      throw new IllegalArgumentException("--temperature must be above 0, not " + temperature + ".");
    }
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("--teacher-share must be from 0 to 1, not " + share + ".");
    }
    if (teacherViews < 0 || teacherViews > 1000) {
      throw new IllegalArgumentException(
          "--teacher-views must be from 0 to 1000, not " + teacherViews + ".");
    }
    if (teacherViews > 0 && teacher == null) {
      throw new IllegalArgumentException("--teacher-views goes with --teacher.");
    }
    return new Loss(smoothing, balance(), dropout, teaching());
  }

  private float balance() {
    float power =
        switch (weights) {
          case "none" -> 0;
          case "balanced" -> 1;
          default -> {
            try {
              yield Float.parseFloat(weights);
            } catch (NumberFormatException e) {
              yield Float.NaN;
            }
          }
        };
    if (!(power >= 0 && power <= 1)) {
      throw new IllegalArgumentException(
          "--class-weights must be balanced, none or a number from 0 to 1, not '" + weights + "'.");
    }
    return power;
  }

  private @Nullable Teaching teaching() {
    if (teacher == null) {
      return null;
    }
    Path file = ModelFailure.check(teacher).toAbsolutePath();
    try {
      return new Teaching(
          file.toString(), ModelFailure.sha256(file), temperature, share, teacherViews);
    } catch (IOException e) {
      throw new ModelException("The teacher " + file + " cannot be read: " + e.getMessage() + ".");
    }
  }
}
