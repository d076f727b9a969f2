package org.alexnetedge.weights;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alexnetedge.onnx.Tensor;

/**
 * A file of named weights that another tool saved.
 *
 * @param format what kind of file it is
 * @param tensors by the names that they have in the file, in the file's order, with the elements
 *     that are stored ({@link Precision} widens them); unmodifiable
 */
public record WeightFile(Format format, Map<String, Tensor> tensors) {

  /** The kinds of files that are taken. */
  public enum Format {
    /** {@code .pth} and {@code .pt} of {@code torch.save}, of all versions since 2017. */
    PYTORCH,
    SAFETENSORS,
    /** NumPy's archives. */
    NPZ,
    /** {@code .keras} archives and HDF5 files of Keras. */
    KERAS
  }

  public WeightFile {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /**
   * Reads a file; what it is shows in its content, never in its name. Nothing that is stored in it
   * is ever executed, and the memory taken is bounded by what the file can hold. Thread-safe.
   *
   * @param arena owns the tensors' memory; those of an {@code .npz} are freed when nothing refers
   *     to them
   * @throws WeightsException when the file cannot be read, is no kind that is taken, or is damaged
   */
  public static WeightFile read(Path file, Arena arena) {
    Format format = Signature.format(file);
    return new WeightFile(
        format,
        switch (format) {
          case PYTORCH -> PyTorchFile.read(file, arena);
          case SAFETENSORS -> SafetensorsFile.read(file, arena);
          case NPZ -> Npz.read(file);
          case KERAS -> KerasFile.read(file, arena);
        });
  }
}
