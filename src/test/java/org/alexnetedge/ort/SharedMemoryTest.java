package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Outputs and sequences that lie in memory of something else, which goes away first. */
class SharedMemoryTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  /** Large enough that it is given back to the system when it is freed. */
  private static final int LARGE = 40_000_000;

  @Test
  void memory_of_a_sessions_allocator_stays_as_long_as_any_value_that_lies_in_it() {
    for (int i = 0; i < 20; i++) {
      Session session = TypedModels.through(TypedModels.FLOATS);
      IoBinding binding = new IoBinding(session);
      Tensor x = Tensor.allocate(session, Memory.CPU, ElementType.FLOAT, LARGE / 40);
      x.data().fill((byte) 0);
      x.data().setAtIndex(ValueLayout.JAVA_FLOAT, LARGE / 40 - 1, 7);
      SequenceValue sequence = SequenceValue.of(ORT, List.of(x));
      try (Tensor a = floats(1)) {
        binding.bindInput("x", x);
        binding.bindInput("a", a);
        binding.bindOutput("x", x);
        binding.bindOutput("y");
        binding.run();
        Outputs bound = binding.outputs();
        Outputs outputs = session.run(Map.of("x", x, "a", a));
        x.close();
        session.close();
        binding.close();
        for (OrtValue value : List.of(outputs.value("x"), bound.value("x"), sequence.get(0))) {
          float[] read = ((Tensor) value).toFloatArray();
          assertEquals(7, read[read.length - 1]);
          value.close();
        }
        outputs.close();
        bound.close();
        sequence.close();
      }
    }
  }

  @Test
  void an_output_made_over_memory_that_is_gone_is_noticed_also_after_binding_anew() {
    Arena arena = Arena.ofShared();
    try (Session append = TypedModels.append(TypedModels.FLOATS);
        IoBinding binding = new IoBinding(append);
        Tensor small = floats(1);
        SequenceValue x = SequenceValue.of(ORT, List.of(small));
        Tensor large = Tensor.wrap(ORT, arena.allocate(LARGE, 64), ElementType.FLOAT, LARGE / 4)) {
      binding.bindInput("x", x);
      binding.bindInput("a", large);
      binding.bindOutput("y");
      binding.run();
      binding.bindInput("a", small);
      try (Outputs outputs = binding.outputs();
          Outputs named = append.run(Map.of("x", x, "a", large))) {
        arena.close();
        // It may be a copy in another version; in this one it is the caller's memory.
        assertClosed("Already closed", () -> outputs.sequence("y").tensor(1));
        assertClosed("Already closed", () -> named.sequence("y").tensor(1));
      }
    }
  }

  @Test
  void elements_of_an_output_outlive_outputs_and_session() {
    Session session = TypedModels.zipMap("a", "b");
    OrtValue map;
    try (Tensor x = Tensor.ofFloats(ORT, new float[] {1, 2}, 1, 2);
        Outputs outputs = session.run(Map.of("x", x))) {
      map = outputs.sequence("y").get(0);
    }
    session.close();
    assertEquals(Map.of("a", 1f, "b", 2f), ((MapValue) map).toMap());
    map.close();
  }

  private static Tensor floats(float... values) {
    return Tensor.ofFloats(ORT, values, values.length);
  }

  private static void assertClosed(String message, Executable use) {
    assertEquals(message, assertThrows(IllegalStateException.class, use).getMessage());
  }
}
