package org.alexnetedge.train;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.image.DecodeOptions;
import org.alexnetedge.pipeline.ModelException;
import org.alexnetedge.train.TrainConfig.Teaching;
import org.jspecify.annotations.Nullable;

/**
 * What a teacher says of some augmented views of each picture, computed once and kept in the run
 * folder. The student sees these views in turn, and learns its targets and the teacher's answers by
 * their shares. The teacher has its own preprocessing, and sees the same part of a picture, but for
 * rounding. Immutable, thread-safe.
 */
final class Answers {
  private final Features logits;
  private final Teaching teaching;

  /**
   * Answers that are there.
   *
   * @param logits of as many views as {@code teaching} says
   */
  Answers(Features logits, Teaching teaching) {
    this.logits = logits;
    this.teaching = teaching;
  }

  /**
   * Computes the answers, or reads them from the run folder; null when there is no teacher, or one
   * that looks at whatever the student looks at.
   *
   * @param student what the network that learns says of itself
   * @throws ModelException when the teacher does not fit
   */
  static @Nullable Answers of(
      FeatureExtraction extraction,
      RunFolder run,
      TrainConfig config,
      StartModel student,
      List<Sample> pictures,
      TrainingListener listener)
      throws DataException, InterruptedException {
    Teaching teaching = config.loss().teacher();
    if (teaching == null || teaching.views() == 0) {
      return null;
    }
    Path file = Path.of(teaching.model());
    StartModel teacher = StartModel.read(extraction.environment(), file, extraction.session());
    if (!teacher.labels().equals(student.labels())) {
      throw new ModelException(
          Teacher.NAME
              + file
              + " tells other classes apart: "
              + String.join(", ", teacher.labels())
              + ".");
    }
    Teacher.checkOutputs(file, teacher.output(), teacher.outputs(), student.outputs());
    TrainConfig.Pictures taken = config.pictures();
    FeatureRequest request =
        new FeatureRequest(
            file,
            teacher.input(new DecodeOptions(taken.maxPixels(), taken.lenient())),
            pictures,
            1,
            teaching.views(),
            taken.augmentation().withMixup(0).withCutmix(0),
            config.seed());
    int all = pictures.size() * teaching.views();
    Features logits =
        new FeatureFiles(run.features())
            .get("teacher", request, extraction, done -> listener.prepared(done, all));
    return new Answers(logits, teaching);
  }

  /** The view, counted from 1, in which pictures are seen in an epoch, counted from 0. */
  int view(int epoch) {
    return 1 + epoch % teaching.views();
  }

  /**
   * Blends the answers for two pictures that are mixed into their row of targets.
   *
   * @param part of the first, 0 to 1
   * @param targets float32, [N, outputs]
   */
  void blend(int view, int first, double part, int second, MemorySegment targets, long row) {
    double[] one = probabilities(first, view);
    double[] other = first == second ? one : probabilities(second, view);
    float share = teaching.share();
    for (int c = 0; c < one.length; c++) {
      long at = row * one.length + c;
      double answer = part * one[c] + (1 - part) * other[c];
      double target = targets.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
      targets.setAtIndex(
          ValueLayout.JAVA_FLOAT_UNALIGNED, at, (float) ((1 - share) * target + share * answer));
    }
  }

  /** Softmax of logits that are divided by the temperature; of a single one, the sigmoid. */
  private double[] probabilities(int picture, int view) {
    float[] row = logits.row(picture, view - 1);
    double temperature = teaching.temperature();
    return row.length == 1
        ? Probabilities.sigmoid(row, temperature)
        : Probabilities.softmax(row, temperature);
  }
}
