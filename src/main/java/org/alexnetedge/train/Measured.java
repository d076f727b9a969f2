package org.alexnetedge.train;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.Tensor;
import org.alexnetedge.ort.training.TrainingSession;
import org.jspecify.annotations.Nullable;

/**
 * What the eval model makes of samples.
 *
 * @param loss mean cross-entropy in nats
 * @param accuracy share that is right
 */
record Measured(double loss, double accuracy) {

  static final Measured NOTHING = new Measured(Double.NaN, Double.NaN);

  /**
   * Passes all samples through the eval model, batch by batch; null when stopped before the end.
   */
  static @Nullable Measured of(
      TrainingSession session,
      OrtEnvironment environment,
      Samples samples,
      BatchReader reader,
      BooleanSupplier stopped)
      throws DataException, InterruptedException {
    double losses = 0;
    long right = 0;
    reader.begin(0, IntStream.range(0, samples.size()).toArray(), 0);
    for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
      try (Outputs outputs = outputs(session, environment, batch)) {
        MemorySegment logits = outputs.tensor(Trainer.LOGITS).data();
        losses += batch.crossEntropy(logits);
        right += batch.right(logits);
      }
      if (stopped.getAsBoolean()) {
        return null;
      }
    }
    return new Measured(losses / samples.size(), (double) right / samples.size());
  }

  /**
   * The eval model's logits of the first samples.
   *
   * @return [rows][classes]
   */
  static float[][] logits(
      TrainingSession session,
      OrtEnvironment environment,
      Samples samples,
      BatchReader reader,
      int rows)
      throws DataException, InterruptedException {
    int classes = samples.classes();
    float[][] all = new float[rows][classes];
    int done = 0;
    reader.begin(0, IntStream.range(0, rows).toArray(), 0);
    for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
      try (Outputs outputs = outputs(session, environment, batch)) {
        MemorySegment logits = outputs.tensor(Trainer.LOGITS).data();
        for (int i = 0; i < batch.rows(); i++) {
          MemorySegment.copy(
              logits,
              ValueLayout.JAVA_FLOAT,
              (long) i * classes * Float.BYTES,
              all[done++],
              0,
              classes);
        }
      }
    }
    return all;
  }

  private static Outputs outputs(TrainingSession session, OrtEnvironment environment, Batch batch) {
    List<Tensor> tensors = batch.tensors(environment);
    try {
      List<Tensor> inputs = new ArrayList<>(tensors);
      if (session.evalInputs().size() > inputs.size()) {
        inputs.add(tensors.get(1)); // A teacher's logits have no influence on the student's.
      }
      return session.evalStep(inputs);
    } finally {
      tensors.forEach(Tensor::close);
    }
  }
}
