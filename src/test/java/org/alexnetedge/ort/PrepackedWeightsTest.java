package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alexnetedge.onnx.OnnxModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrepackedWeightsTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();
  private static final int SIZE = 256;

  @TempDir Path folder;

  @Test
  void sessions_that_share_them_give_the_same_in_whatever_order_things_are_closed() {
    for (int order = 0; order < 6; order++) {
      Tensor weights = weights();
      PrepackedWeights container = new PrepackedWeights(ORT);
      SessionOptions.Builder options =
          SessionOptions.builder().initializer("w", weights).prepackedWeights(container);
      Session first = ModelFixture.open(layer(), options);
      Session second = ModelFixture.open(layer(), options);
      List<AutoCloseable> closing = new ArrayList<>(List.of(first, weights, container));
      java.util.Collections.rotate(closing, order % 3);
      if (order >= 3) {
        java.util.Collections.swap(closing, 0, 1);
      }
      for (AutoCloseable each : closing) {
        assertRuns(second);
        close(each);
      }
      assertRuns(second);
      second.close();
      close(container);
    }
  }

  @Test
  void sessions_from_a_path_and_from_bytes_share_them() {
    Path model = folder.resolve("layer.onnx");
    layer().write(model);
    try (Tensor weights = weights();
        PrepackedWeights container = new PrepackedWeights(ORT)) {
      SessionOptions.Builder options =
          SessionOptions.builder().initializer("w", weights).prepackedWeights(container);
      try (Session first = Session.open(ORT, model, options.build());
          Session second = ModelFixture.open(layer(), options)) {
        assertRuns(first);
        assertRuns(second);
      }
      // Nothing has to be open for the container to be of use.
      try (Session third = ModelFixture.open(layer(), options)) {
        assertRuns(third);
      }
    }
  }

  @Test
  void a_closed_container_is_refused() {
    PrepackedWeights container = new PrepackedWeights(ORT);
    container.close();
    container.close();
    assertEquals(
        "The container of prepacked weights is closed.",
        assertThrows(
                IllegalStateException.class,
                () ->
                    ModelFixture.open(
                        layer(), SessionOptions.builder().prepackedWeights(container)))
            .getMessage());
  }

  @Test
  void a_session_that_cannot_be_opened_does_not_keep_the_container() {
    PrepackedWeights container = new PrepackedWeights(ORT);
    SessionOptions options = SessionOptions.builder().prepackedWeights(container).build();
    assertThrows(OrtException.class, () -> Session.open(ORT, folder.resolve("none.onnx"), options));
    container.close();
  }

  /** {@code y = x w}, where w is the identity. */
  private static OnnxModel layer() {
    return ModelFixture.graph("layer")
        .input("x", ModelFixture.floats("batch", SIZE))
        .output("y", ModelFixture.floats("batch", SIZE))
        .initializer("w", org.alexnetedge.onnx.Tensor.ofFloats(new long[] {SIZE, SIZE}, identity()))
        .node("MatMul", List.of("x", "w"), "y")
        .build();
  }

  private static float[] identity() {
    float[] values = new float[SIZE * SIZE];
    for (int i = 0; i < SIZE; i++) {
      values[i * SIZE + i] = 1;
    }
    return values;
  }

  /** Twice the identity, so that the model's own weights would be noticed. */
  private static Tensor weights() {
    float[] values = identity();
    for (int i = 0; i < values.length; i++) {
      values[i] *= 2;
    }
    return ModelFixture.tensor(values, SIZE, SIZE);
  }

  private static void assertRuns(Session session) {
    float[] row = new float[SIZE];
    float[] expected = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      row[i] = i;
      expected[i] = 2 * i;
    }
    try (Tensor x = ModelFixture.tensor(row, 1, SIZE);
        Outputs outputs = session.run(Map.of("x", x))) {
      assertArrayEquals(expected, outputs.tensor("y").toFloatArray());
    }
  }

  private static void close(AutoCloseable closeable) {
    try {
      closeable.close();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
