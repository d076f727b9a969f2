package org.alexnetedge.train;

import java.util.List;
import java.util.Locale;

/**
 * How the learning rate goes over a run, as a factor on the rate that was asked for. A function of
 * the step and, for {@link Kind#PLATEAU}, of the epochs so far; it has no state.
 *
 * @param kind the form
 * @param every epochs between two falls (STEP), or epochs without a better validation loss before
 *     one (PLATEAU)
 * @param factor of each fall
 * @param floor share of the rate that is left at the end (COSINE, LINEAR) or at least (PLATEAU)
 * @param warmUpEpochs epochs in which the rate grows from next to nothing in a line
 * @param warmUpShare the same as a share of all steps; one of both is 0
 */
public record Schedule(
    Kind kind, int every, double factor, double floor, double warmUpEpochs, double warmUpShare) {

  /** The form. */
  public enum Kind {
    CONSTANT,
    STEP,
    COSINE,
    LINEAR,
    PLATEAU
  }

  public Schedule {
    if (every < 0
        || !(factor >= 0 && factor <= 1)
        || !(floor >= 0 && floor <= 1)
        || !(warmUpEpochs >= 0)
        || !(warmUpShare >= 0 && warmUpShare < 1)) {
      throw new IllegalArgumentException("a schedule's numbers make no sense");
    }
  }

  /**
   * Reads {@code constant}, {@code step:EPOCHS[:FACTOR]}, {@code cosine[:FLOOR]}, {@code
   * linear[:FLOOR]} or {@code plateau:EPOCHS[:FACTOR]}, without warm-up.
   *
   * @throws IllegalArgumentException with a sentence
   */
  public static Schedule parse(String text) {
    String[] parts = text.toLowerCase(Locale.ROOT).split(":", -1);
    try {
      switch (parts[0]) {
        case "constant" -> {
          if (parts.length == 1) {
            return new Schedule(Kind.CONSTANT, 0, 1, 0, 0, 0);
          }
        }
        case "cosine", "linear" -> {
          if (parts.length <= 2) {
            Kind kind = parts[0].equals("cosine") ? Kind.COSINE : Kind.LINEAR;
            return new Schedule(kind, 0, 1, parts.length == 2 ? share(parts[1]) : 0, 0, 0);
          }
        }
        case "step", "plateau" -> {
          if (parts.length == 2 || parts.length == 3) {
            Kind kind = parts[0].equals("step") ? Kind.STEP : Kind.PLATEAU;
            int every = Integer.parseInt(parts[1]);
            double factor = parts.length == 3 ? share(parts[2]) : 0.1;
            if (every >= 1) {
              return new Schedule(kind, every, factor, 0, 0, 0);
            }
          }
        }
        default -> {}
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "--schedule must be constant, step:EPOCHS[:FACTOR], cosine[:FLOOR], linear[:FLOOR] or"
            + " plateau:EPOCHS[:FACTOR], not '"
            + text
            + "'.");
  }

  private static double share(String text) {
    double value = Double.parseDouble(text);
    if (!(value >= 0 && value <= 1)) {
      throw new NumberFormatException();
    }
    return value;
  }

  /**
   * With a warm-up.
   *
   * @param text a number of epochs, such as {@code 2} or {@code 0.5}, or a share of the whole run,
   *     such as {@code 5%}
   * @throws IllegalArgumentException with a sentence
   */
  public Schedule withWarmUp(String text) {
    try {
      boolean share = text.endsWith("%");
      double value = Double.parseDouble(share ? text.substring(0, text.length() - 1) : text);
      if (value >= 0 && value < (share ? 100 : 1e6)) {
        return new Schedule(kind, every, factor, floor, share ? 0 : value, share ? value / 100 : 0);
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new IllegalArgumentException(
        "--warmup must be a number of epochs or a share of the run such as 5%, not '"
            + text
            + "'.");
  }

  /**
   * The factor on the rate.
   *
   * @param step from 0, of the whole run
   * @param stepsPerEpoch 1 or more
   * @param epochs of the whole run
   * @param past figures of the epochs before this step, from the first
   */
  public double factorAt(long step, int stepsPerEpoch, int epochs, List<EpochFigures> past) {
    double total = (double) stepsPerEpoch * epochs;
    double done = Math.min(1, step / total);
    double shape =
        switch (kind) {
          case CONSTANT -> 1;
          case STEP -> Math.pow(factor, (double) (step / stepsPerEpoch / every));
          case COSINE -> floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * done));
          case LINEAR -> floor + (1 - floor) * (1 - done);
          case PLATEAU -> Math.max(floor, Math.pow(factor, falls(past)));
        };
    double warm = Math.rint(warmUpShare > 0 ? warmUpShare * total : warmUpEpochs * stepsPerEpoch);
    return warm > 0 ? shape * Math.min(1, (step + 1) / warm) : shape;
  }

  /** As Keras' ReduceLROnPlateau counts: the count of bad epochs begins anew after each fall. */
  private int falls(List<EpochFigures> past) {
    double best = Double.POSITIVE_INFINITY;
    int falls = 0;
    int bad = 0;
    for (EpochFigures epoch : past) {
      double loss = epoch.validated() ? epoch.validationLoss() : epoch.loss();
      if (loss < best) {
        best = loss;
        bad = 0;
      } else if (++bad >= every) {
        falls++;
        bad = 0;
      }
    }
    return falls;
  }
}
