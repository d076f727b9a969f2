package org.alexnetedge.artifacts;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.ort.training.CheckpointState;
import org.alexnetedge.ort.training.TrainingSession;
import org.alexnetedge.train.ArtifactSession;

/** The training session that {@code train} opens on artifacts that were written to a folder. */
final class Learning implements AutoCloseable {
  final TrainingSession session;
  private final CheckpointState checkpoint;
  private final float rate;

  /**
   * @param rate of the update rule
   * @param folder empty
   */
  Learning(Artifacts artifacts, Optimizer optimizer, double rate, Path folder) {
    TrainingModel.write(artifacts, folder);
    checkpoint =
        CheckpointState.load(TrainingModel.environment(), folder.resolve(Artifacts.CHECKPOINT));
    session =
        ArtifactSession.open(
            TrainingModel.environment(),
            checkpoint,
            SessionOptions.builder().intraOpThreads(2).build(),
            folder);
    this.rate = (float) (rate * optimizer.rateFactor());
  }

  /** Adds to the gradients; the loss before the update. */
  double gather(Map<String, Tensor> inputs) {
    return run(inputs, true)[0];
  }

  void update() {
    session.optimizerStep(rate);
  }

  /** Loss and logits of the training or eval model. */
  float[] run(Map<String, Tensor> inputs, boolean training) {
    List<org.alexnetedge.ort.Tensor> values = new ArrayList<>();
    inputs.values().forEach(tensor -> values.add(value(tensor)));
    try (Outputs outputs = training ? session.trainStep(values) : session.evalStep(values)) {
      float[] logits = outputs.tensor("logits").toFloatArray();
      float[] both = new float[1 + logits.length];
      both[0] = outputs.tensor("loss").toFloatArray()[0];
      System.arraycopy(logits, 0, both, 1, logits.length);
      return both;
    } finally {
      values.forEach(org.alexnetedge.ort.Tensor::close);
    }
  }

  float[] parameter(String name) {
    try (org.alexnetedge.ort.Tensor tensor = session.parameter(name)) {
      return tensor.toFloatArray();
    }
  }

  private static org.alexnetedge.ort.Tensor value(Tensor tensor) {
    return org.alexnetedge.ort.Tensor.copyOf(
        TrainingModel.environment(),
        MemorySegment.ofArray(tensor.toFloats()),
        org.alexnetedge.ort.ElementType.FLOAT,
        tensor.shape());
  }

  @Override
  public void close() {
    session.close();
    checkpoint.close();
  }
}
