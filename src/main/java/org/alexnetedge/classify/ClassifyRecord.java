package org.alexnetedge.classify;

import java.util.List;
import org.alexnetedge.pipeline.ErrorKind;
import org.alexnetedge.pipeline.InputName;

/** What is known of one input after it was processed: every input gives exactly one of these. */
public sealed interface ClassifyRecord {

  /** The input that this speaks of. */
  InputName file();

  /**
   * The input was classified.
   *
   * @param predictions best first; empty when no score reaches the threshold
   */
  record Result(InputName file, List<Prediction> predictions) implements ClassifyRecord {
    private static final float WEAK = 0.5f;

    public Result {
      predictions = List.copyOf(predictions);
    }

    /**
     * Whether even the best score is below one half: where scores are as large as they are right,
     * the answer is more probably wrong. Without predictions it is not.
     */
    public boolean isWeak() {
      return !predictions.isEmpty() && !(predictions.getFirst().score() >= WEAK);
    }
  }

  /**
   * The input could not be classified.
   *
   * @param message a sentence without the input's name
   */
  record Failure(InputName file, ErrorKind kind, String message) implements ClassifyRecord {}
}
