package org.alexnetedge.evaluate;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.alexnetedge.classify.ClassifyRecord;
import org.alexnetedge.evaluate.ConfusionMatrix.Confusion;
import org.alexnetedge.pipeline.InputName;
import org.alexnetedge.pipeline.RawText;

/**
 * All figures and curves as one JSON object. What is not defined is null. Curves have a point at
 * each distinct score; above {@value #MOST_POINTS} pictures times classes only those where the true
 * positives change, which loses nothing of them and of their areas, and {@code curve_points} says
 * so.
 */
public final class EvaluationJson {
  /** Larger files could be read by no program that wants to show them. */
  static final long MOST_POINTS = 2_000_000;

  private static final int[] PLACES = {1, 2, 3, 5, 10};
  private static final int[] BINS = {Metrics.BINS, 10};

  private final Evaluation evaluation;
  private final Metrics metrics;
  private final JsonWriter json;

  private EvaluationJson(Evaluation evaluation, Metrics metrics, Writer out) {
    this.evaluation = evaluation;
    this.metrics = metrics;
    this.json = new JsonWriter(out);
    json.setHtmlSafe(false);
  }

  /**
   * Writes the object and a line end.
   *
   * @param metrics those of the evaluation
   * @param worst how many mistakes to list
   * @throws IOException only when {@code out} does
   */
  public static void write(Evaluation evaluation, Metrics metrics, int worst, Writer out)
      throws IOException {
    new EvaluationJson(evaluation, metrics, out).all(worst);
    out.write('\n');
    out.flush();
  }

  private void all(int worst) throws IOException {
    json.beginObject();
    overall();
    perClass();
    confusion();
    curves();
    mistakes(worst);
    leftOut();
    json.endObject();
  }

  private void overall() throws IOException {
    ConfusionMatrix confusion = metrics.confusion();
    LabelledScores scores = evaluation.scores();
    json.name("pictures").value(scores.pictures());
    json.name("classes").value(scores.classes());
    json.name("labels").beginArray();
    for (int k = 0; k < scores.classes(); k++) {
      json.value(label(k));
    }
    json.endArray();
    classes("absent", k -> confusion.support(k) == 0);
    classes("never_predicted", k -> confusion.predicted(k) == 0);
    json.name("ties_at_the_top").value(count(this::hasTieAtTheTop));
    json.name("zero_for_the_true_class").value(count(i -> scores.score(i, scores.truth(i)) == 0));
    json.name("right").value(confusion.right());
    number("accuracy", metrics.accuracy());
    number("balanced_accuracy", confusion.macroOverPresent().recall());
    json.name("top_k").beginObject();
    for (int k : PLACES) {
      json.name(Integer.toString(k)).beginObject();
      number("lowest_index_first", metrics.topK(k));
      number("highest_index_first", metrics.topKHighestFirst(k));
      json.endObject();
    }
    json.endObject();
    json.name("averages").beginObject();
    average("macro", confusion.macro());
    average("macro_over_present", confusion.macroOverPresent());
    average("weighted", confusion.weighted());
    average("micro", confusion.micro());
    json.endObject();
    number("mean_average_precision", metrics.meanAveragePrecision());
    number("roc_auc_macro", metrics.rocAucMacro());
    number("cohen_kappa", confusion.kappa());
    number("matthews", confusion.matthews());
    number("log_loss", metrics.logLoss());
    number("brier", metrics.brier());
    calibration();
  }

  private boolean hasTieAtTheTop(int picture) {
    LabelledScores scores = evaluation.scores();
    double best = scores.score(picture, scores.predicted(picture));
    return IntStream.range(0, scores.classes())
            .filter(k -> scores.score(picture, k) == best)
            .limit(2)
            .count()
        == 2;
  }

  private long count(IntPredicate pictures) {
    return IntStream.range(0, evaluation.scores().pictures()).filter(pictures).count();
  }

  private void classes(String name, IntPredicate those) throws IOException {
    json.name(name).beginArray();
    for (int k = 0; k < evaluation.scores().classes(); k++) {
      if (those.test(k)) {
        json.value(k);
      }
    }
    json.endArray();
  }

  private void average(String name, PrecisionRecall figures) throws IOException {
    json.name(name).beginObject();
    figures(figures);
    json.endObject();
  }

  private void figures(PrecisionRecall figures) throws IOException {
    number("precision", figures.precision());
    number("recall", figures.recall());
    number("f1", figures.f1());
  }

