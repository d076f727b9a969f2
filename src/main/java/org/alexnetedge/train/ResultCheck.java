package org.alexnetedge.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.pipeline.ModelDescription.Output;
import org.alexnetedge.pipeline.ModelDescription.Task;
import org.alexnetedge.pipeline.ModelUse;

/** Whether a file gives for pictures what the eval model gave for them. */
final class ResultCheck {
  private ResultCheck() {}

  /**
   * Compares.
   *
   * @param pictures as {@code classify} takes them
   * @param logits the eval model's for the first pictures, [rows][classes]
   * @param tolerance of a number, relative to the picture's largest, at least 1
   */
  static Optional<String> wrong(
      OrtEnvironment environment,
      Path file,
      SessionOptions options,
      Samples pictures,
      BatchReader reader,
      float[][] logits,
      double tolerance)
      throws DataException, InterruptedException {
    try (Session session = Session.open(environment, file, options)) {
      ModelUse use = ModelUse.of(session, null, r -> r, null);
      reader.begin(0, IntStream.range(0, logits.length).toArray(), 0);
      int done = 0;
      for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
        try (var inputs = batch.inputs(environment);
            Outputs outputs =
                session.run(
                    Map.of(use.model().input(), inputs), List.of(use.model().output()), null)) {
          float[] given = outputs.tensor(use.model().output()).toFloatArray();
          for (int i = 0; i < batch.rows(); i++) {
            int classes = given.length / batch.rows();
            double[] expected = expected(logits[done], use);
            double largest = 1;
            for (double value : expected) {
              largest = Math.max(largest, Math.abs(value));
            }
            for (int c = 0; c < classes; c++) {
              double value = given[i * classes + c];
              if (!(Math.abs(value - expected[c]) <= tolerance * largest)) {
                return Optional.of(
                    String.format(
                        Locale.ROOT,
                        "for picture %d, output %d, it gives %g instead of %g.",
                        done + 1,
                        c,
                        value,
                        expected[c]));
              }
            }
            done++;
          }
        }
      }
      return Optional.empty();
    }
  }

  /** What the file should give where the eval model gives these logits. */
  private static double[] expected(float[] logits, ModelUse use) {
    if (use.output() == Output.LOGITS) {
      return IntStream.range(0, logits.length).mapToDouble(c -> logits[c]).toArray();
    }
    return use.task() == Task.SIGMOID
        ? Probabilities.sigmoid(logits, 1)
        : Probabilities.softmax(logits, 1);
  }
}
