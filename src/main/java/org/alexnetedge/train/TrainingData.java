package org.alexnetedge.train;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.alexnetedge.evaluate.DataException;

/**
 * The pictures that are learnt from and those that validate. All could be read when they were
 * looked at. Each list is sorted by label and then by the bytes of the path.
 *
 * @param labels names of the classes, in the order of the samples' labels
 * @param training what is learnt from; of each class at least one
 * @param validation what measures; may be empty
 * @param leftOut pictures that cannot be read
 * @param remarks what a reader should know about the data, one phrase each
 */
public record TrainingData(
    List<String> labels,
    List<Sample> training,
    List<Sample> validation,
    List<LeftOut> leftOut,
    List<String> remarks) {

  /** A picture that is in the training and the validation part: the same bytes. */
  public record Shared(Sample training, Sample validation) {}

  public TrainingData {
    labels = List.copyOf(labels);
    training = List.copyOf(training);
    validation = List.copyOf(validation);
    leftOut = List.copyOf(leftOut);
    remarks = List.copyOf(remarks);
  }

  /**
   * Finds pictures, looks whether each can be read and decoded, and divides them. Needs {@code
   * image.OpenCv.load} before.
   *
   * @param progress told how many pictures have been looked at, by any thread, one at a time
   * @throws DataException when there is nothing to learn from: no pictures, one class only, a class
   *     of which no picture can be used
   */
  public static TrainingData read(DataOptions options, IntConsumer progress) throws DataException {
    return new DataReader(options).read(progress);
  }

  /** Number of training pictures of each class. */
  public int[] trainingCounts() {
    int[] counts = new int[labels.size()];
    training.forEach(sample -> counts[sample.label()]++);
    return counts;
  }

  /** Validation pictures that are also learnt from; their figures say little. */
  public List<Shared> shared() {
    Map<String, Sample> known = new HashMap<>();
    training.forEach(sample -> known.putIfAbsent(sample.sha256(), sample));
    List<Shared> shared = new ArrayList<>();
    for (Sample sample : validation) {
      Sample same = known.get(sample.sha256());
      if (same != null) {
        shared.add(new Shared(same, sample));
      }
    }
    return shared;
  }

  /**
   * The same pictures with the labels numbered as a model has them.
   *
   * @param order each label of this once; may have more, of which there are then no pictures
   * @throws DataException when a label of this is not in it, or is there twice
   */
  public TrainingData withLabels(List<String> order) throws DataException {
    int[] number = new int[labels.size()];
    for (int i = 0; i < number.length; i++) {
      String label = labels.get(i);
      number[i] = order.indexOf(label);
      if (number[i] < 0) {
        throw new DataException(
            "The data has the class '%s', which the model does not know; it knows %s."
                .formatted(label, DataRemarks.named(order)));
      }
      if (number[i] != order.lastIndexOf(label)) {
        throw new DataException(
            "The label '%s' stands for several classes of the model, so it cannot be told which is meant."
                .formatted(label));
      }
    }
    return new TrainingData(
        order, renumbered(training, number), renumbered(validation, number), leftOut, remarks);
  }

  private static List<Sample> renumbered(List<Sample> samples, int[] number) {
    return samples.stream().map(s -> new Sample(s.file(), number[s.label()], s.sha256())).toList();
  }
}
