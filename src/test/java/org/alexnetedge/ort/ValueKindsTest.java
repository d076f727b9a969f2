package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class ValueKindsTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  @Test
  void a_value_of_another_kind_than_the_inputs_is_refused_naming_the_input() {
    try (Session takesTensor = TypedModels.identity(TypedModels.FLOATS);
        Session takesSequence = TypedModels.concat(TypedModels.FLOATS);
        Session takesMap = TypedModels.castMap(ElementType.FLOAT);
        Tensor tensor = floats(1);
        Tensor keys = longs(new long[] {1}, 1);
        SequenceValue sequence = SequenceValue.of(ORT, List.of(tensor));
        MapValue map = MapValue.of(ORT, keys, tensor)) {
      assertFails("'x'", () -> takesTensor.run(Map.of("x", sequence)));
      assertFails("map(int64,tensor(float))", () -> takesTensor.run(Map.of("x", map)));
      assertFails("'x'", () -> takesSequence.run(Map.of("x", tensor)));
      assertFails("map(int64,tensor(float))", () -> takesSequence.run(Map.of("x", map)));
      assertFails("'x'", () -> takesMap.run(Map.of("x", tensor)));
      assertFails("'x'", () -> takesMap.run(Map.of("x", sequence)));
      try (SequenceValue numbers = SequenceValue.of(ORT, List.of(keys))) {
        assertFails("int64", () -> takesSequence.run(Map.of("x", numbers)));
      }
    }
  }

  private static void assertFails(String part, Executable action) {
    OrtException e = assertThrows(OrtException.class, action);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  private static Tensor floats(float... values) {
    return Tensor.ofFloats(ORT, values, values.length);
  }

  private static Tensor longs(long[] values, long... shape) {
    // A scalar has no shape.
    return Tensor.copyOf(ORT, MemorySegment.ofArray(values), ElementType.INT64, shape);
  }
}
