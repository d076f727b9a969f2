package org.alexnetedge.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.ValueType;

/**
 * A model that computes next to nothing, so that what is measured is the call: {@code y = x + x},
 * float32 [1,10].
 */
final class TinyModel {
  private TinyModel() {}

  static final int ELEMENTS = 10;
  static final long[] SHAPE = {1, ELEMENTS};

  /** Both bindings open their sessions with one thread that sleeps while it waits. */
  static final String SPINNING = "session.intra_op.allow_spinning";

  /** Writes the model to a temporary file, which the caller deletes. */
  static Path write() throws IOException {
    ValueType type =
        ValueType.tensor(ElementType.FLOAT32, Dimension.of(SHAPE[0]), Dimension.of(SHAPE[1]));
    Path file = Files.createTempFile("add", ".onnx");
    new GraphBuilder("add", 8, 17)
        .input("x", type)
        .output("y", type)
        .node("Add", List.of("x", "x"), "y")
        .build()
        .write(file);
    return file;
  }

  static float[] input() {
    float[] x = new float[ELEMENTS];
    for (int i = 0; i < ELEMENTS; i++) {
      x[i] = i + 0.25f;
    }
    return x;
  }

  /** A call that gives something else is not worth timing. */
  static void check(float[] y) {
    float[] expected = input();
    for (int i = 0; i < ELEMENTS; i++) {
      expected[i] *= 2;
    }
    if (!Arrays.equals(expected, y)) {
      throw new AssertionError(Arrays.toString(y) + " instead of " + Arrays.toString(expected));
    }
  }
}
