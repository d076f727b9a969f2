package org.alexnetedge.weights;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alexnetedge.onnx.Tensor;

/** NumPy's {@code .npz} files: several arrays by name, in a zip that may be compressed. */
public final class Npz {
  private static final String SUFFIX = ".npy";

  private Npz() {}

  /**
   * Reads all arrays into native memory that is freed when nothing refers to it.
   *
   * @return arrays by name without {@code .npy}, in the file's order
   * @throws WeightsException when the file cannot be read, is no whole zip, or an array is one that
   *     {@link Npy} refuses
   */
  public static Map<String, Tensor> read(Path file) {
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    try (Archive archive = Archive.open(file)) {
      for (String member : archive.names()) {
        if (member.endsWith(SUFFIX)) {
          String name = member.substring(0, member.length() - SUFFIX.length());
          arrays.put(name, Npy.decode(archive.read(member, Arena.ofAuto()), archive.where(member)));
        }
      }
    } catch (OutOfMemoryError e) {
      throw FileBytes.noMemory(file, e);
    }
    return arrays;
  }
}
