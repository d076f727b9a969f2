package org.alexnetedge.evaluate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.alexnetedge.classify.Classifier;
import org.alexnetedge.classify.ClassifyRecord;
import org.alexnetedge.classify.Prediction;
import org.alexnetedge.classify.Progress;
import org.alexnetedge.classify.Summary;
import org.alexnetedge.pipeline.ErrorKind;
import org.alexnetedge.pipeline.InputName;
import org.alexnetedge.pipeline.Inputs;
import org.jspecify.annotations.Nullable;

/**
 * Puts labelled pictures through a {@link Classifier}, the same way that every other picture takes.
 * For one thread and one data set.
 */
public final class Evaluator {
  private static final int NAMED = 5;

  private final DataSet data;
  private final List<String> labels;

  /** Class of each label of the data. */
  private final Map<String, Integer> classes = new LinkedHashMap<>();

  private final boolean assumed;

  /**
   * Matches the labels of data and model, by name and case.
   *
   * @param labels the model's, in the order of its outputs; null when it names none: then as many
   *     labels as outputs are taken in their sorted order
   * @param outputs number of the model's outputs
   * @throws DataException when the data has a label that the model has not, or has twice
   */
  public Evaluator(DataSet data, @Nullable List<String> labels, int outputs) throws DataException {
    this.data = data;
    this.assumed = labels == null;
    if (labels == null) {
      boolean yesOrNo = outputs == 1 && data.labels().size() == 2;
      if (!yesOrNo && outputs != data.labels().size()) {
        throw new DataException(
            ("The model names no classes and has %,d outputs; the number of the data's labels is"
                    + " %,d (%s). Name the model's classes with --labels FILE.")
                .formatted(outputs, data.labels().size(), named(data.labels())));
      }
      this.labels = data.labels();
    } else {
      this.labels = labels;
    }
    match();
  }

  private void match() throws DataException {
    Map<String, List<Integer>> known = new LinkedHashMap<>();
    for (int k = 0; k < labels.size(); k++) {
      known.computeIfAbsent(labels.get(k), _ -> new ArrayList<>()).add(k);
    }
    List<String> unknown = new ArrayList<>();
    for (String label : data.labels()) {
      List<Integer> found = known.getOrDefault(label, List.of());
      if (found.isEmpty()) {
        if (data.hasPictures(label)) {
          unknown.add(label);
        }
      } else if (found.size() > 1) {
        throw new DataException(
            ("The label '%s' stands for %d classes of the model (%s), so it cannot be told which is"
                    + " meant.")
                .formatted(
                    label,
                    found.size(),
                    found.stream().map(String::valueOf).collect(Collectors.joining(", "))));
      } else {
        classes.put(label, found.getFirst());
      }
    }
    if (!unknown.isEmpty()) {
      throw new DataException(
          ("The model does not know %,d of the data's %,d labels: %s. Its own are %s. Labels are"
                  + " compared letter for letter; --labels FILE gives the model's classes other"
                  + " names.")
              .formatted(unknown.size(), data.labels().size(), named(unknown), named(labels)));
    }
  }

  private static String named(List<String> labels) {
    String first =
        labels.stream()
            .limit(NAMED)
            .map(label -> "'" + label + "'")
            .collect(Collectors.joining(", "));
    return labels.size() <= NAMED
        ? first
        : "%s and %,d more".formatted(first, labels.size() - NAMED);
  }

  /** Whether the order of the classes was assumed, since the model does not say it. */
  public boolean assumedOrder() {
    return assumed;
  }

  /**
   * Classifies all pictures of the data.
   *
   * @param classifier must give every class: its option {@code top} is no less than their number,
   *     its threshold lets all pass
   * @param progress told of each picture
   * @return null when the classifier was stopped
   * @throws DataException when no picture could be classified
   */
  public @Nullable Evaluation evaluate(Classifier classifier, Progress progress)
      throws DataException, InterruptedException {
    List<float[]> rows = new ArrayList<>();
    List<Integer> truth = new ArrayList<>();
    List<InputName> pictures = new ArrayList<>();
    List<ClassifyRecord.Failure> leftOut = new ArrayList<>();
    List<InputName> empty = new ArrayList<>();
    int[] next = {0};
    Summary summary;
    try (Inputs inputs = data.inputs()) {
      summary =
          classifier.classify(
              inputs,
              record -> {
                String label = data.label(next[0]++); // Records come in the order of the inputs.
                switch (record) {
                  case ClassifyRecord.Result result -> {
                    rows.add(scores(result));
                    truth.add(classes.get(label));
                    pictures.add(result.file());
                  }
                  case ClassifyRecord.Failure failure -> {
                    if (failure.kind() == ErrorKind.NO_PICTURES) {
                      empty.add(failure.file());
                    } else {
                      leftOut.add(failure);
                    }
                  }
                }
                progress.done(record.file());
              });
    }
    if (summary.stopped()) {
      return null;
    }
    if (rows.isEmpty()) {
      throw nothing(leftOut);
    }
    LabelledScores scores =
        LabelledScores.of(
            rows.toArray(new float[0][]), truth.stream().mapToInt(Integer::intValue).toArray());
    return new Evaluation(scores, labels, pictures, leftOut, empty);
  }

  private static DataException nothing(List<ClassifyRecord.Failure> leftOut) {
    if (leftOut.isEmpty()) {
      return new DataException("The data holds no picture.");
    }
    ClassifyRecord.Failure first = leftOut.getFirst();
    return new DataException(
        "No picture of the data could be used (%,d tried). The first, %s: %s"
            .formatted(leftOut.size(), first.file().text(), first.message()));
  }

  /** In the order of the classes. */
  private float[] scores(ClassifyRecord.Result result) {
    List<Prediction> predictions = result.predictions();
    if (predictions.size() == 1 && labels.size() == 2) {
      // A yes or no of a model without labels, as classify.Scores has it for one with two.
      float yes = predictions.getFirst().score();
      return new float[] {(float) (1.0 - yes), yes};
    }
    if (predictions.size() != labels.size()) {
      throw new IllegalArgumentException(
          "The classifier gives %d of %d classes; it must give all."
              .formatted(predictions.size(), labels.size()));
    }
    float[] scores = new float[labels.size()];
    for (Prediction prediction : predictions) {
      scores[prediction.index()] = prediction.score();
    }
    return scores;
  }
}
