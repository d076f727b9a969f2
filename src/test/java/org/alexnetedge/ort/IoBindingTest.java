package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.Test;

class IoBindingTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  @Test
  void bound_tensors_are_read_and_written_at_each_run() {
    try (Session session = ModelFixture.open(ModelFixture.add(2));
        IoBinding binding = new IoBinding(session);
        Tensor a = ModelFixture.tensor(new float[] {1, 2}, 2);
        Tensor b = ModelFixture.tensor(new float[] {10, 20}, 2);
        Tensor y = Tensor.allocate(ORT, ElementType.FLOAT, 2)) {
      binding.bindInput("a", a);
      binding.bindInput("b", b);
      binding.bindOutput("y", y);
      binding.run();
      assertArrayEquals(new float[] {11, 22}, y.toFloatArray());
      a.data().setAtIndex(ValueLayout.JAVA_FLOAT, 0, 5);
      binding.run();
      assertArrayEquals(new float[] {15, 22}, y.toFloatArray());
      binding.bindInput("b", a);
      binding.run();
      assertArrayEquals(new float[] {10, 4}, y.toFloatArray());
      try (Outputs outputs = binding.outputs()) {
        assertEquals(y.data().address(), outputs.tensor("y").data().address());
      }
      assertArrayEquals(new float[] {10, 4}, y.toFloatArray());
    }
  }

  @Test
  void an_output_without_a_tensor_is_allocated_in_the_size_that_it_turns_out_to_have() {
    try (Session session = ModelFixture.open(ModelFixture.linear().build());
        IoBinding binding = new IoBinding(session)) {
      binding.bindOutput("y");
      for (int batch = 0; batch < 4; batch++) {
        try (Tensor x = ModelFixture.tensor(new float[3 * batch], batch, 3)) {
          binding.bindInput("x", x);
          binding.run();
          try (Outputs outputs = binding.outputs()) {
            assertArrayEquals(new long[] {batch, 2}, outputs.tensor("y").shape());
            for (int i = 0; i < batch; i++) {
              assertEquals(2, outputs.tensor("y").toFloatArray()[2 * i + 1]);
            }
          }
        }
      }
    }
  }

  @Test
  void an_allocated_output_is_not_written_by_the_next_run() {
    try (Session session = ModelFixture.open(ModelFixture.add(1));
        IoBinding binding = new IoBinding(session);
        Tensor a = ModelFixture.tensor(new float[] {1}, 1)) {
      binding.bindInput("a", a);
      binding.bindInput("b", a);
      binding.bindOutput("y");
      binding.run();
      try (Outputs first = binding.outputs()) {
        a.data().set(ValueLayout.JAVA_FLOAT, 0, 5);
        binding.run();
        try (Outputs second = binding.outputs()) {
          assertEquals(2, first.tensor("y").toFloatArray()[0]);
          assertEquals(10, second.tensor("y").toFloatArray()[0]);
        }
      }
    }
  }

  @Test
  void outputs_come_in_the_order_of_binding_and_survive_the_binding() {
    var model =
        ModelFixture.graph("two")
            .input("x", ModelFixture.floats(1))
            .output("negative", ModelFixture.floats(1))
            .output("größe", ModelFixture.floats(1))
            .node("Neg", List.of("x"), "negative")
            .node("Abs", List.of("x"), "größe")
            .build();
    Outputs outputs;
    try (Session session = ModelFixture.open(model);
        IoBinding binding = new IoBinding(session);
        Tensor x = ModelFixture.tensor(new float[] {-3}, 1);
        Tensor negative = Tensor.allocate(ORT, ElementType.FLOAT, 1)) {
      binding.bindInput("x", x);
      binding.bindOutput("größe");
      binding.bindOutput("negative", negative);
      binding.run();
      outputs = binding.outputs();
    }
    try (outputs) {
      assertEquals(List.of("größe", "negative"), List.copyOf(outputs.values().keySet()));
      assertEquals(3, outputs.tensor("größe").toFloatArray()[0]);
      assertEquals(3, outputs.tensor("negative").toFloatArray()[0]);
    }
  }

  @Test
  void outputs_over_callers_memory_are_checked_for_its_life() {
    Arena arena = Arena.ofShared();
    try (Session session = ModelFixture.open(ModelFixture.add(2));
        IoBinding binding = new IoBinding(session);
        Tensor a = ModelFixture.tensor(new float[] {1, 2}, 2);
        Tensor y =
            Tensor.wrap(ORT, arena.allocate(ValueLayout.JAVA_FLOAT, 2), ElementType.FLOAT, 2)) {
      binding.bindInput("a", a);
      binding.bindInput("b", a);
      binding.bindOutput("y", y);
      binding.run();
      try (Outputs outputs = binding.outputs()) {
        Tensor output = outputs.tensor("y");
        assertArrayEquals(new float[] {2, 4}, output.toFloatArray());
        MemorySegment data = output.data();
        arena.close();
        assertThrows(IllegalStateException.class, output::toFloatArray);
        assertThrows(IllegalStateException.class, () -> data.get(ValueLayout.JAVA_FLOAT, 0));
      }
      assertThrows(IllegalStateException.class, binding::run);
    }
  }

  @Test
  void names_types_and_shapes_that_do_not_fit_are_refused_naming_them() {
    try (Session session = ModelFixture.open(ModelFixture.add(2));
        IoBinding binding = new IoBinding(session);
        Tensor a = Tensor.allocate(ORT, ElementType.FLOAT, 2);
        Tensor wrong = Tensor.allocate(ORT, ElementType.FLOAT, 3);
        Tensor longs = Tensor.allocate(ORT, ElementType.INT64, 2)) {
      assertEquals(
          "The model has no input 'c'; it has a, b",
          assertThrows(IllegalArgumentException.class, () -> binding.bindInput("c", a))
              .getMessage());
      assertEquals(
          "The model has no output 'z'; it has y",
          assertThrows(IllegalArgumentException.class, () -> binding.bindOutput("z")).getMessage());
      binding.bindInput("a", a);
      binding.bindOutput("y");
      assertThrows(OrtException.class, binding::run, "b is missing");
      binding.bindInput("b", longs);
      OrtException type = assertThrows(OrtException.class, binding::run);
      assertTrue(type.getMessage().contains("int64"), type.getMessage());
      binding.bindInput("b", wrong);
      OrtException shape = assertThrows(OrtException.class, binding::run);
      assertTrue(shape.getMessage().contains("Got: 3 Expected: 2"), shape.getMessage());
      binding.bindInput("b", a);
      binding.bindOutput("y", wrong);
      OrtException output = assertThrows(OrtException.class, binding::run);
      assertTrue(output.getMessage().contains("Got: 3 Expected: 2"), output.getMessage());
      binding.bindOutput("y");
      binding.run();
    }
  }

  @Test
  void outputs_before_the_first_run_are_an_error_and_not_a_crash() {
    try (Session session = ModelFixture.open(ModelFixture.add(2));
        IoBinding binding = new IoBinding(session)) {
      assertTrue(binding.outputs().values().isEmpty());
      binding.bindOutput("y");
      assertThrows(IllegalStateException.class, binding::outputs);
    }
  }

  @Test
  void a_run_with_bound_tensors_allocates_nothing_on_the_heap() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Session session = ModelFixture.open(ModelFixture.add(2));
        IoBinding binding = new IoBinding(session);
        Arena arena = Arena.ofShared();
        RunOptions options = new RunOptions(ORT);
        Tensor a = ModelFixture.tensor(new float[] {1, 2}, 2);
        Tensor b =
            Tensor.wrap(ORT, arena.allocate(ValueLayout.JAVA_FLOAT, 2), ElementType.FLOAT, 2);
        Tensor y = Tensor.allocate(ORT, ElementType.FLOAT, 2)) {
      binding.bindInput("a", a);
      binding.bindInput("b", b);
      binding.bindOutput("y", y);
      for (int i = 0; i < 20_000; i++) {
        binding.run(options);
      }
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 10_000; i++) {
        binding.run(options);
      }
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertEquals(0, allocated / 10_000, allocated + " bytes in 10,000 runs");
    }
  }
}
