package org.alexnetedge.weights;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;
import org.alexnetedge.onnx.Tensor;

/** Weights that {@code torch.save} wrote. */
final class PyTorchFile {
  private PyTorchFile() {}

  static Map<String, Tensor> read(Path file, Arena arena) {
    throw new WeightsException("PyTorch files cannot be read yet.");
  }
}
