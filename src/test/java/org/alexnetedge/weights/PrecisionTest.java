package org.alexnetedge.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Tensor;
import org.junit.jupiter.api.Test;

class PrecisionTest {
  private static Tensor tensor(ElementType type, long... littleEndian) {
    int bytes = type.bits() / 8;
    MemorySegment data = Arena.ofAuto().allocate((long) bytes * littleEndian.length);
    for (int i = 0; i < littleEndian.length; i++) {
      for (int b = 0; b < bytes; b++) {
        data.set(ValueLayout.JAVA_BYTE, (long) i * bytes + b, (byte) (littleEndian[i] >> 8 * b));
      }
    }
    return Tensor.of(type, new long[] {littleEndian.length}, data);
  }

  private static float[] floats(Tensor tensor) {
    try (Arena arena = Arena.ofConfined()) {
      Tensor widened = Precision.float32(tensor, arena);
      assertEquals(ElementType.FLOAT32, widened.type());
      return widened
          .data()
          .toArray(ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN));
    }
  }

  @Test
  void halves_widen_exactly() {
    // 1, the largest, the smallest above zero, -0, infinity.
    assertArrayEquals(
        new float[] {1, 65504, 0x1p-24f, -0f, Float.POSITIVE_INFINITY},
        floats(tensor(ElementType.FLOAT16, 0x3c00, 0x7bff, 1, 0x8000, 0x7c00)));
    assertArrayEquals(
        new float[] {1, -2, 0x1.fep127f, 0x1p-133f},
        floats(tensor(ElementType.BFLOAT16, 0x3f80, 0xc000, 0x7f7f, 1)));
  }

  @Test
  void doubles_are_rounded_to_the_nearest() {
    assertArrayEquals(
        new float[] {0.1f, Float.NEGATIVE_INFINITY, 0},
        floats(
            tensor(
                ElementType.FLOAT64,
                Double.doubleToLongBits(0.1),
                Double.doubleToLongBits(Double.NEGATIVE_INFINITY),
                Double.doubleToLongBits(1e-300))));
  }

  @Test
  void float32_stays_as_it_is() {
    Tensor tensor = Tensor.ofFloats(new long[] {2}, 1, 2);
    assertSame(tensor, Precision.float32(tensor, Arena.ofAuto()));
  }

  @Test
  void what_float32_cannot_hold_is_refused() {
    assertEquals(
        "A tensor int64[1] cannot be taken as weights: float16, bfloat16, float32 and float64 can.",
        refusal(Tensor.ofLongs(new long[] {1}, 5)));
    assertEquals(
        "A tensor float64[1] holds 1.0E300, which is too large for float32.",
        refusal(tensor(ElementType.FLOAT64, Double.doubleToLongBits(1e300))));
  }

  private static String refusal(Tensor tensor) {
    return assertThrows(WeightsException.class, () -> Precision.float32(tensor, Arena.ofAuto()))
        .getMessage();
  }
}
