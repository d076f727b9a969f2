package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ElementTypesTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  /** ONNX Runtime 1.29 knows the numbers of these and makes no tensors of them. */
  private static final Set<ElementType> REFUSED =
      EnumSet.of(ElementType.COMPLEX64, ElementType.COMPLEX128);

  /** And the CPU's Identity, ONNX's simplest operator, has no kernel for these. */
  private static final Set<ElementType> WITHOUT_KERNEL =
      EnumSet.of(
          ElementType.COMPLEX64,
          ElementType.COMPLEX128,
          ElementType.UINT4,
          ElementType.INT4,
          ElementType.FLOAT4E2M1);

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STRING")
  void allocated_memory_keeps_its_bytes(ElementType type) {
    if (REFUSED.contains(type)) {
      assertRefused(type);
      return;
    }
    try (Tensor tensor = Tensor.allocate(ORT, type, 3, 5)) {
      byte[] bytes = pattern(type, 15);
      assertEquals(bytes.length, tensor.byteSize());
      assertEquals(bytes.length, tensor.data().byteSize());
      assertEquals(0, tensor.data().address() % 64);
      MemorySegment.copy(bytes, 0, tensor.data(), ValueLayout.JAVA_BYTE, 0, bytes.length);
      assertArrayEquals(bytes, copyOf(tensor));
      assertEquals(type, tensor.type());
      assertEquals(15, tensor.elements());
      assertEquals(type + "[3, 5]", tensor.toString());
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STRING")
  void wrapped_memory_runs_through_identity(ElementType type) {
    if (WITHOUT_KERNEL.contains(type)) {
      // When one of them runs one day, this list is to be shortened.
      assertThrows(
          OrtException.class, () -> ModelFixture.open(ModelFixture.identity(type)).close());
      return;
    }
    byte[] bytes = pattern(type, 6);
    try (Arena arena = Arena.ofConfined();
        Session session = ModelFixture.open(ModelFixture.identity(type))) {
      MemorySegment memory = arena.allocate(bytes.length, 16);
      MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
      assertEquals(
          new ValueType.OfTensor(type, List.of(new Dimension(-1, "n")), false),
          session.inputs().getFirst().type());
      try (Tensor input = Tensor.wrap(ORT, memory, type, 6);
          Outputs outputs = session.run(Map.of("x", input))) {
        assertEquals(type, outputs.tensor("y").type());
        assertArrayEquals(new long[] {6}, outputs.tensor("y").shape());
        assertArrayEquals(bytes, copyOf(outputs.tensor("y")));
        assertArrayEquals(bytes, outputs.tensor("y").data().toArray(ValueLayout.JAVA_BYTE));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STRING")
  void scalars_and_empty_tensors_have_one_and_no_element(ElementType type) {
    if (REFUSED.contains(type)) {
      assertRefused(type);
      return;
    }
    try (Tensor scalar = Tensor.allocate(ORT, type);
        Tensor empty = Tensor.allocate(ORT, type, 2, 0, 3);
        Tensor wrappedEmpty = Tensor.wrap(ORT, MemorySegment.NULL, type, 0)) {
      assertEquals(1, scalar.elements());
      assertEquals(Math.ceilDiv(type.bits(), 8), scalar.byteSize());
      assertArrayEquals(new long[0], scalar.shape());
      assertEquals(0, empty.elements());
      assertEquals(0, empty.data().byteSize());
      assertArrayEquals(new long[] {2, 0, 3}, empty.shape());
      assertEquals(0, wrappedEmpty.byteSize());
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "STRING")
  void scalars_and_empty_tensors_run(ElementType type) {
    if (WITHOUT_KERNEL.contains(type)) {
      return;
    }
    try (Session scalars = ModelFixture.open(ModelFixture.identity(type, new Object[0]));
        Session rows = ModelFixture.open(ModelFixture.identity(type, "n", 4));
        Tensor scalar = Tensor.allocate(ORT, type);
        Tensor empty = Tensor.wrap(ORT, MemorySegment.NULL, type, 0, 4)) {
      byte[] bytes = pattern(type, 1);
      MemorySegment.copy(bytes, 0, scalar.data(), ValueLayout.JAVA_BYTE, 0, bytes.length);
      try (Outputs outputs = scalars.run(Map.of("x", scalar))) {
        assertArrayEquals(bytes, copyOf(outputs.tensor("y")));
        assertArrayEquals(new long[0], outputs.tensor("y").shape());
      }
      try (Outputs outputs = rows.run(Map.of("x", empty))) {
        assertArrayEquals(new long[] {0, 4}, outputs.tensor("y").shape());
        assertEquals(0, copyOf(outputs.tensor("y")).length);
      }
    }
  }

  @Test
  void numbers_of_the_types_are_those_of_the_onnx_package() {
    for (ElementType type : ElementType.values()) {
      assertEquals(
          type.bits(), org.alexnetedge.onnx.ElementType.of(type.code()).get().bits(), type.name());
      assertEquals(type, ElementType.of(type.code()));
    }
    assertEquals(
        "Element type number 99 is not known to this version.",
        assertThrows(OrtException.class, () -> ElementType.of(99)).getMessage());
  }

  @Test
  void types_below_a_byte_take_half_of_one_rounded_up() {
    assertEquals(0, ElementType.INT4.bytes(0));
    assertEquals(1, ElementType.INT4.bytes(1));
    assertEquals(2, ElementType.UINT4.bytes(3));
    assertEquals(48, ElementType.COMPLEX128.bytes(3));
    assertThrows(ArithmeticException.class, () -> ElementType.DOUBLE.bytes(Long.MAX_VALUE / 8));
  }

  private static void assertRefused(ElementType type) {
    OrtException e = assertThrows(OrtException.class, () -> Tensor.allocate(ORT, type, 1));
    assertEquals("tensor type " + type.code() + " is not supported", e.getMessage());
    assertEquals(OrtException.Code.NOT_IMPLEMENTED, e.code());
  }

  /** Bytes that are values of the type: booleans are 0 and 1, an odd half byte stays 0. */
  private static byte[] pattern(ElementType type, int elements) {
    byte[] bytes = new byte[Math.toIntExact(type.bytes(elements))];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (type == ElementType.BOOL ? i % 2 : 37 * i + 11);
    }
    if (type.bits() == 4 && elements % 2 == 1) {
      bytes[bytes.length - 1] &= 0xf;
    }
    return bytes;
  }

  private static byte[] copyOf(Tensor tensor) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(Math.max(1, tensor.byteSize()));
      tensor.copyTo(copy);
      return copy.asSlice(0, tensor.byteSize()).toArray(ValueLayout.JAVA_BYTE);
    }
  }
}
