package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import org.alexnetedge.onnx.OnnxModel;
import org.junit.jupiter.api.Test;

class RunByNamesTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  @Test
  void a_linear_layer_gives_what_it_should() {
    try (Session session = ModelFixture.open(ModelFixture.linear().build());
        Tensor x = ModelFixture.tensor(new float[] {1, 0, 0, 1, 1, 1}, 2, 3);
        Outputs outputs = session.run(Map.of("x", x))) {
      assertArrayEquals(new long[] {2, 2}, outputs.tensor("y").shape());
      assertArrayEquals(new float[] {2, 4, 10, 14}, outputs.tensor("y").toFloatArray());
    }
  }

  @Test
  void a_convolution_takes_pictures_of_any_size() {
    try (Session session = ModelFixture.open(ModelFixture.conv(4))) {
      for (int size : new int[] {3, 17, 30}) {
        float[] picture = new float[2 * 3 * size * (size + 1)];
        java.util.Arrays.fill(picture, 2);
        try (Tensor x = ModelFixture.tensor(picture, 2, 3, size, size + 1);
            Outputs outputs = session.run(Map.of("x", x))) {
          float[] averages = outputs.tensor("y").toFloatArray();
          assertEquals(8, averages.length);
          for (float average : averages) {
            assertEquals(2, average, 1e-5);
          }
        }
      }
    }
  }

  @Test
  void only_the_outputs_asked_for_are_given_in_that_order() {
    OnnxModel model =
        ModelFixture.graph("three")
            .input("x", ModelFixture.floats(1))
            .output("neg", ModelFixture.floats(1))
            .output("abs", ModelFixture.floats(1))
            .output("exp", ModelFixture.floats(1))
            .node("Neg", List.of("x"), "neg")
            .node("Abs", List.of("x"), "abs")
            .node("Exp", List.of("x"), "exp")
            .build();
    try (Session session = ModelFixture.open(model);
        Tensor x = ModelFixture.tensor(new float[] {-3}, 1)) {
      try (Outputs all = session.run(Map.of("x", x))) {
        assertEquals(List.of("neg", "abs", "exp"), List.copyOf(all.values().keySet()));
      }
      try (Outputs some = session.run(Map.of("x", x), List.of("exp", "neg"), null)) {
        assertEquals(List.of("exp", "neg"), List.copyOf(some.values().keySet()));
        assertEquals(3, some.tensor("neg").toFloatArray()[0]);
        assertEquals(
            "There is no output 'abs' among [exp, neg].",
            assertThrows(IllegalArgumentException.class, () -> some.tensor("abs")).getMessage());
      }
    }
  }

  @Test
  void an_output_asked_for_twice_is_refused() {
    try (Session session = ModelFixture.open(ModelFixture.add(1));
        Tensor a = ModelFixture.tensor(new float[] {1}, 1)) {
      assertEquals(
          "The output 'y' is asked for twice.",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> session.run(Map.of("a", a, "b", a), List.of("y", "y"), null))
              .getMessage());
    }
  }

  @Test
  void names_that_are_not_the_models_are_refused_naming_those_that_are() {
    try (Session session = ModelFixture.open(ModelFixture.add(1));
        Tensor a = ModelFixture.tensor(new float[] {1}, 1)) {
      assertEquals(
          "The model has no input 'c'; it has a, b",
          assertThrows(
                  IllegalArgumentException.class, () -> session.run(Map.of("a", a, "b", a, "c", a)))
              .getMessage());
      assertEquals(
          "The model has no output 'z'; it has y",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> session.run(Map.of("a", a, "b", a), List.of("z"), null))
              .getMessage());
      assertContains(
          assertThrows(OrtException.class, () -> session.run(Map.of("a", a))), "Missing Input: b");
    }
  }

  @Test
  void a_value_of_a_wrong_type_or_shape_is_refused_naming_the_input() {
    try (Session session = ModelFixture.open(ModelFixture.linear().build());
        Tensor doubles = Tensor.allocate(ORT, ElementType.DOUBLE, 1, 3);
        Tensor narrow = Tensor.allocate(ORT, ElementType.FLOAT, 1, 2);
        Tensor flat = Tensor.allocate(ORT, ElementType.FLOAT, 3)) {
      OrtException type = assertThrows(OrtException.class, () -> session.run(Map.of("x", doubles)));
      assertEquals(OrtException.Code.INVALID_ARGUMENT, type.code());
      assertContains(type, "input", "double", "float");
      OrtException width = assertThrows(OrtException.class, () -> session.run(Map.of("x", narrow)));
      assertContains(width, "x", "Got: 2 Expected: 3");
      OrtException rank = assertThrows(OrtException.class, () -> session.run(Map.of("x", flat)));
      assertContains(rank, "x", "rank", "Got: 1 Expected: 2");
    }
  }

  @Test
  void a_run_that_fails_says_in_which_node_and_leaves_the_session_usable() {
    OnnxModel model =
        ModelFixture.graph("reshape")
            .input("x", ModelFixture.floats("n"))
            .input("shape", ModelFixture.type(org.alexnetedge.onnx.ElementType.INT64, 2))
            .output("y", ModelFixture.floats("h", "w"))
            .node("Reshape", List.of("x", "shape"), "y")
            .build();
    try (Session session = ModelFixture.open(model);
        Tensor x = Tensor.allocate(ORT, ElementType.FLOAT, 6);
        Tensor shape = Tensor.allocate(ORT, ElementType.INT64, 2)) {
      for (int i = 0; i < 3; i++) {
        shape.data().copyFrom(MemorySegment.ofArray(new long[] {4, 2}));
        OrtException e =
            assertThrows(OrtException.class, () -> session.run(Map.of("x", x, "shape", shape)));
        assertContains(e, "Reshape", "{6}", "{4,2}");
        shape.data().copyFrom(MemorySegment.ofArray(new long[] {3, 2}));
        try (Outputs outputs = session.run(Map.of("x", x, "shape", shape))) {
          assertArrayEquals(new long[] {3, 2}, outputs.tensor("y").shape());
        }
      }
    }
  }

  @Test
  void an_output_that_is_an_input_of_the_model_does_not_outlive_the_callers_memory() {
    OnnxModel model =
        ModelFixture.graph("through")
            .input("x", ModelFixture.floats(2))
            .output("x", ModelFixture.floats(2))
            .output("y", ModelFixture.floats(2))
            .node("Neg", List.of("x"), "y")
            .build();
    try (Session session = ModelFixture.open(model)) {
      Arena arena = Arena.ofShared();
      MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1, 2);
      try (Tensor x = Tensor.wrap(ORT, memory, ElementType.FLOAT, 2);
          Outputs outputs = session.run(Map.of("x", x))) {
        Tensor through = outputs.tensor("x");
        assertArrayEquals(new float[] {1, 2}, through.toFloatArray());
        boolean same = through.data().address() == memory.address();
        arena.close();
        if (same) {
          assertThrows(IllegalStateException.class, through::toFloatArray);
        } else {
          assertArrayEquals(new float[] {1, 2}, through.toFloatArray());
        }
      }
    }
  }

  private static void assertContains(Throwable e, String... parts) {
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), part + " in: " + e.getMessage());
    }
  }
}
