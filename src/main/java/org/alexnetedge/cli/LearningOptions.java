package org.alexnetedge.cli;

import org.alexnetedge.train.EarlyStopping;
import org.alexnetedge.train.Schedule;
import org.alexnetedge.train.TrainConfig.Optimization;
import org.alexnetedge.train.TrainConfig.Rule;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How weights are changed, how far and how long. */
final class LearningOptions {
  @Option(
      names = "--train",
      paramLabel = "PART",
      description =
          "head (the last layer; the default with --from), classifier (all fully connected"
              + " layers), all (the default with --arch), or names of parameters with commas"
              + " between, * for any text.")
  private @Nullable String part;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description =
          "Passes over the pictures (default: head 20, classifier 10, all 40; with"
              + " --early-stopping 100).")
  private @Nullable Integer epochs;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Pictures that go through the network together (default: head 32, else 64).")
  private @Nullable Integer batch;

  @Option(
      names = "--accumulate",
      paramLabel = "N",
      description = "Add up the gradients of N batches for one step (default: ${DEFAULT-VALUE}).")
  private int accumulate = 1;

  @Option(
      names = "--drop-last",
      description =
          "Leave out an epoch's last step where it would have fewer pictures than the others;"
              + " they are drawn anew in each epoch.")
  private boolean dropLast;

  @Mixin private UpdateOptions update = new UpdateOptions();

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      description =
          "Learning rate (default: adam's kinds head 0.003, classifier 0.0005, all 0.002;"
              + " sgd and momentum ten times that).")
  private @Nullable Float rate;

  @Option(
      names = "--schedule",
      paramLabel = "HOW",
      description =
          "How the rate goes on: constant, step:EPOCHS[:FACTOR], cosine[:FLOOR], linear[:FLOOR] or"
              + " plateau:EPOCHS[:FACTOR] (default: cosine; keras-adam and --early-stopping:"
              + " constant).")
  private @Nullable String schedule;

  @Option(
      names = "--warmup",
      paramLabel = "N",
      description =
          "Epochs, or a share of the run such as 5%%, in which the rate grows to its value"
              + " (default: all 5%% where the schedule is not constant, else 0).")
  private @Nullable String warmUp;

  @Option(
      names = "--early-stopping",
      paramLabel = "RULE",
      description =
          "FIGURE:PATIENCE[:CHANGE]: stop when the figure (loss, accuracy, val-loss or"
              + " val-accuracy) was not better for so many epochs, and take the best epoch's"
              + " weights.")
  private @Nullable String earlyStopping;

  /** Part to train, as {@code --train} says or as is usual. */
  String part(boolean fromScratch) {
    return part != null ? part : fromScratch ? "all" : "head";
  }

  @Nullable Integer epochs() {
    if (epochs != null && (epochs < 1 || epochs > 1_000_000)) {
      throw wrong("--epochs must be from 1 to 1,000,000, not " + epochs + ".");
    }
    return epochs;
  }

  int epochs(String chosen) {
    Integer given = epochs();
    if (given != null) {
      return given;
    }
    return earlyStopping != null
        ? 100
        : switch (chosen) {
          case "head" -> 20;
          case "classifier" -> 10;
          default -> 40;
        };
  }

  int batch(String chosen) {
    if (batch != null && (batch < 1 || batch > 65_536)) {
      throw wrong("--batch must be from 1 to 65536, not " + batch + ".");
    }
    return batch != null ? batch : chosen.equals("head") ? 32 : 64;
  }

  @Nullable EarlyStopping earlyStopping() {
    return earlyStopping == null ? null : EarlyStopping.parse(earlyStopping);
  }

  /**
   * What the options ask for.
   *
   * @throws IllegalArgumentException with a sentence
   */
  Optimization optimization(String chosen) {
    Rule rule = update.rule();
    boolean adaptive = rule != Rule.SGD && rule != Rule.MOMENTUM;
    boolean head = chosen.equals("head");
    boolean classifier = chosen.equals("classifier");
    float usual = (head ? 0.003f : classifier ? 0.0005f : 0.002f) * (adaptive ? 1 : 10);
    float lr = rate != null ? rate : usual;
    if (!(lr > 0 && lr <= 1e6f)) {
      throw wrong("--lr must be above 0 and at most 1,000,000, not " + lr + ".");
    }
    if (accumulate < 1 || accumulate > 65_536) {
      throw wrong("--accumulate must be from 1 to 65536, not " + accumulate + ".");
    }
    if ((long) accumulate * batch(chosen) > 1 << 24) {
      throw wrong(
          "--batch times --accumulate must be at most 16,777,216, not %,d."
              .formatted((long) accumulate * batch(chosen)));
    }
    boolean constant = rule == Rule.KERAS_ADAM || earlyStopping != null;
    Schedule plan = Schedule.parse(schedule != null ? schedule : constant ? "constant" : "cosine");
    boolean slow = !head && !classifier && plan.kind() != Schedule.Kind.CONSTANT;
    plan = plan.withWarmUp(warmUp != null ? warmUp : slow ? "5%" : "0");
    return update.optimization(chosen, lr, accumulate, dropLast, plan);
  }

  private static IllegalArgumentException wrong(String sentence) {
    return new IllegalArgumentException(sentence);
  }
}
