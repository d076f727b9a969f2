package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class TensorTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  @Test
  void wrapped_memory_is_used_where_it_lies() {
    try (Arena arena = Arena.ofConfined();
        Session session = ModelFixture.open(ModelFixture.add(3))) {
      MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2, 3, 99);
      try (Tensor a = Tensor.wrap(ORT, memory, ElementType.FLOAT, 3)) {
        assertEquals(memory.address(), a.data().address());
        assertEquals(12, a.data().byteSize());
        for (int i = 0; i < 3; i++) {
          memory.setAtIndex(ValueLayout.JAVA_FLOAT, 0, i);
          try (Outputs outputs = session.run(Map.of("a", a, "b", a))) {
            assertArrayEquals(new float[] {2 * i, 4, 6}, outputs.tensor("y").toFloatArray());
          }
        }
        assertArrayEquals(new float[] {2, 2, 3}, a.toFloatArray());
      }
      assertEquals(99, memory.getAtIndex(ValueLayout.JAVA_FLOAT, 3));
    }
  }

  @Test
  void memory_of_the_tensor_is_the_same_at_each_call() {
    try (Tensor tensor = Tensor.allocate(ORT, ElementType.INT64, 2)) {
      assertSame(tensor.data(), tensor.data());
    }
  }

  @Test
  void copying_writes_to_the_start_of_the_target_and_no_further() {
    try (Tensor tensor = ModelFixture.tensor(new float[] {1, 2}, 2)) {
      float[] target = {0, 0, 7};
      tensor.copyTo(MemorySegment.ofArray(target));
      assertArrayEquals(new float[] {1, 2, 7}, target);
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> tensor.copyTo(MemorySegment.ofArray(new float[1])));
    }
  }

  @Test
  void memory_that_cannot_be_wrapped_is_refused_naming_the_values() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(64, 8);
      assertRefused(
          "Only native memory can be wrapped, not a Java array.",
          () -> Tensor.wrap(ORT, MemorySegment.ofArray(new float[4]), ElementType.FLOAT, 4));
      assertRefused(
          "Read-only memory cannot be wrapped.",
          () -> Tensor.wrap(ORT, memory.asReadOnly(), ElementType.FLOAT, 4));
      assertRefused(
          "A tensor FLOAT[4, 5] takes 80 bytes, but the memory has 64.",
          () -> Tensor.wrap(ORT, memory, ElementType.FLOAT, 4, 5));
      assertRefused(
          "A tensor INT4[129] takes 65 bytes, but the memory has 64.",
          () -> Tensor.wrap(ORT, memory, ElementType.INT4, 129));
      assertRefused(
          "The memory at " + (memory.address() + 2) + " is not aligned for FLOAT.",
          () -> Tensor.wrap(ORT, memory.asSlice(2), ElementType.FLOAT, 4));
      assertRefused(
          "The memory at " + (memory.address() + 1) + " is not aligned for FLOAT16.",
          () -> Tensor.wrap(ORT, memory.asSlice(1), ElementType.FLOAT16, 4));
      assertRefused(
          "Strings cannot be wrapped; use Tensor.ofStrings.",
          () -> Tensor.wrap(ORT, memory, ElementType.STRING, 4));
      Tensor.wrap(ORT, memory.asSlice(1), ElementType.UINT8, 4).close();
    }
  }

  @Test
  void impossible_shapes_are_refused_naming_them() {
    assertRefused(
        "A tensor's shape has no negative sizes: [2, -1]",
        () -> Tensor.allocate(ORT, ElementType.FLOAT, 2, -1));
    assertRefused(
        "A tensor's shape has no negative sizes: [-3]",
        () -> Tensor.wrap(ORT, MemorySegment.NULL, ElementType.FLOAT, -3));
    long huge = 1L << 62;
    assertRefused(
        "A tensor FLOAT[4611686018427387904, 4] is too large.",
        () -> Tensor.allocate(ORT, ElementType.FLOAT, huge, 4));
    assertRefused(
        "A tensor DOUBLE[4611686018427387904] is too large.",
        () -> Tensor.wrap(ORT, MemorySegment.NULL, ElementType.DOUBLE, huge));
    assertThrows(
        OrtException.class, () -> Tensor.allocate(ORT, ElementType.FLOAT, 1L << 50).close());
  }

  @Test
  void strings_keep_every_character() {
    String[] strings = {"", "a", "Größe", "日本語", "😀\n\t", "with\0zero", "last"};
    try (Session session = ModelFixture.open(ModelFixture.identity(ElementType.STRING));
        Tensor input = Tensor.ofStrings(ORT, strings, 7);
        Outputs outputs = session.run(Map.of("x", input))) {
      assertArrayEquals(strings, input.strings());
      assertArrayEquals(strings, outputs.tensor("y").strings());
      assertEquals(0, input.byteSize());
    }
  }

  @Test
  void strings_may_be_a_scalar_or_none() {
    try (Tensor scalar = Tensor.ofStrings(ORT, new String[] {"one"});
        Tensor none = Tensor.ofStrings(ORT, new String[0], 0, 3);
        Tensor unset = Tensor.allocate(ORT, ElementType.STRING, 2)) {
      assertArrayEquals(new String[] {"one"}, scalar.strings());
      assertArrayEquals(new long[0], scalar.shape());
      assertArrayEquals(new String[0], none.strings());
      assertArrayEquals(new String[] {"", ""}, unset.strings());
    }
  }

  @Test
  void strings_and_numbers_are_not_mixed_up() {
    assertRefused(
        "A shape [2, 2] has 4 elements, but there are 1 strings.",
        () -> Tensor.ofStrings(ORT, new String[] {"a"}, 2, 2));
    try (Tensor text = Tensor.ofStrings(ORT, new String[] {"a"}, 1);
        Tensor longs = Tensor.allocate(ORT, ElementType.INT64, 1)) {
      String noMemory = "A tensor of strings has no plain memory; use strings().";
      assertState(noMemory, text::data);
      assertState(noMemory, () -> text.copyTo(MemorySegment.ofArray(new byte[9])));
      assertState("The tensor's elements are INT64, not STRING.", longs::strings);
      assertState(
          "The tensor's elements are INT64, not FLOAT, FLOAT16 or BFLOAT16.", longs::toFloatArray);
    }
  }

  private static void assertRefused(String message, Executable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
  }

  private static void assertState(String message, Executable action) {
    assertEquals(message, assertThrows(IllegalStateException.class, action).getMessage());
  }
}