  private void calibration() throws IOException {
    json.name("calibration");
    if (!metrics.ofProbabilities()) {
      json.nullValue();
      return;
    }
    json.beginArray();
    for (int number : BINS) {
      Calibration calibration = Calibration.of(evaluation.scores(), number);
      json.beginObject();
      number("error", calibration.error());
      json.name("bins").beginArray();
      for (Calibration.Bin bin : calibration.bins()) {
        json.beginObject();
        number("low", bin.low());
        number("high", bin.high());
        json.name("count").value(bin.count());
        number("accuracy", bin.accuracy());
        number("confidence", bin.confidence());
        json.endObject();
      }
      json.endArray();
      json.endObject();
    }
    json.endArray();
  }

  private void perClass() throws IOException {
    List<Metrics.ClassFigures> all = metrics.perClass();
    json.name("per_class").beginArray();
    for (int k = 0; k < all.size(); k++) {
      Metrics.ClassFigures one = all.get(k);
      json.beginObject();
      json.name("class").value(k);
      json.name("label").value(label(k));
      json.name("support").value(one.support());
      json.name("predicted").value(one.predicted());
      figures(one.figures());
      number("average_precision", one.averagePrecision());
      number("roc_auc", one.rocAuc());
      json.endObject();
    }
    json.endArray();
  }

  private void confusion() throws IOException {
    ConfusionMatrix confusion = metrics.confusion();
    json.name("confusion_rows_true_columns_predicted").beginArray();
    for (int row = 0; row < confusion.classes(); row++) {
      json.beginArray();
      for (int column = 0; column < confusion.classes(); column++) {
        json.value(confusion.count(row, column));
      }
      json.endArray();
    }
    json.endArray();
    json.name("confusions").beginArray();
    for (Confusion one : confusion.mostFrequent(EvaluationText.CONFUSIONS)) {
      json.beginObject();
      json.name("label").value(label(one.truth()));
      json.name("predicted").value(label(one.predicted()));
      json.name("count").value(one.count());
      json.endObject();
    }
    json.endArray();
  }

  private void curves() throws IOException {
    LabelledScores scores = evaluation.scores();
    boolean whole = (long) scores.pictures() * scores.classes() <= MOST_POINTS;
    json.name("curve_points").value(whole ? "all" : "corners");
    json.name("curves").beginObject();
    for (int k = 0; k < scores.classes(); k++) {
      long support = metrics.confusion().support(k);
      if (support == 0) {
        continue;
      }
      OneVersusRest counts = OneVersusRest.of(scores, k);
      counts = whole ? counts : counts.corners();
      json.name(Integer.toString(k)).beginObject();
      OneVersusRest.PrecisionRecallCurve curve = counts.precisionRecall();
      json.name("precision_recall").beginObject();
      numbers("precision", curve.precision());
      numbers("recall", curve.recall());
      numbers("thresholds", curve.thresholds());
      json.endObject();
      json.name("roc");
      if (support == scores.pictures()) {
        json.nullValue();
      } else {
        OneVersusRest.RocCurve roc = counts.roc();
        json.beginObject();
        numbers("false_positive_rate", roc.falsePositiveRate());
        numbers("true_positive_rate", roc.truePositiveRate());
        numbers("thresholds", roc.thresholds());
        json.endObject();
      }
      json.endObject();
    }
    json.endObject();
  }

  private void mistakes(int most) throws IOException {
    json.name("worst").beginArray();
    for (Evaluation.Mistake mistake : evaluation.worst(most)) {
      json.beginObject();
      file(mistake.picture());
      json.name("label").value(text(mistake.truth()));
      json.name("predicted").value(text(mistake.predicted()));
      number("score", mistake.score());
      number("true_score", mistake.trueScore());
      json.endObject();
    }
    json.endArray();
  }

  private void leftOut() throws IOException {
    json.name("left_out").beginArray();
    for (ClassifyRecord.Failure failure : evaluation.leftOut()) {
      json.beginObject();
      file(failure.file());
      json.name("error").beginObject();
      json.name("kind").value(failure.kind().code());
      json.name("message").value(failure.message());
      json.endObject();
      json.endObject();
    }
    json.endArray();
  }

  private void file(InputName name) throws IOException {
    json.name("file").value(name.text());
    if (name.bytesHex() != null) {
      json.name("file_bytes").value(name.bytesHex());
    }
  }

  private String label(int k) {
    return text(evaluation.labels().get(k));
  }

  /** Names of folders need not be UTF-8, JSON must. */
  private static String text(String label) {
    return InputName.of(RawText.encode(label)).text();
  }

  private void numbers(String name, double[] values) throws IOException {
    json.name(name).beginArray();
    for (double value : values) {
      number(value);
    }
    json.endArray();
  }

  private void number(String name, double value) throws IOException {
    json.name(name);
    number(value);
  }

  private void number(double value) throws IOException {
    if (Double.isFinite(value)) {
      json.value(value);
    } else {
      json.nullValue();
    }
  }
}
