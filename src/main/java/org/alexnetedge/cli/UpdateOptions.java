package org.alexnetedge.cli;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.alexnetedge.train.Schedule;
import org.alexnetedge.train.TrainConfig.Optimization;
import org.alexnetedge.train.TrainConfig.Rule;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** From gradients to weights: what is built into the graphs. */
final class UpdateOptions {
  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      description = "adamw (the default), adam, keras-adam, sgd or momentum.")
  private @Nullable String optimizer;

  @Option(
      names = "--weight-decay",
      paramLabel = "D",
      description =
          "Decoupled for adamw, else L2 (default: adamw head 1, classifier 0.0001, all 0.05; "
              + "others 0).")
  private @Nullable Float weightDecay;

  @Option(
      names = "--momentum",
      paramLabel = "M",
      description = "Of --optimizer momentum (default: ${DEFAULT-VALUE}).")
  private float momentum = 0.9f;

  @Option(
      names = "--clip-norm",
      paramLabel = "N",
      description = "Scale all gradients down to this norm where it is larger.")
  private float clipNorm;

  @Option(
      names = "--average",
      paramLabel = "DECAY",
      description =
          "Keep a moving average of the weights, such as 0.999, and validate and write that.")
  private float average;

  Rule rule() {
    if (optimizer == null) {
      return Rule.ADAMW;
    }
    for (Rule rule : Rule.values()) {
      if (rule.code().equals(optimizer.toLowerCase(Locale.ROOT))) {
        return rule;
      }
    }
    throw wrong(
        "--optimizer must be "
            + Stream.of(Rule.values()).map(Rule::code).collect(Collectors.joining(", "))
            + ", not '"
            + optimizer
            + "'.");
  }

  /**
   * What the options ask for.
   *
   * @param part that is trained
   * @throws IllegalArgumentException with a sentence
   */
  Optimization optimization(
      String part, float rate, int accumulate, boolean dropLast, Schedule schedule) {
    Rule rule = rule();
    float decay = weightDecay != null ? weightDecay : rule == Rule.ADAMW ? usualDecay(part) : 0;
    if (!(decay >= 0 && decay < 1e6f)) {
      throw wrong("--weight-decay must be from 0 to below 1,000,000, not " + decay + ".");
    }
    share("--momentum", momentum);
    share("--average", average);
    if (!(clipNorm >= 0 && Float.isFinite(clipNorm))) {
      throw wrong("--clip-norm must not be negative, and is " + clipNorm + ".");
    }
    return new Optimization(
        rule, rate, decay, momentum, clipNorm, accumulate, dropLast, average, schedule);
  }

  /**
   * Of AdamW. A head has few examples for its many features, which a strong one keeps in bounds.
   */
  private static float usualDecay(String part) {
    return switch (part) {
      case "head" -> 1;
      case "classifier" -> 0.0001f;
      default -> 0.05f;
    };
  }

  private static void share(String option, float value) {
    if (!(value >= 0 && value < 1)) {
      throw wrong(option + " must be at least 0 and below 1, not " + value + ".");
    }
  }

  private static IllegalArgumentException wrong(String sentence) {
    return new IllegalArgumentException(sentence);
  }
}
