package org.alexnetedge.train;

import java.util.List;
import java.util.Locale;

/**
 * When to stop before the last epoch, and which epoch's weights are the best. As Keras counts: the
 * run stops after {@code patience} epochs in a row that were not better than the best so far by
 * more than {@code leastChange}.
 *
 * @param figure that is watched
 * @param patience epochs, 1 or more
 * @param leastChange what counts as better, 0 or more
 */
public record EarlyStopping(Figure figure, int patience, float leastChange) {

  /** A figure of an epoch, named as Keras names it. */
  public enum Figure {
    TRAINING_LOSS("loss"),
    TRAINING_ACCURACY("accuracy"),
    VALIDATION_LOSS("val-loss"),
    VALIDATION_ACCURACY("val-accuracy");

    private final String code;

    Figure(String code) {
      this.code = code;
    }

    public String code() {
      return code;
    }

    /** Whether it is one of the validation. */
    public boolean ofValidation() {
      return this == VALIDATION_LOSS || this == VALIDATION_ACCURACY;
    }

    /** The figure, turned so that less is better. */
    double cost(EpochFigures epoch) {
      return switch (this) {
        case TRAINING_LOSS -> epoch.loss();
        case TRAINING_ACCURACY -> -epoch.accuracy();
        case VALIDATION_LOSS -> epoch.validationLoss();
        case VALIDATION_ACCURACY -> -epoch.validationAccuracy();
      };
    }
  }

  public EarlyStopping {
    if (patience < 1 || !(leastChange >= 0)) {
      throw new IllegalArgumentException("patience must be 1 or more, and the change not negative");
    }
  }

  /**
   * Reads {@code FIGURE:PATIENCE[:CHANGE]}.
   *
   * @throws IllegalArgumentException with a sentence
   */
  public static EarlyStopping parse(String text) {
    String[] parts = text.toLowerCase(Locale.ROOT).split(":", -1);
    if (parts.length == 2 || parts.length == 3) {
      for (Figure figure : Figure.values()) {
        if (parts[0].replace('_', '-').equals(figure.code)) {
          try {
            return new EarlyStopping(
                figure,
                Integer.parseInt(parts[1]),
                parts.length == 3 ? Float.parseFloat(parts[2]) : 0);
          } catch (IllegalArgumentException e) {
            break;
          }
        }
      }
    }
    throw new IllegalArgumentException(
        "--early-stopping must be FIGURE:PATIENCE[:CHANGE] with FIGURE one of loss, accuracy,"
            + " val-loss, val-accuracy, such as val-loss:5; not '"
            + text
            + "'.");
  }

  /** Number of the best epoch so far, from 1; 0 when there is none. */
  public int best(List<EpochFigures> past) {
    return watch(past).best;
  }

  /** Whether it is time to stop. */
  public boolean stops(List<EpochFigures> past) {
    return watch(past).bad >= patience;
  }

  private record Watch(int best, int bad) {}

  private Watch watch(List<EpochFigures> past) {
    double least = Double.POSITIVE_INFINITY;
    int best = 0;
    int bad = 0;
    for (EpochFigures epoch : past) {
      double cost = figure.cost(epoch);
      if (best == 0 || cost < least - leastChange) {
        least = cost;
        best = epoch.epoch();
        bad = 0;
      } else {
        bad++;
      }
    }
    return new Watch(best, bad);
  }
}
