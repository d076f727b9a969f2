package org.alexnetedge.train;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;
import org.alexnetedge.artifacts.Artifacts;
import org.alexnetedge.artifacts.BlockedConvolutions;
import org.alexnetedge.onnx.OnnxException;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.ort.Tensor;
import org.alexnetedge.ort.training.CheckpointState;
import org.alexnetedge.ort.training.TrainingSession;

/**
 * Opens what {@link Artifacts} wrote, with convolutions as this machine's processor computes them
 * fastest. The files stay what every machine understands.
 */
public final class ArtifactSession {
  private ArtifactSession() {}

  /**
   * Opens a session that the caller closes.
   *
   * @param environment of a library that can train
   * @param state a checkpoint of these artifacts
   * @param folder with the three models
   * @throws OnnxException when a file is missing or damaged
   * @throws OrtException when the models do not fit the checkpoint
   */
  public static TrainingSession open(
      OrtEnvironment environment, CheckpointState state, SessionOptions options, Path folder) {
    int block = block(environment);
    try (Arena arena = Arena.ofConfined()) {
      return TrainingSession.open(
          state,
          options,
          blocked(folder.resolve(Artifacts.TRAINING_MODEL), block, arena),
          blocked(folder.resolve(Artifacts.EVAL_MODEL), block, arena),
          OnnxModel.read(folder.resolve(Artifacts.OPTIMIZER_MODEL), arena).bytes(arena));
    }
  }

  private static MemorySegment blocked(Path file, int block, Arena arena) {
    OnnxModel model = OnnxModel.read(file, arena);
    try {
      return BlockedConvolutions.of(model, block).bytes(arena);
    } catch (IllegalArgumentException e) { // No graph can be built of what it says.
      throw new OnnxException(file + " is damaged: " + e.getMessage() + ".", e);
    }
  }

  /** Channels in a block on this processor, 1 where ONNX Runtime has no blocks. */
  public static int block(OrtEnvironment environment) {
    SessionOptions options = SessionOptions.builder().intraOpThreads(1).build();
    try (Arena arena = Arena.ofConfined();
        Session session =
            Session.open(environment, BlockedConvolutions.probe().bytes(arena), options);
        Tensor input = Tensor.ofFloats(environment, new float[4], 1, 4, 1, 1);
        Outputs outputs = session.run(Map.of("x", input))) {
      return Math.toIntExact(outputs.tensor("y").shape()[1]);
    } catch (OrtException e) {
      return 1; // The operator is not there.
    }
  }
}
