package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights that come from elsewhere than the model's file. */
class InitializersTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  /** (1 2 3 4) by the model's own weights 1 to 16, row by row. */
  private static final float[] BY_OWN = {90, 100, 110, 120};

  private static final float[] BY_IDENTITY = {1, 2, 3, 4};

  @TempDir Path folder;

  @Test
  void an_initializer_is_replaced_by_a_tensor() {
    try (Session session = ModelFixture.open(ModelFixture.product())) {
      assertGives(BY_OWN, session);
    }
    try (Tensor weights = identity();
        Session session =
            ModelFixture.open(
                ModelFixture.product(), SessionOptions.builder().initializer("tensor", weights))) {
      assertGives(BY_IDENTITY, session);
    }
  }

  @Test
  void an_initializer_that_is_closed_before_its_session_is_kept_for_it() {
    Tensor weights = identity();
    SessionOptions.Builder options = SessionOptions.builder().initializer("tensor", weights);
    Session first = ModelFixture.open(ModelFixture.product(), options);
    Session second = ModelFixture.open(ModelFixture.product(), options);
    weights.close();
    assertGives(BY_IDENTITY, first);
    first.close();
    assertGives(BY_IDENTITY, second);
    second.close();
    assertEquals(
        "The tensor is closed.",
        assertThrows(
                IllegalStateException.class,
                () -> ModelFixture.open(ModelFixture.product(), options))
            .getMessage());
  }

  @Test
  void an_output_that_is_an_initializer_outlives_it_and_the_session() {
    Tensor weights = identity();
    Outputs outputs;
    try (Session session =
            ModelFixture.open(
                ModelFixture.graph("weights")
                    .input("x", ModelFixture.floats("batch", 4))
                    .output("tensor", ModelFixture.floats(4, 4))
                    .output("flat", ModelFixture.floats(16))
                    .output("y", ModelFixture.floats("batch", 4))
                    .initializer(
                        "tensor",
                        org.alexnetedge.onnx.Tensor.ofFloats(new long[] {4, 4}, new float[16]))
                    .initializer("shape", org.alexnetedge.onnx.Tensor.ofLongs(new long[] {1}, 16))
                    .node("Reshape", List.of("tensor", "shape"), "flat")
                    .node("MatMul", List.of("x", "tensor"), "y")
                    .build(),
                SessionOptions.builder()
                    .optimization(SessionOptions.OptimizationLevel.NONE)
                    .initializer("tensor", weights));
        Tensor x = row()) {
      outputs = session.run(Map.of("x", x));
    }
    float[] expected = weights.toFloatArray();
    weights.close();
    try (outputs) {
      assertArrayEquals(expected, outputs.tensor("tensor").toFloatArray());
      assertArrayEquals(expected, outputs.tensor("flat").toFloatArray());
      assertArrayEquals(BY_IDENTITY, outputs.tensor("y").toFloatArray());
    }
  }

  @Test
  void a_session_over_memory_that_is_gone_refuses_to_run() throws Exception {
    Arena arena = Arena.ofShared();
    MemorySegment memory = arena.allocate(64, 64);
    try (Tensor weights = Tensor.wrap(ORT, memory, ElementType.FLOAT, 4, 4);
        Session session =
            ModelFixture.open(
                ModelFixture.product(),
                SessionOptions.builder().intraOpThreads(2).initializer("tensor", weights).build());
        Tensor x = row();
        IoBinding binding = new IoBinding(session)) {
      binding.bindInput("x", x);
      binding.bindOutput("y");
      binding.run();
      assertGives(new float[4], session);
      String refused =
          assertThrows(IllegalArgumentException.class, () -> session.runAsync(Map.of("x", x)))
              .getMessage();
      assertTrue(refused.contains("Arena.global()"), refused);
      arena.close();
      assertThrows(IllegalStateException.class, () -> session.run(Map.of("x", x)));
      assertThrows(IllegalStateException.class, binding::run);
      assertThrows(RuntimeException.class, () -> session.runAsync(Map.of("x", x)));
    }
  }

  @Test
  void an_initializer_of_another_type_or_shape_is_an_error_and_no_crash() {
    try (Tensor longs = Tensor.allocate(ORT, ElementType.INT64, 4, 4);
        Tensor small = Tensor.allocate(ORT, ElementType.FLOAT, 2, 2)) {
      for (Tensor wrong : new Tensor[] {longs, small}) {
        // ONNX Runtime does not compare them with the model's; the operator notices, here or later.
        assertThrows(
            OrtException.class,
            () -> {
              try (Session session =
                  ModelFixture.open(
                      ModelFixture.product(),
                      SessionOptions.builder().initializer("tensor", wrong))) {
                assertGives(BY_OWN, session);
              }
            });
      }
    }
  }

  @Test
  void external_data_is_read_from_the_file_beside_the_model() throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      Path model = folder.resolve("model.onnx");
      Files.write(model, external(arena).toArray(ValueLayout.JAVA_BYTE));
      OrtException e =
          assertThrows(
              OrtException.class, () -> Session.open(ORT, model, SessionOptions.DEFAULT).close());
      assertTrue(e.getMessage().contains("weights.bin"), e.getMessage());
      Files.write(folder.resolve("weights.bin"), weights());
      try (Session session = Session.open(ORT, model, SessionOptions.DEFAULT)) {
        assertGives(BY_OWN, session);
      }
    }
  }

  @Test
  void external_data_is_given_as_a_tensor_by_path_or_from_bytes() throws Exception {
    try (Arena arena = Arena.ofConfined()) {
      Tensor identity = identity();
      MemorySegment bytes = external(arena);
      Path model = folder.resolve("model.onnx");
      Files.write(model, bytes.toArray(ValueLayout.JAVA_BYTE));
      SessionOptions options =
          SessionOptions.builder().externalInitializer("tensor", identity).build();
      try (Session session = Session.open(ORT, model, options)) {
        assertGives(BY_IDENTITY, session);
      }
      Session session = Session.open(ORT, bytes, options);
      identity.close();
      assertGives(BY_IDENTITY, session);
      session.close();
    }
  }

  @Test
  void external_data_is_given_as_a_file_in_memory_that_is_not_needed_afterwards() {
    Session session;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment content = arena.allocateFrom(ValueLayout.JAVA_BYTE, weights());
      SessionOptions options =
          SessionOptions.builder().externalFile("weights.bin", content).build();
      session = Session.open(ORT, external(arena), options);
      content.fill((byte) 0);
    }
    try (session) {
      assertGives(BY_OWN, session);
    }
  }

  @Test
  void a_file_in_memory_that_is_too_short_gone_or_a_java_array_is_refused() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment model = external(arena);
      SessionOptions half =
          SessionOptions.builder().externalFile("weights.bin", arena.allocate(32)).build();
      assertThrows(OrtException.class, () -> Session.open(ORT, model, half));
      Arena other = Arena.ofShared();
      SessionOptions gone =
          SessionOptions.builder().externalFile("weights.bin", other.allocate(64)).build();
      other.close();
      assertThrows(IllegalStateException.class, () -> Session.open(ORT, model, gone));
      assertEquals(
          "The content of weights.bin must be native memory.",
          assertThrows(
                  IllegalArgumentException.class,
                  () ->
                      SessionOptions.builder()
                          .externalFile("weights.bin", MemorySegment.ofArray(weights())))
              .getMessage());
    }
  }

  @Test
  void initializers_that_are_inputs_too_may_be_given_by_a_run() {
    try (Session session =
            ModelFixture.open(
                ModelFixture.graph("scale")
                    .input("x", ModelFixture.floats(1))
                    .input("factor", ModelFixture.floats(1))
                    .output("y", ModelFixture.floats(1))
                    .initializer("factor", org.alexnetedge.onnx.Tensor.ofFloats(new long[] {1}, 10))
                    .node("Mul", List.of("x", "factor"), "y")
                    .build());
        IoBinding binding = new IoBinding(session);
        Tensor x = ModelFixture.tensor(new float[] {3}, 1);
        Tensor factor = ModelFixture.tensor(new float[] {100}, 1)) {
      assertEquals("[x: float[1]]", session.inputs().toString());
      assertEquals("[factor: float[1]]", session.overridableInitializers().toString());
      try (Outputs own = session.run(Map.of("x", x));
          Outputs given = session.run(Map.of("x", x, "factor", factor));
          Outputs later = session.run(Map.of("x", x))) {
        assertEquals(30, own.tensor("y").toFloatArray()[0]);
        assertEquals(300, given.tensor("y").toFloatArray()[0]);
        assertEquals(30, later.tensor("y").toFloatArray()[0]);
      }
      binding.bindInput("x", x);
      binding.bindInput("factor", factor);
      binding.bindOutput("y");
      binding.run();
      try (Outputs bound = binding.outputs()) {
        assertEquals(300, bound.tensor("y").toFloatArray()[0]);
      }
    }
  }

  /** The model with its weights in {@code weights.bin}. */
  private static MemorySegment external(Arena arena) {
    return ModelFixture.edited(
        ModelFixture.product(),
        arena,
        (ModelProto.Builder model) ->
            model
                .getGraphBuilder()
                .getInitializerBuilder(0)
                .clearFloatData()
                .clearRawData()
                .setDataLocation(TensorProto.DataLocation.EXTERNAL)
                .addExternalData(entry("location", "weights.bin"))
                .addExternalData(entry("offset", "0"))
                .addExternalData(entry("length", "64")));
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  private static byte[] weights() {
    ByteBuffer buffer = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 1; i <= 16; i++) {
      buffer.putFloat(i);
    }
    return buffer.array();
  }

  private static Tensor identity() {
    float[] values = new float[16];
    for (int i = 0; i < 4; i++) {
      values[5 * i] = 1;
    }
    return ModelFixture.tensor(values, 4, 4);
  }

  private static Tensor row() {
    return ModelFixture.tensor(new float[] {1, 2, 3, 4}, 1, 4);
  }

  private static void assertGives(float[] expected, Session session) {
    try (Tensor x = row();
        Outputs outputs = session.run(Map.of("x", x))) {
      assertArrayEquals(expected, outputs.tensor("y").toFloatArray());
    }
  }
}
