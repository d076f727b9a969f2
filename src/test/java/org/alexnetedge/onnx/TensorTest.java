package org.alexnetedge.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;

class TensorTest {

  @Test
  void values_come_back_as_they_went_in() {
    Tensor floats = Tensor.ofFloats(new long[] {2, 2}, 1, -2.5f, Float.NaN, 0);
    assertArrayEquals(new float[] {1, -2.5f, Float.NaN, 0}, floats.toFloats());
    assertArrayEquals(
        new long[] {1, Long.MIN_VALUE},
        Tensor.ofLongs(new long[] {2}, 1, Long.MIN_VALUE).toLongs());
    assertEquals(1, Tensor.ofFloats(new long[0], 7).size());
    assertEquals(0, Tensor.ofFloats(new long[] {3, 0}).size());
  }

  @Test
  void every_number_type_widens() {
    assertEquals(1.5, of(ElementType.FLOAT16, 0x00, 0x3e).doubleAt(0));
    assertEquals(-2, of(ElementType.BFLOAT16, 0x00, 0xc0).doubleAt(0));
    assertEquals(255, of(ElementType.UINT8, 0xff).longAt(0));
    assertEquals(-1, of(ElementType.INT8, 0xff).longAt(0));
    assertEquals(0xfffe, of(ElementType.UINT16, 0xfe, 0xff).longAt(0));
    assertEquals(-2, of(ElementType.INT16, 0xfe, 0xff).longAt(0));
    assertEquals(0xfffffffeL, of(ElementType.UINT32, 0xfe, 0xff, 0xff, 0xff).longAt(0));
    assertEquals(
        0x1p64, of(ElementType.UINT64, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff).doubleAt(0));
    assertEquals(1, of(ElementType.BOOL, 1).longAt(0));
  }

  @Test
  void elements_below_a_byte_are_packed() {
    assertEquals(2, ElementType.INT4.byteSize(3));
    assertEquals(1, ElementType.UINT2.byteSize(4));
    assertEquals(16, ElementType.COMPLEX128.byteSize(1));
  }

  @Test
  void equal_means_same_type_shape_and_bytes() {
    Tensor row = Tensor.ofFloats(new long[] {2}, 1, 2);
    assertEquals(row, Tensor.ofFloats(new long[] {2}, 1, 2));
    assertNotEquals(row, row.reshaped(1, 2));
    assertNotEquals(row, Tensor.ofFloats(new long[] {2}, 1, 3));
    assertEquals(row, row.reshaped(2, 1).reshaped(2));
    try (Arena arena = Arena.ofConfined()) {
      assertEquals(row, row.copy(arena));
    }
    assertEquals(
        Tensor.ofStrings(new long[] {1}, List.of("a")),
        Tensor.ofStrings(new long[] {1}, List.of("a")));
  }

  @Test
  void a_shape_that_does_not_fit_is_refused() {
    MemorySegment eight = Arena.ofAuto().allocate(8);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Tensor.of(ElementType.FLOAT32, new long[] {3}, eight));
    assertEquals("a tensor float32[3] has 12 bytes, not 8", e.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> Tensor.of(ElementType.FLOAT32, new long[] {-1}, eight));
    assertThrows(
        IllegalArgumentException.class,
        () -> Tensor.of(ElementType.INT8, new long[] {8}, MemorySegment.ofArray(new byte[8])));
    assertThrows(
        IllegalArgumentException.class, () -> Tensor.ofFloats(new long[] {2}, 1, 2).reshaped(3));
  }

  private static Tensor of(ElementType type, int... bytes) {
    MemorySegment data = Arena.ofAuto().allocate(bytes.length);
    for (int i = 0; i < bytes.length; i++) {
      data.set(ValueLayout.JAVA_BYTE, i, (byte) bytes[i]);
    }
    return Tensor.of(type, new long[] {1}, data);
  }
}
