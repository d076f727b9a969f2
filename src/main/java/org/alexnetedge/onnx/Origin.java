package org.alexnetedge.onnx;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where a model came from: its file, for messages and for external data; null when it was built.
 */
record Origin(@Nullable Path file) {
  static final Origin BUILT = new Origin(null);

  /** An exception about this model; the text follows its name. */
  OnnxException problem(String text) {
    return new OnnxException((file == null ? "The model" : file.toString()) + " " + text);
  }
}
