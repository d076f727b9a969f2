package org.alexnetedge.evaluate;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.alexnetedge.classify.TerminalText;
import org.alexnetedge.evaluate.ConfusionMatrix.Confusion;

/**
 * A report for people: the figures of the whole, a table of the classes, which were confused most
 * often, and the worst mistakes with their files. Names and labels are escaped, so that they cannot
 * drive the terminal.
 */
public final class EvaluationText {
  /** How many pairs of classes are listed. */
  static final int CONFUSIONS = 10;

  /** Above this only the classes with the lowest F1 are listed, those with pictures first. */
  private static final int MOST_CLASSES = 40;

  private static final int WIDEST_LABEL = 32;
  private static final int FIGURE = 20; // columns of a figure's name

  private final Evaluation evaluation;
  private final Metrics metrics;
  private final PrintWriter out;

  private EvaluationText(Evaluation evaluation, Metrics metrics, PrintWriter out) {
    this.evaluation = evaluation;
    this.metrics = metrics;
    this.out = out;
  }

  /**
   * Prints the report.
   *
   * @param metrics those of the evaluation
   * @param top K of the top-K accuracy
   * @param worst how many mistakes to list
   */
  public static void print(
      Evaluation evaluation, Metrics metrics, int top, int worst, PrintWriter out) {
    EvaluationText text = new EvaluationText(evaluation, metrics, out);
    text.overall(top);
    text.classes();
    text.confusions();
    text.mistakes(worst);
    out.flush();
  }

  private void overall(int top) {
    ConfusionMatrix confusion = metrics.confusion();
    int present = confusion.present();
    String pictures = number(confusion.total(), "picture") + " of " + number(present, "class");
    if (present < confusion.classes()) {
      pictures += String.format(Locale.ROOT, " (the model knows %,d)", confusion.classes());
    }
    if (!evaluation.leftOut().isEmpty()) {
      pictures += ", " + number(evaluation.leftOut().size(), "picture") + " left out";
    }
    out.println(pictures);
    out.println();
    figure(
        "accuracy", metrics.accuracy(), String.format(Locale.ROOT, "%,d right", confusion.right()));
    if (top < confusion.classes()) {
      figure("top-" + top + " accuracy", metrics.topK(top), "");
    }
    figure("balanced accuracy", confusion.macroOverPresent().recall(), "mean of the recalls");
    figure("average precision", metrics.meanAveragePrecision(), "mean over classes");
    figure("ROC AUC", metrics.rocAucMacro(), "mean over classes");
    if (metrics.ofProbabilities()) {
      figure("log loss", metrics.logLoss(), "");
      figure("Brier score", metrics.brier(), "0 to 2");
      figure("calibration error", metrics.calibrationError(), Metrics.BINS + " bins");
    } else {
      out.println("Scores are no probabilities: no log loss, Brier score, calibration error.");
    }
    figure("Cohen's kappa", confusion.kappa(), "");
    figure("Matthews", confusion.matthews(), "");
  }

  private void figure(String name, double value, String note) {
    String line = pad(name, FIGURE) + "  " + decimal(value);
    out.println(note.isEmpty() ? line : line + "  " + note);
  }

  private void classes() {
    List<Metrics.ClassFigures> all = metrics.perClass();
    List<Integer> seen =
        new ArrayList<>(
            IntStream.range(0, all.size())
                .filter(k -> all.get(k).support() > 0 || all.get(k).predicted() > 0)
                .boxed()
                .toList());
    int hidden = 0;
    if (seen.size() > MOST_CLASSES) {
      seen.sort(
          Comparator.<Integer, Boolean>comparing(k -> all.get(k).support() == 0)
              .thenComparingDouble(k -> all.get(k).figures().f1()));
      hidden = seen.size() - MOST_CLASSES;
      seen.subList(MOST_CLASSES, seen.size()).clear();
    }
    String macro = "mean of all classes";
    String present = "mean of those with pictures";
    String weighted = "mean weighted by pictures";
    boolean absent = metrics.confusion().present() < all.size();
    int width = (absent ? present : weighted).length();
    for (int k : seen) {
      width = Math.max(width, TerminalText.width(label(k)));
    }
    out.println();
    out.println(
        pad("class", width) + "  pictures  predicted  precision  recall      F1      AP     AUC");
    for (int k : seen) {
      Metrics.ClassFigures one = all.get(k);
      out.println(
          pad(label(k), width)
              + String.format(Locale.ROOT, "  %,8d  %,9d     ", one.support(), one.predicted())
              + figures(one.figures())
              + "  "
              + decimal(one.averagePrecision())
              + "  "
              + decimal(one.rocAuc()));
    }
    if (hidden > 0) {
      out.printf(
          Locale.ROOT,
          "... these are the %d with the lowest F1; --json has the other %,d%n",
          MOST_CLASSES,
          hidden);
    }
    ConfusionMatrix confusion = metrics.confusion();
    average(macro, confusion.macro(), width);
    if (absent) {
      average(present, confusion.macroOverPresent(), width);
    }
    average(weighted, confusion.weighted(), width);
  }

  private void average(String name, PrecisionRecall figures, int width) {
    out.println(pad(name, width) + " ".repeat(26) + figures(figures));
  }

  private static String figures(PrecisionRecall figures) {
    return decimal(figures.precision())
        + "  "
        + decimal(figures.recall())
        + "  "
        + decimal(figures.f1());
  }

  private void confusions() {
    List<Confusion> most = metrics.confusion().mostFrequent(CONFUSIONS);
    if (most.isEmpty()) {
      return;
    }
    out.println();
    out.println("most frequent confusions");
    for (Confusion one : most) {
      out.printf(
          Locale.ROOT,
          "%,8d  %s, taken for %s%n",
          one.count(),
          label(one.truth()),
          label(one.predicted()));
    }
  }

  private void mistakes(int most) {
    List<Evaluation.Mistake> worst = evaluation.worst(most);
    if (worst.isEmpty()) {
      return;
    }
    out.println();
    out.println("worst mistakes");
    for (Evaluation.Mistake one : worst) {
      out.println(
          "  "
              + decimal(one.score())
              + "  "
              + TerminalText.escaped(one.picture().text())
              + ": "
              + label(one.truth())
              + " ("
              + decimal(one.trueScore()).strip()
              + "), taken for "
              + label(one.predicted()));
    }
  }

  private String label(int k) {
    return label(evaluation.labels().get(k));
  }

  private static String label(String label) {
    return TerminalText.cut(TerminalText.escaped(label), WIDEST_LABEL);
  }

  private static String pad(String text, int columns) {
    return text + " ".repeat(Math.max(0, columns - TerminalText.width(text)));
  }

  /** Six columns. */
  private static String decimal(double value) {
    return Double.isNaN(value) ? "     –" : String.format(Locale.ROOT, "%6.4f", value);
  }

  private static String number(long n, String noun) {
    String plural = noun.endsWith("s") ? noun + "es" : noun + "s";
    return String.format(Locale.ROOT, "%,d %s", n, n == 1 ? noun : plural);
  }
}
