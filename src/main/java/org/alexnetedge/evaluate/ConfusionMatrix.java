package org.alexnetedge.evaluate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/**
 * How many pictures of each class were taken for which: [C,C] counts, rows true, columns predicted.
 * Memory is 4 C C bytes. Immutable, so thread-safe.
 */
public final class ConfusionMatrix {
  private final int[][] counts;
  private final long[] support;
  private final long[] predicted;
  private final long total;
  private final long right;

  /**
   * Pictures of one class that were taken for another.
   *
   * @param truth the true class
   * @param predicted another class
   * @param count number of pictures
   */
  public record Confusion(int truth, int predicted, int count) {}

  private ConfusionMatrix(int[][] counts) {
    this.counts = counts;
    this.support = new long[counts.length];
    this.predicted = new long[counts.length];
    long hits = 0;
    long all = 0;
    for (int row = 0; row < counts.length; row++) {
      for (int column = 0; column < counts.length; column++) {
        support[row] += counts[row][column];
        predicted[column] += counts[row][column];
      }
      hits += counts[row][row];
      all += support[row];
    }
    this.right = hits;
    this.total = all;
  }

  /** Counts predictions. */
  public static ConfusionMatrix of(LabelledScores scores) {
    int[][] counts = new int[scores.classes()][scores.classes()];
    for (int i = 0; i < scores.pictures(); i++) {
      counts[scores.truth(i)][scores.predicted(i)]++;
    }
    return new ConfusionMatrix(counts);
  }

  /** C. */
  public int classes() {
    return counts.length;
  }

  /** Pictures of class {@code truth} that were taken for class {@code predicted}. */
  public int count(int truth, int predicted) {
    return counts[truth][predicted];
  }

  /** Pictures of a class. */
  public long support(int k) {
    return support[k];
  }

  /** Pictures that were taken for a class. */
  public long predicted(int k) {
    return predicted[k];
  }

  /** Pictures whose class was found. */
  public long right() {
    return right;
  }

  /** All pictures. */
  public long total() {
    return total;
  }

  /** Classes that have pictures. */
  public int present() {
    int n = 0;
    for (long pictures : support) {
      n += pictures > 0 ? 1 : 0;
    }
    return n;
  }

  /** The part of the pictures whose class was found. */
  public double accuracy() {
    return (double) right / total;
  }

  /** One class against the rest. */
  public PrecisionRecall of(int k) {
    return PrecisionRecall.of(counts[k][k], predicted[k], support[k]);
  }

  /** All decisions together; with one class for each picture all three equal the accuracy. */
  public PrecisionRecall micro() {
    return PrecisionRecall.of(right, total, total);
  }

  /** The mean over all classes, those without pictures included. */
  public PrecisionRecall macro() {
    return average(_ -> 1);
  }

  /** The mean over the classes that have pictures; its recall is the balanced accuracy. */
  public PrecisionRecall macroOverPresent() {
    return average(k -> support[k] > 0 ? 1 : 0);
  }

  /** The mean over classes, weighted by their numbers of pictures. */
  public PrecisionRecall weighted() {
    return average(k -> support[k]);
  }

  private PrecisionRecall average(IntToDoubleFunction weights) {
    double precision = 0;
    double recall = 0;
    double f1 = 0;
    double sum = 0;
    for (int k = 0; k < counts.length; k++) {
      double weight = weights.applyAsDouble(k);
      PrecisionRecall one = of(k);
      precision += weight * one.precision();
      recall += weight * one.recall();
      f1 += weight * one.f1();
      sum += weight;
    }
    return new PrecisionRecall(precision / sum, recall / sum, f1 / sum);
  }

  /** Cohen's kappa: agreement beyond chance; NaN when chance alone agrees always. */
  public double kappa() {
    double byChance = agreementByChance() / total;
    return (accuracy() - byChance) / (1 - byChance);
  }

  /**
   * Matthews' correlation coefficient for any number of classes (Gorodkin 2004); 0 where it is not
   * defined: all pictures of one class, or all predictions.
   */
  public double matthews() {
    double n = total;
    double truths = n * n;
    double predictions = n * n;
    for (int k = 0; k < counts.length; k++) {
      truths -= (double) support[k] * support[k];
      predictions -= (double) predicted[k] * predicted[k];
    }
    double scale = Math.sqrt(truths) * Math.sqrt(predictions);
    return scale == 0 ? 0 : (right * n - agreementByChance() * n) / scale;
  }

  /** How many right answers there would be if predictions had nothing to do with pictures. */
  private double agreementByChance() {
    double sum = 0;
    for (int k = 0; k < counts.length; k++) {
      sum += (double) support[k] * predicted[k];
    }
    return sum / total;
  }

  /** The pairs that were confused most often, most often first; of equal ones the lowest first. */
  public List<Confusion> mostFrequent(int most) {
    List<Confusion> all = new ArrayList<>();
    for (int truth = 0; truth < counts.length; truth++) {
      for (int other = 0; other < counts.length; other++) {
        if (truth != other && counts[truth][other] > 0) {
          all.add(new Confusion(truth, other, counts[truth][other]));
        }
      }
    }
    // The sort is stable, and they come in the order of their classes.
    all.sort(Comparator.comparingInt(Confusion::count).reversed());
    return List.copyOf(all.subList(0, Math.min(most, all.size())));
  }
}
