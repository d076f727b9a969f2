package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against ONNX Runtime's own Cast; any NaN equals any other. */
class HalfPrecisionTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  @ParameterizedTest
  @EnumSource(names = {"FLOAT16", "BFLOAT16"})
  void every_one_of_the_65536_numbers_is_read_as_cast_reads_it(ElementType type) {
    short[] all = new short[1 << 16];
    for (int i = 0; i < all.length; i++) {
      all[i] = (short) i;
    }
    try (Session cast = cast(type, ElementType.FLOAT);
        Tensor x = Tensor.copyOf(ORT, MemorySegment.ofArray(all), type, 256, 256);
        Outputs outputs = cast.run(Map.of("x", x))) {
      float[] expected = outputs.tensor("y").toFloatArray();
      float[] read = x.toFloatArray();
      for (int i = 0; i < all.length; i++) {
        assertEquals(
            Float.floatToIntBits(expected[i]),
            Float.floatToIntBits(read[i]),
            Integer.toHexString(i));
      }
      assertArrayEquals(read, (float[]) x.toArray());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT16", "BFLOAT16"})
  void every_one_of_the_65536_numbers_survives_the_way_to_float_and_back(ElementType type) {
    for (int i = 0; i < 1 << 16; i++) {
      short bits = (short) i;
      boolean half = type == ElementType.FLOAT16;
      float number = half ? Float.float16ToFloat(bits) : BFloat16.toFloat(bits);
      short back = half ? Float.floatToFloat16(number) : BFloat16.of(number);
      if (Float.isNaN(number)) {
        assertTrue(Float.isNaN(half ? Float.float16ToFloat(back) : BFloat16.toFloat(back)));
      } else {
        assertEquals(bits, back, Integer.toHexString(i));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"FLOAT16", "BFLOAT16"})
  void floats_are_rounded_as_cast_rounds_them(ElementType type) {
    float[] floats = randomBits(200_000);
    try (Session cast = cast(ElementType.FLOAT, type);
        Tensor wide = Tensor.ofFloats(ORT, floats, floats.length);
        Tensor narrow = Tensor.ofFloats(ORT, type, floats, floats.length);
        Outputs outputs = cast.run(Map.of("x", wide))) {
      short[] expected = bits(outputs.tensor("y"));
      short[] rounded = bits(narrow);
      float[] numbers = narrow.toFloatArray();
      for (int i = 0; i < floats.length; i++) {
        if (Float.isNaN(floats[i])) {
          assertTrue(Float.isNaN(numbers[i]), "NaN became " + numbers[i]);
        } else {
          assertEquals(expected[i], rounded[i], Float.toHexString(floats[i]));
        }
      }
    }
  }

  @Test
  void bfloat16_rounds_to_the_nearest_and_between_two_to_the_even_one() {
    int one = 0x3f80;
    assertEquals(one, BFloat16.of(1));
    assertEquals(one, BFloat16.of(Float.intBitsToFloat(0x3f808000)));
    assertEquals(one + 1, BFloat16.of(Float.intBitsToFloat(0x3f808001)));
    assertEquals(one + 2, BFloat16.of(Float.intBitsToFloat(0x3f818000)));
    assertEquals((short) 0x8000, BFloat16.of(-0f));
    assertEquals(0x7f80, BFloat16.of(Float.MAX_VALUE));
    assertEquals((short) 0xff80, BFloat16.of(Float.NEGATIVE_INFINITY));
    assertTrue(Float.isNaN(BFloat16.toFloat(BFloat16.of(Float.intBitsToFloat(0x7f800001)))));
    assertEquals(3.140625f, BFloat16.toFloat(BFloat16.of((float) Math.PI)));
  }

  @Test
  void other_types_are_not_made_of_floats() {
    for (ElementType type : ElementType.values()) {
      switch (type) {
        case FLOAT, FLOAT16, BFLOAT16 -> Tensor.ofFloats(ORT, type, new float[] {1, 2}, 2).close();
        default ->
            assertEquals(
                "Floats make tensors of FLOAT, FLOAT16 or BFLOAT16, not of " + type + ".",
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Tensor.ofFloats(ORT, type, new float[] {1, 2}, 2))
                    .getMessage());
      }
    }
  }

  private static Session cast(ElementType from, ElementType to) {
    return TypedModels.open(
        Node.of("Cast", List.of("x"), List.of("y")).with("to", Attribute.of(to.code())),
        Map.of("x", TypedModels.tensor(from)),
        TypedModels.tensor(to));
  }

  private static short[] bits(Tensor tensor) {
    short[] bits = new short[(int) tensor.elements()];
    tensor.copyTo(MemorySegment.ofArray(bits));
    return bits;
  }

  /** Half of any bits; half within float16's range, where rounding matters, with ties. */
  private static float[] randomBits(int n) {
    Random random = new Random(7);
    float[] floats = new float[n];
    for (int i = 0; i < n; i++) {
      int bits = random.nextInt();
      if (i % 2 == 0) {
        int exponent = 127 - 26 + random.nextInt(44);
        bits = bits & 0x807fffff | exponent << 23;
      }
      if (i % 5 == 0) {
        bits &= i % 3 == 0 ? 0xffff8000 : 0xfffff000;
      }
      floats[i] = Float.intBitsToFloat(bits);
    }
    return floats;
  }
}
