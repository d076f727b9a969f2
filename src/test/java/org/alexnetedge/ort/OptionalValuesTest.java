package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.TypeProto;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** ONNX Runtime 1.29 ends the process over an absent value that it is given: none may reach it. */
class OptionalValuesTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();
  private static final TypeProto SEQUENCE = TypedModels.sequence(TypedModels.FLOATS);

  @Test
  void an_optional_value_that_is_there_is_what_it_holds() {
    try (Session session = TypedModels.optionalOf(TypedModels.FLOATS);
        Tensor x = floats(1, 2);
        Outputs outputs = session.run(Map.of("x", x))) {
      assertEquals("optional(float[])", session.outputs().getFirst().type().toString());
      assertArrayEquals(new float[] {1, 2}, outputs.tensor("y").toFloatArray());
    }
    try (Session session = TypedModels.optionalOf(SEQUENCE);
        Tensor x = floats(1, 2);
        SequenceValue sequence = SequenceValue.of(ORT, List.of(x, x, x));
        Outputs outputs = session.run(Map.of("x", sequence))) {
      assertEquals("optional(sequence(float[]))", session.outputs().getFirst().type().toString());
      assertEquals(3, outputs.sequence("y").size());
    }
  }

  @Test
  void an_absent_value_comes_out_and_goes_in_again() {
    for (TypeProto contained : List.of(TypedModels.FLOATS, SEQUENCE)) {
      try (Session make = TypedModels.absent(contained);
          Outputs absent = make.run(Map.of());
          Session has = TypedModels.hasElement(contained);
          Session identity = TypedModels.identity(TypedModels.optional(contained))) {
        assertInstanceOf(AbsentValue.class, absent.value("y"));
        assertEquals("absent", absent.value("y").toString());
        assertEquals(
            "The output 'y' is no tensor but this: absent value.",
            assertThrows(IllegalStateException.class, () -> absent.tensor("y")).getMessage());
        Map<String, OrtValue> inputs = Map.of("x", absent.value("y"));
        try (Outputs outputs = has.run(inputs)) {
          assertArrayEquals(new boolean[] {false}, (boolean[]) outputs.tensor("y").toArray());
        }
        try (Outputs outputs = identity.run(inputs)) {
          assertInstanceOf(AbsentValue.class, outputs.value("y"));
        }
      }
    }
  }

  @Test
  void an_optional_input_may_be_left_out_or_given() {
    try (Session has = TypedModels.hasElement(TypedModels.FLOATS);
        Session get = TypedModels.getElement(TypedModels.FLOATS);
        Tensor x = floats(3)) {
      try (Outputs outputs = has.run(Map.of())) {
        assertArrayEquals(new boolean[] {false}, (boolean[]) outputs.tensor("y").toArray());
      }
      try (Outputs outputs = has.run(Map.of("x", x))) {
        assertArrayEquals(new boolean[] {true}, (boolean[]) outputs.tensor("y").toArray());
      }
      try (Outputs outputs = get.run(Map.of("x", x))) {
        assertArrayEquals(new float[] {3}, outputs.tensor("y").toFloatArray());
      }
    }
  }

  @Test
  void what_is_absent_cannot_be_taken_out() {
    try (Session get = TypedModels.getElement(TypedModels.FLOATS);
        Session make = TypedModels.absent(TypedModels.FLOATS);
        Outputs absent = make.run(Map.of())) {
      assertFails("contains no data", () -> get.run(Map.of("x", absent.value("y"))));
      assertFails("contains no data", () -> get.run(Map.of()));
    }
  }

  @Test
  void an_absent_value_where_one_is_needed_is_an_error_and_no_crash() {
    try (Session makeTensor = TypedModels.absent(TypedModels.FLOATS);
        Session makeSequence = TypedModels.absent(SEQUENCE);
        Outputs absentTensor = makeTensor.run(Map.of());
        Outputs absentSequence = makeSequence.run(Map.of());
        Session add = ModelFixture.open(ModelFixture.add(1));
        Session concat = TypedModels.concat(TypedModels.FLOATS);
        Session castMap = TypedModels.castMap(ElementType.FLOAT);
        Session sparse = TypedModels.sparseMatMul();
        Tensor one = floats(1)) {
      OrtValue tensor = absentTensor.value("y");
      OrtValue sequence = absentSequence.value("y");
      assertFails("Add", () -> add.run(Map.of("a", tensor, "b", one)));
      assertFails("Add", () -> add.run(Map.of("a", one, "b", sequence)));
      assertFails("ConcatFromSequence", () -> concat.run(Map.of("x", sequence)));
      assertFails("SparseToDenseMatMul", () -> sparse.run(Map.of("x", tensor, "b", one)));
      assertRefused("The input 'x', a map, has no value.", () -> castMap.run(Map.of("x", tensor)));
      assertRefused(
          "The model has no input 'c'; it has a, b",
          () -> add.run(Map.of("a", one, "b", one, "c", tensor)));
    }
  }

  @Test
  void a_sequence_holds_no_absent_value() {
    try (Session make = TypedModels.absent(TypedModels.FLOATS);
        Outputs absent = make.run(Map.of());
        Tensor one = floats(1)) {
      assertRefused(
          "A sequence holds tensors or maps; the element number 1 is an absent value.",
          () -> SequenceValue.of(ORT, List.of(one, absent.value("y"))));
    }
  }

  @Test
  void an_absent_value_is_not_bound_but_left_unbound() {
    try (Session make = TypedModels.absent(TypedModels.FLOATS);
        Outputs absent = make.run(Map.of());
        Session session = TypedModels.identity(TypedModels.optional(TypedModels.FLOATS));
        IoBinding binding = new IoBinding(session);
        Tensor x = floats(2)) {
      String message =
          "An absent value cannot be bound, here to the %s; an optional input that nothing is"
              + " bound to is absent.";
      assertRefused(message.formatted("input x"), () -> binding.bindInput("x", absent.value("y")));
      assertRefused(
          message.formatted("output y"), () -> binding.bindOutput("y", absent.value("y")));
      binding.bindOutput("y");
      binding.run();
      try (Outputs outputs = binding.outputs()) {
        assertInstanceOf(AbsentValue.class, outputs.value("y"));
      }
      binding.bindInput("x", x);
      binding.run();
      try (Outputs outputs = binding.outputs()) {
        assertArrayEquals(new float[] {2}, outputs.tensor("y").toFloatArray());
      }
    }
  }

  @Test
  void a_closed_absent_value_is_refused() {
    try (Session make = TypedModels.absent(TypedModels.FLOATS);
        Session has = TypedModels.hasElement(TypedModels.FLOATS)) {
      Outputs outputs = make.run(Map.of());
      OrtValue absent = outputs.value("y");
      outputs.close();
      assertEquals(
          "The absent value is closed.",
          assertThrows(IllegalStateException.class, () -> has.run(Map.of("x", absent)))
              .getMessage());
    }
  }

  private static Tensor floats(float... values) {
    return Tensor.ofFloats(ORT, values, values.length);
  }

  private static void assertRefused(String message, Executable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
  }

  private static void assertFails(String part, Executable action) {
    OrtException e = assertThrows(OrtException.class, action);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }
}
