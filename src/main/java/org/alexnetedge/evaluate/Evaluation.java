package org.alexnetedge.evaluate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.alexnetedge.classify.ClassifyRecord;
import org.alexnetedge.pipeline.InputName;

/**
 * What a classifier said of labelled pictures.
 *
 * @param scores one row for each picture that could be classified
 * @param labels names of the classes, in the order of the scores
 * @param pictures names of the pictures, in the order of the rows
 * @param leftOut pictures that could not be read or classified
 * @param empty what was named and holds no picture, such as the folder of a class
 */
public record Evaluation(
    LabelledScores scores,
    List<String> labels,
    List<InputName> pictures,
    List<ClassifyRecord.Failure> leftOut,
    List<InputName> empty) {

  public Evaluation {
    labels = List.copyOf(labels);
    pictures = List.copyOf(pictures);
    leftOut = List.copyOf(leftOut);
    empty = List.copyOf(empty);
    if (labels.size() != scores.classes() || pictures.size() != scores.pictures()) {
      throw new IllegalArgumentException("Labels and pictures must be those of the scores.");
    }
  }

  /**
   * A picture that was taken for another class.
   *
   * @param score for the class it was taken for
   * @param trueScore for its own
   */
  public record Mistake(
      InputName picture, String truth, String predicted, double score, double trueScore) {}

  /** The surest wrong answers first: by score, then by how little the true class got. */
  public List<Mistake> worst(int most) {
    List<Integer> wrong = new ArrayList<>();
    for (int i = 0; i < scores.pictures(); i++) {
      if (scores.predicted(i) != scores.truth(i)) {
        wrong.add(i);
      }
    }
    // Rows that are equal in both stay in their order.
    wrong.sort(
        Comparator.<Integer>comparingDouble(i -> -scores.score(i, scores.predicted(i)))
            .thenComparingDouble(i -> scores.score(i, scores.truth(i))));
    return wrong.stream().limit(most).map(this::mistake).toList();
  }

  private Mistake mistake(int i) {
    int truth = scores.truth(i);
    int predicted = scores.predicted(i);
    return new Mistake(
        pictures.get(i),
        labels.get(truth),
        labels.get(predicted),
        scores.score(i, predicted),
        scores.score(i, truth));
  }
}
