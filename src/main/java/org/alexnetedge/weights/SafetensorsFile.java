package org.alexnetedge.weights;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Map;
import org.alexnetedge.onnx.Tensor;

/** Weights in {@code .safetensors} files. */
final class SafetensorsFile {
  private SafetensorsFile() {}

  static Map<String, Tensor> read(Path file, Arena arena) {
    throw new WeightsException("Safetensors files cannot be read yet.");
  }
}
