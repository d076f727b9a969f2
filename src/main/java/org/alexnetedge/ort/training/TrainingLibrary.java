package org.alexnetedge.ort.training;

import java.nio.file.Path;
import org.alexnetedge.natives.NativeBundle;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.natives.NativeLibraryException;
import org.alexnetedge.ort.FunctionTable;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.ort.OrtLibrary;

/** The library that can train, and the table of its training functions. */
public final class TrainingLibrary {
  /** The version whose order of functions {@link TrainingFunction} has. */
  static final String VERSION = "1.24.1";

  private TrainingLibrary() {}

  /**
   * The library with training that the jar carries, extracted into the cache when it is not there
   * yet. A process should use it for all it does, or not at all.
   *
   * @throws NativeLibraryException when it cannot be extracted or loaded
   */
  public static OrtLibrary carried(NativeCache cache) {
    NativeBundle bundle = NativeBundle.of(TrainingLibrary.class, "onnxruntime-training");
    Path folder = cache.extract(bundle);
    return OrtLibrary.at(folder.resolve(bundle.files().getFirst().fileName()), cache);
  }

  /**
   * @throws OrtException when the environment's library cannot train
   */
  static FunctionTable functions(OrtEnvironment environment) {
    OrtLibrary library = environment.library();
    // Before asking: another version's struct may have another order.
    if (!library.version().equals(VERSION)) {
      throw unfit(library, "it is not that version");
    }
    FunctionTable table = FunctionTable.training(environment, TrainingFunction.COUNT);
    if (table == null) {
      throw unfit(library, "it was built without training");
    }
    return table;
  }

  private static OrtException unfit(OrtLibrary library, String why) {
    return new OrtException(
        OrtException.Code.NOT_IMPLEMENTED,
        "Training needs ONNX Runtime "
            + VERSION
            + " built with training, such as the one in org.bytedeco:onnxruntime; "
            + library
            + " does not do: "
            + why
            + ".");
  }
}
