package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class TensorCreationTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  @Test
  void extreme_values_of_every_type_with_a_java_number_go_through_as_they_are() {
    throughIdentity(
        ElementType.FLOAT,
        new float[] {
          0f, -0f, Float.MIN_VALUE, Float.MAX_VALUE, Float.NEGATIVE_INFINITY, Float.NaN, 3.14159f
        });
    throughIdentity(
        ElementType.DOUBLE,
        new double[] {0, -0.0, Double.MIN_VALUE, -Double.MAX_VALUE, Double.NaN, Math.PI});
    throughIdentity(ElementType.INT64, new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE});
    throughIdentity(ElementType.UINT64, new long[] {0, -1, Long.MIN_VALUE});
    throughIdentity(ElementType.INT32, new int[] {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE});
    throughIdentity(ElementType.UINT32, new int[] {0, -1, Integer.MIN_VALUE});
    throughIdentity(ElementType.INT16, new short[] {0, -1, Short.MIN_VALUE, Short.MAX_VALUE});
    throughIdentity(ElementType.UINT16, new short[] {0, -1, Short.MIN_VALUE});
    throughIdentity(ElementType.INT8, new byte[] {0, -1, Byte.MIN_VALUE, Byte.MAX_VALUE});
    throughIdentity(ElementType.UINT8, new byte[] {0, -1, Byte.MIN_VALUE});
    throughIdentity(ElementType.FLOAT8E5M2, new byte[] {0, -1, 124, Byte.MIN_VALUE});
  }

  private static void throughIdentity(ElementType type, Object array) {
    MemorySegment elements =
        switch (array) {
          case float[] a -> MemorySegment.ofArray(a);
          case double[] a -> MemorySegment.ofArray(a);
          case long[] a -> MemorySegment.ofArray(a);
          case int[] a -> MemorySegment.ofArray(a);
          case short[] a -> MemorySegment.ofArray(a);
          default -> MemorySegment.ofArray((byte[]) array);
        };
    long n = elements.byteSize() * 8 / type.bits();
    try (Session vectors = ModelFixture.open(ModelFixture.identity(type));
        Session scalars = ModelFixture.open(ModelFixture.identity(type, new Object[0]));
        Tensor vector = Tensor.copyOf(ORT, elements, type, n);
        Outputs outputs = vectors.run(Map.of("x", vector))) {
      assertSameArray(array, vector.toArray());
      assertSameArray(array, outputs.tensor("y").toArray());
      for (int i = 0; i < n; i++) {
        int size = type.bits() / 8;
        MemorySegment one = elements.asSlice((long) i * size, size);
        try (Tensor scalar = Tensor.copyOf(ORT, one, type);
            Outputs single = scalars.run(Map.of("x", scalar))) {
          byte[] bytes = new byte[size];
          single.tensor("y").copyTo(MemorySegment.ofArray(bytes));
          assertArrayEquals(one.toArray(ValueLayout.JAVA_BYTE), bytes);
        }
      }
    }
  }

  private static void assertSameArray(Object expected, Object actual) {
    assertEquals(expected.getClass(), actual.getClass());
    assertArrayEquals(new Object[] {expected}, new Object[] {actual});
  }

  @Test
  void truths_are_read_as_booleans_and_numbers_without_a_java_type_as_bytes() {
    byte[] truths = {1, 0, 1};
    try (Tensor x = Tensor.copyOf(ORT, MemorySegment.ofArray(truths), ElementType.BOOL, 3);
        Tensor packed =
            Tensor.copyOf(ORT, MemorySegment.ofArray(new byte[] {0x21, 3}), ElementType.INT4, 3)) {
      assertArrayEquals(new boolean[] {true, false, true}, (boolean[]) x.toArray());
      assertArrayEquals(new byte[] {0x21, 3}, (byte[]) packed.toArray());
    }
  }

  @Test
  void strings_have_any_number_of_axes() {
    String[] strings = {"a", "", "Größe", "日本語", "😀", "x\0y"};
    for (long[] shape : List.of(new long[] {2, 3}, new long[] {3, 1, 2}, new long[] {6})) {
      Object[] axes = new Object[shape.length];
      java.util.Arrays.fill(axes, "?");
      try (Session session = ModelFixture.open(ModelFixture.identity(ElementType.STRING, axes));
          Tensor x = Tensor.ofStrings(ORT, strings, shape);
          Outputs outputs = session.run(Map.of("x", x))) {
        assertArrayEquals(shape, outputs.tensor("y").shape());
        assertArrayEquals(strings, outputs.tensor("y").strings());
        assertArrayEquals(strings, (String[]) x.toArray());
      }
    }
  }

  @Test
  void empty_tensors_keep_their_shape() {
    for (long[] shape : List.of(new long[] {4, 0}, new long[] {0, 4})) {
      try (Session session = ModelFixture.open(ModelFixture.identity(ElementType.FLOAT, "h", "w"));
          Tensor x = Tensor.ofFloats(ORT, new float[0], shape);
          Outputs outputs = session.run(Map.of("x", x))) {
        assertArrayEquals(shape, outputs.tensor("y").shape());
        assertArrayEquals(new float[0], outputs.tensor("y").toFloatArray());
        assertArrayEquals(new float[0], (float[]) x.toArray());
      }
    }
  }

  @Test
  void a_copy_is_one_whatever_it_is_copied_from() {
    float[] array = {1, 2};
    Arena arena = Arena.ofConfined();
    MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 3, 4);
    try (Tensor ofArray = Tensor.ofFloats(ORT, array, 2);
        Tensor ofHeap = Tensor.copyOf(ORT, MemorySegment.ofArray(array), ElementType.FLOAT, 2);
        Tensor ofMemory = Tensor.copyOf(ORT, memory, ElementType.FLOAT, 2);
        Tensor ofReadOnly = Tensor.copyOf(ORT, memory.asReadOnly(), ElementType.FLOAT, 2)) {
      array[0] = 99;
      memory.fill((byte) 0);
      arena.close();
      ofArray.toFloatArray()[1] = 98;
      assertArrayEquals(new float[] {1, 2}, ofArray.toFloatArray());
      assertArrayEquals(new float[] {1, 2}, ofHeap.toFloatArray());
      assertArrayEquals(new float[] {3, 4}, ofMemory.toFloatArray());
      assertArrayEquals(new float[] {3, 4}, ofReadOnly.toFloatArray());
      assertEquals(0, ofHeap.data().address() % 64);
    }
  }

  @Test
  void a_tensor_is_filled_again_also_where_it_lies_in_the_callers_memory() {
    try (Arena arena = Arena.ofConfined();
        Tensor own = Tensor.allocate(ORT, ElementType.INT64, 2)) {
      MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_LONG, 0, 0, 77);
      MemorySegment numbers = MemorySegment.ofArray(new long[] {5, -6});
      try (Tensor wrapped = Tensor.wrap(ORT, memory, ElementType.INT64, 2)) {
        own.copyFrom(numbers);
        wrapped.copyFrom(numbers);
        assertArrayEquals(new long[] {5, -6}, (long[]) own.toArray());
        assertArrayEquals(new long[] {5, -6, 77}, memory.toArray(ValueLayout.JAVA_LONG));
        assertRefused(
            "A tensor INT64[2] takes 16 bytes, but the memory has 24.", () -> own.copyFrom(memory));
      }
    }
  }

  @Test
  void numbers_that_do_not_fit_the_shape_are_refused_naming_both() {
    MemorySegment three = MemorySegment.ofArray(new float[3]);
    assertRefused(
        "A shape [2, 2] has 4 elements, but there are 3 numbers.",
        () -> Tensor.ofFloats(ORT, new float[3], 2, 2));
    assertRefused(
        "A shape [] has 1 elements, but there are 0 numbers.",
        () -> Tensor.ofFloats(ORT, new float[0]));
    assertRefused(
        "A tensor FLOAT[2] takes 8 bytes, but the memory has 12.",
        () -> Tensor.copyOf(ORT, three, ElementType.FLOAT, 2));
    assertRefused(
        "A tensor FLOAT[4] takes 16 bytes, but the memory has 12.",
        () -> Tensor.copyOf(ORT, three, ElementType.FLOAT, 4));
    assertRefused(
        "A tensor's shape has no negative sizes: [-3]",
        () -> Tensor.copyOf(ORT, three, ElementType.FLOAT, -3));
    assertRefused(
        "Strings have no plain memory; use Tensor.ofStrings.",
        () -> Tensor.copyOf(ORT, three, ElementType.STRING, 3));
    try (Tensor text = Tensor.ofStrings(ORT, new String[] {"a"}, 1)) {
      assertEquals(
          "A tensor of strings has no plain memory; use strings().",
          assertThrows(IllegalStateException.class, () -> text.copyFrom(three)).getMessage());
    }
  }

  @Test
  void tensors_of_the_cpu_lie_in_main_memory() {
    try (Arena arena = Arena.ofConfined();
        Session session = ModelFixture.open(ModelFixture.identity(ElementType.FLOAT));
        Tensor own = Tensor.allocate(ORT, ElementType.FLOAT, 2);
        Tensor wrapped = Tensor.wrap(ORT, arena.allocate(8, 4), ElementType.FLOAT, 2);
        Tensor ofSession = Tensor.allocate(session, Memory.CPU, ElementType.FLOAT, 2);
        Outputs outputs = session.run(Map.of("x", own))) {
      for (Tensor tensor : List.of(own, wrapped, ofSession, outputs.tensor("y"))) {
        assertEquals(Memory.CPU, tensor.memory());
        assertEquals("main memory", tensor.memory().toString());
      }
      ofSession.copyFrom(MemorySegment.ofArray(new float[] {1, 2}));
      try (Outputs again = session.run(Map.of("x", ofSession))) {
        assertArrayEquals(new float[] {1, 2}, again.tensor("y").toFloatArray());
      }
      assertThrows(
          OrtException.class, () -> Tensor.allocate(session, Memory.cuda(0), ElementType.FLOAT, 2));
      assertRefused(
          "Strings lie in main memory; use Tensor.ofStrings.",
          () -> Tensor.allocate(session, Memory.CPU, ElementType.STRING, 2));
    }
  }

  private static void assertRefused(String message, Executable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
  }
}
