package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Places of tensors, with the carried CPU library. */
class MemoryTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  @Test
  void a_sessions_allocator_gives_main_memory_that_outlives_the_session() {
    Session session = ModelFixture.open(ModelFixture.add(2));
    Tensor a = Tensor.allocate(session, Memory.CPU, ElementType.FLOAT, 2);
    session.close();
    assertEquals("main memory", a.memory().toString());
    a.copyFrom(java.lang.foreign.MemorySegment.ofArray(new float[] {1, 2}));
    try (Session other = ModelFixture.open(ModelFixture.add(2));
        Outputs outputs = other.run(Map.of("a", a, "b", a))) {
      assertArrayEquals(new float[] {2, 4}, outputs.tensor("y").toFloatArray());
    }
    a.close();
    a.close();
    assertEquals(
        "The session is closed.",
        assertThrows(
                IllegalStateException.class,
                () -> Tensor.allocate(session, Memory.CPU, ElementType.FLOAT, 2))
            .getMessage());
  }

  @Test
  void a_device_that_the_session_does_not_use_is_refused() {
    try (Session session = ModelFixture.open(ModelFixture.add(2))) {
      for (Memory memory :
          List.of(
              Memory.cuda(0),
              Memory.cuda(7),
              Memory.cudaPinned(0),
              new Memory("NoSuchThing", 0, false))) {
        OrtException e =
            assertThrows(
                OrtException.class, () -> Tensor.allocate(session, memory, ElementType.FLOAT, 2));
        assertTrue(!e.getMessage().isBlank() && !e.getMessage().contains("\n"), e.getMessage());
      }
      assertThrows(
          IllegalArgumentException.class,
          () -> Tensor.allocate(session, Memory.CPU, ElementType.STRING, 2));
    }
  }

  @Test
  void an_output_is_bound_to_a_memory() {
    try (Session session = ModelFixture.open(ModelFixture.add(2));
        Tensor a = ModelFixture.tensor(new float[] {1, 2}, 2);
        IoBinding binding = new IoBinding(session)) {
      binding.bindInput("a", a);
      binding.bindInput("b", a);
      for (int i = 0; i < 3; i++) {
        binding.bindOutput("y", Memory.CPU);
        binding.run();
        try (Outputs outputs = binding.outputs()) {
          assertArrayEquals(new float[] {2, 4}, outputs.tensor("y").toFloatArray());
          assertEquals(Memory.CPU, outputs.tensor("y").memory());
        }
      }
      // ONNX Runtime takes main memory where the session has no such device; the tensor says so.
      binding.bindOutput("y", Memory.cuda(0));
      assertThrows(IllegalStateException.class, binding::outputs);
      binding.run();
      try (Outputs outputs = binding.outputs()) {
        assertEquals(Memory.CPU, outputs.tensor("y").memory());
        assertArrayEquals(new float[] {2, 4}, outputs.tensor("y").toFloatArray());
      }
      assertThrows(IllegalArgumentException.class, () -> binding.bindOutput("z", Memory.CPU));
    }
  }

  @Test
  void outputs_of_another_type_or_shape_than_bound_are_refused() {
    try (Session session = ModelFixture.open(ModelFixture.add(4));
        Tensor a = ModelFixture.tensor(new float[] {1, 2, 3, 4}, 4);
        Tensor longs = Tensor.allocate(ORT, ElementType.INT64, 4);
        Tensor doubles = Tensor.allocate(ORT, ElementType.DOUBLE, 4);
        Tensor square = Tensor.allocate(ORT, ElementType.FLOAT, 2, 2);
        Tensor small = Tensor.allocate(ORT, ElementType.FLOAT, 3);
        Tensor large = Tensor.allocate(ORT, ElementType.FLOAT, 5);
        Tensor text = Tensor.ofStrings(ORT, new String[] {"a", "b", "c", "d"}, 4);
        IoBinding binding = new IoBinding(session)) {
      binding.bindInput("a", a);
      binding.bindInput("b", a);
      for (Tensor wrong : List.of(longs, doubles, square, small, large, text)) {
        binding.bindOutput("y", wrong);
        OrtException e = assertThrows(OrtException.class, binding::run, wrong.toString());
        assertEquals(OrtException.Code.INVALID_ARGUMENT, e.code(), wrong + ": " + e.getMessage());
      }
      binding.bindOutput("y");
      binding.run();
    }
  }
}
