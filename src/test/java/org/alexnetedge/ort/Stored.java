package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Comparing what a session gives with tensors that were stored by others. */
final class Stored {
  private Stored() {}

  /**
   * Runs the inputs, in the model's order, and compares all outputs: floats by {@code |actual -
   * expected| <= absolute + relative * |expected|}, everything else exactly.
   */
  static void assertGives(
      Session session,
      List<org.alexnetedge.onnx.Tensor> inputs,
      List<org.alexnetedge.onnx.Tensor> expected,
      double relative,
      double absolute) {
    Map<String, Tensor> values = new LinkedHashMap<>();
    try (Arena arena = Arena.ofConfined()) {
      for (int i = 0; i < inputs.size(); i++) {
        values.put(session.inputs().get(i).name(), tensor(arena, inputs.get(i)));
      }
      try (Outputs outputs = session.run(values)) {
        assertEquals(expected.size(), outputs.values().size());
        for (int i = 0; i < expected.size(); i++) {
          Tensor actual = outputs.tensor(session.outputs().get(i).name());
          assertEqual(expected.get(i), actual, relative, absolute);
        }
      } finally {
        values.values().forEach(Tensor::close);
      }
    }
  }

  private static Tensor tensor(Arena arena, org.alexnetedge.onnx.Tensor stored) {
    OrtEnvironment ort = ModelFixture.environment();
    ElementType type = ElementType.of(stored.type().code());
    if (type == ElementType.STRING) {
      return Tensor.ofStrings(ort, stored.strings().toArray(new String[0]), stored.shape());
    }
    MemorySegment memory = arena.allocate(Math.max(1, stored.data().byteSize()), 64);
    memory.copyFrom(stored.data());
    return Tensor.wrap(ort, memory, type, stored.shape());
  }

  private static void assertEqual(
      org.alexnetedge.onnx.Tensor expected, Tensor actual, double relative, double absolute) {
    assertEquals(expected.type().code(), actual.type().code());
    assertArrayEquals(expected.shape(), actual.shape());
    if (actual.type() == ElementType.STRING) {
      assertEquals(expected.strings(), List.of(actual.strings()));
      return;
    }
    var given = org.alexnetedge.onnx.Tensor.of(expected.type(), expected.shape(), actual.data());
    if (!expected.type().isFloating()) {
      assertEquals(expected, given);
      assertEquals(-1, expected.data().mismatch(given.data()));
      return;
    }
    for (long i = 0; i < expected.size(); i++) {
      double right = expected.doubleAt(i);
      double is = given.doubleAt(i);
      boolean near =
          Double.compare(right, is) == 0
              || Math.abs(is - right) <= absolute + relative * Math.abs(right);
      assertTrue(near, "element " + i + " is " + is + ", expected " + right);
    }
  }
}
