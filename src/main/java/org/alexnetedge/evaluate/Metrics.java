package org.alexnetedge.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How good scores are. Definitions are scikit-learn's, but that of equal scores the lowest class
 * comes first, as everywhere in this project. Immutable and without reference to the scores, so
 * that a trainer can keep one for each epoch; thread-safe.
 */
public final class Metrics {
  /** Bins of the expected calibration error, as in Guo et al. 2017. */
  public static final int BINS = 15;

  /** Keeps the logarithm of a 0 finite: 2^-52, as scikit-learn has it for doubles. */
  private static final double LEAST = Math.ulp(1.0);

  private final ConfusionMatrix confusion;
  private final List<ClassFigures> perClass;
  private final long[] ranks;
  private final long[] ranksHighestFirst;
  private final boolean probabilities;
  private final double logLoss;
  private final double brier;
  private final double calibrationError;

  /**
   * One class against the rest.
   *
   * @param support pictures of the class
   * @param predicted pictures that were taken for it
   * @param averagePrecision area below precision over recall; NaN when there are no pictures
   * @param rocAuc area below the ROC curve; NaN when the class, or the rest, has no pictures
   */
  public record ClassFigures(
      long support,
      long predicted,
      PrecisionRecall figures,
      double averagePrecision,
      double rocAuc) {}

  private Metrics(LabelledScores scores) {
    int classes = scores.classes();
    confusion = ConfusionMatrix.of(scores);
    ranks = new long[classes];
    ranksHighestFirst = new long[classes];
    probabilities = scores.areProbabilities();
    double losses = 0;
    double squares = 0;
    for (int i = 0; i < scores.pictures(); i++) {
      countRank(scores, i);
      if (probabilities) {
        double share = scores.share(i, scores.truth(i));
        losses -= Math.log(Math.clamp(share, LEAST, 1 - LEAST));
        squares += squaredError(scores, i);
      }
    }
    logLoss = probabilities ? losses / scores.pictures() : Double.NaN;
    brier = probabilities ? squares / scores.pictures() : Double.NaN;
    calibrationError = probabilities ? Calibration.of(scores, BINS).error() : Double.NaN;
    List<ClassFigures> figures = new ArrayList<>();
    for (int k = 0; k < classes; k++) {
      double precision = Double.NaN;
      double area = Double.NaN;
      if (confusion.support(k) > 0) {
        OneVersusRest counts = OneVersusRest.of(scores, k);
        precision = counts.averagePrecision();
        area = counts.rocAuc();
      }
      figures.add(
          new ClassFigures(
              confusion.support(k), confusion.predicted(k), confusion.of(k), precision, area));
    }
    perClass = List.copyOf(figures);
  }

  /** Computes all figures; takes C N log N steps for classes that have pictures. */
  public static Metrics of(LabelledScores scores) {
    return new Metrics(scores);
  }

  private void countRank(LabelledScores scores, int picture) {
    int truth = scores.truth(picture);
    double score = scores.score(picture, truth);
    int larger = 0;
    int equalBefore = 0;
    int equalBehind = 0;
    for (int k = 0; k < scores.classes(); k++) {
      double other = scores.score(picture, k);
      if (other > score) {
        larger++;
      } else if (other == score && k != truth) {
        equalBefore += k < truth ? 1 : 0;
        equalBehind += k > truth ? 1 : 0;
      }
    }
    ranks[larger + equalBefore]++;
    ranksHighestFirst[larger + equalBehind]++;
  }

  private static double squaredError(LabelledScores scores, int picture) {
    double sum = 0;
    for (int k = 0; k < scores.classes(); k++) {
      double difference = scores.score(picture, k) - (k == scores.truth(picture) ? 1 : 0);
      sum += difference * difference;
    }
    return sum;
  }

  /** Which class was taken for which; precision, recall, F1 and their averages. */
  public ConfusionMatrix confusion() {
    return confusion;
  }

  /** One for each class, in their order. */
  public List<ClassFigures> perClass() {
    return perClass;
  }

  /** The part of the pictures whose class was predicted. */
  public double accuracy() {
    return confusion.accuracy();
  }

  /** The part of the pictures whose class is among the K best; 1 when K is all or more. */
  public double topK(int k) {
    return among(ranks, k);
  }

  /** As {@link #topK}, with the highest class first among equal scores, as scikit-learn has it. */
  public double topKHighestFirst(int k) {
    return among(ranksHighestFirst, k);
  }

  private double among(long[] counts, int k) {
    long sum = 0;
    for (int rank = 0; rank < Math.min(k, counts.length); rank++) {
      sum += counts[rank];
    }
    return (double) sum / confusion.total();
  }

  /** Whether scores were probabilities; without that the next three are NaN. */
  public boolean ofProbabilities() {
    return probabilities;
  }

  /**
   * Mean cross-entropy in nats, of scores divided by their sum, which are then kept away from 0 and
   * 1 by 2^-52.
   */
  public double logLoss() {
    return logLoss;
  }

  /** Mean over pictures of the squared errors summed over classes: from 0 to 2. */
  public double brier() {
    return brier;
  }

  /** Expected calibration error, {@value #BINS} bins. */
  public double calibrationError() {
    return calibrationError;
  }

  /** Mean of the classes' average precisions, over those that have one. */
  public double meanAveragePrecision() {
    return mean(ClassFigures::averagePrecision);
  }

  /** Mean of the classes' areas below ROC curves, over those that have one; NaN when none has. */
  public double rocAucMacro() {
    return mean(ClassFigures::rocAuc);
  }

  private double mean(ToDoubleFunction<ClassFigures> figure) {
    return perClass.stream()
        .mapToDouble(figure)
        .filter(value -> !Double.isNaN(value))
        .average()
        .orElse(Double.NaN);
  }
}
