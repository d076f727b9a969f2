package org.alexnetedge.weights;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;
import org.alexnetedge.onnx.Tensor;

/** Weights that Keras saved: HDF5, or a {@code .keras} archive around it. */
final class KerasFile {
  private KerasFile() {}

  /**
   * Reads all weights into memory of the arena.
   *
   * @throws WeightsException when the file cannot be read or understood
   */
  static Map<String, Tensor> read(Path file, Arena arena) {
    throw new WeightsException("Keras files cannot be read yet.");
  }
}
