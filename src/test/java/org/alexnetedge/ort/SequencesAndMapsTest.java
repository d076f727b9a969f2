package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import org.alexnetedge.onnx.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class SequencesAndMapsTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  @Test
  void a_sequence_of_tensors_comes_out() {
    try (Session session = TypedModels.sequenceOfTwo();
        Tensor a = floats(1, 2, 3);
        Tensor b = floats(-4);
        Outputs outputs = session.run(Map.of("a", a, "b", b))) {
      assertEquals("sequence(float[])", session.outputs().getFirst().type().toString());
      SequenceValue sequence = outputs.sequence("y");
      assertEquals(2, sequence.size());
      try (Tensor first = sequence.tensor(0);
          OrtValue second = sequence.get(1)) {
        assertArrayEquals(new float[] {1, 2, 3}, first.toFloatArray());
        assertEquals("FLOAT[1]", second.toString());
      }
      assertEquals(
          "The sequence has 2 elements; there is no number 2.",
          assertThrows(IndexOutOfBoundsException.class, () -> sequence.get(2)).getMessage());
      assertThrows(IndexOutOfBoundsException.class, () -> sequence.get(-1));
      assertEquals(
          "The output 'y' is no tensor but this: sequence.",
          assertThrows(IllegalStateException.class, () -> outputs.tensor("y")).getMessage());
    }
  }

  @Test
  void an_empty_sequence_comes_out_and_goes_in_again() {
    Node empty = Node.of("SequenceEmpty", List.of(), List.of("y"));
    try (Session make =
            TypedModels.open(empty, Map.of(), TypedModels.sequence(TypedModels.FLOATS));
        Session append = TypedModels.append(TypedModels.FLOATS);
        Outputs none = make.run(Map.of());
        Tensor a = floats(7);
        Outputs one = append.run(Map.of("x", none.sequence("y"), "a", a))) {
      assertEquals(0, none.sequence("y").size());
      assertThrows(IndexOutOfBoundsException.class, () -> none.sequence("y").get(0));
      try (Tensor element = one.sequence("y").tensor(0)) {
        assertArrayEquals(new float[] {7}, element.toFloatArray());
      }
    }
  }

  @Test
  void a_sequence_made_here_goes_in() {
    try (Session at = TypedModels.sequenceAt(TypedModels.FLOATS);
        Session concat = TypedModels.concat(TypedModels.FLOATS);
        Tensor last = longs(new long[] {-1});
        SequenceValue sequence = sequence(floats(1), floats(2, 3))) {
      try (Outputs outputs = at.run(Map.of("x", sequence, "i", last))) {
        assertArrayEquals(new float[] {2, 3}, outputs.tensor("y").toFloatArray());
      }
      try (Outputs outputs = concat.run(Map.of("x", sequence))) {
        assertArrayEquals(new float[] {1, 2, 3}, outputs.tensor("y").toFloatArray());
      }
    }
  }

  @Test
  void a_sequence_of_strings_goes_in_and_comes_out() {
    try (Session append = TypedModels.append(TypedModels.tensor(ElementType.STRING));
        Session concat = TypedModels.concat(TypedModels.tensor(ElementType.STRING));
        Tensor a = Tensor.ofStrings(ORT, new String[] {"Größe", ""}, 2);
        Tensor b = Tensor.ofStrings(ORT, new String[] {"日本"}, 1);
        SequenceValue one = SequenceValue.of(ORT, List.of(a));
        Outputs two = append.run(Map.of("x", one, "a", b));
        Outputs all = concat.run(Map.of("x", two.sequence("y")))) {
      assertArrayEquals(new String[] {"Größe", "", "日本"}, all.tensor("y").strings());
      try (Tensor element = two.sequence("y").tensor(1)) {
        assertArrayEquals(new String[] {"日本"}, element.strings());
      }
    }
  }

  @Test
  void a_binding_takes_and_gives_sequences() {
    try (Session session = TypedModels.append(TypedModels.FLOATS);
        IoBinding binding = new IoBinding(session);
        Tensor a = floats(5);
        SequenceValue x = SequenceValue.of(ORT, List.of(a))) {
      binding.bindInput("x", x);
      binding.bindInput("a", a);
      binding.bindOutput("y");
      for (int i = 0; i < 3; i++) {
        binding.run();
        try (Outputs outputs = binding.outputs()) {
          assertEquals(2, outputs.sequence("y").size());
        }
      }
    }
  }

  @Test
  void sequences_that_cannot_be_are_refused() {
    try (Tensor one = floats(1);
        Tensor number = longs(new long[] {1}, 1);
        MapValue map = MapValue.of(ORT, number, one);
        SequenceValue sequence = SequenceValue.of(ORT, List.of(one))) {
      assertEquals(
          "A sequence made here needs an element: its type is that of the first.",
          assertThrows(IllegalArgumentException.class, () -> SequenceValue.of(ORT, List.of()))
              .getMessage());
      assertFails("same data type", () -> SequenceValue.of(ORT, List.of(one, number)));
      assertFails("different from others", () -> SequenceValue.of(ORT, List.of(one, map)));
      assertFails("either tensor or map", () -> SequenceValue.of(ORT, List.of(sequence)));
    }
  }

  @Test
  void maps_with_keys_of_int64_come_out() {
    try (Session session = TypedModels.zipMap(10, -20);
        Tensor x = Tensor.ofFloats(ORT, new float[] {0.25f, 0.75f, 1, 0}, 2, 2);
        Outputs outputs = session.run(Map.of("x", x));
        OrtValue second = outputs.sequence("y").get(1)) {
      assertEquals("sequence(map(int64,float[]))", session.outputs().getFirst().type().toString());
      assertEquals(2, outputs.sequence("y").size());
      MapValue map = (MapValue) second;
      assertEquals(Map.of(10L, 1f, -20L, 0f), map.toMap());
      try (Tensor keys = map.keys();
          Tensor values = map.values()) {
        // ONNX Runtime's maps are ordered by key.
        assertArrayEquals(new long[] {-20, 10}, (long[]) keys.toArray());
        assertArrayEquals(new float[] {0, 1}, values.toFloatArray());
      }
      assertEquals(
          "The elements are maps, not tensors.",
          assertThrows(IllegalStateException.class, () -> outputs.sequence("y").tensor(0))
              .getMessage());
    }
  }

  @Test
  void maps_with_keys_of_strings_come_out() {
    try (Session session = TypedModels.zipMap("Größe", "日本語");
        Tensor x = Tensor.ofFloats(ORT, new float[] {0.25f, 0.75f}, 1, 2);
        Outputs outputs = session.run(Map.of("x", x));
        OrtValue map = outputs.sequence("y").get(0)) {
      assertEquals("sequence(map(string,float[]))", session.outputs().getFirst().type().toString());
      assertEquals(Map.of("Größe", 0.25f, "日本語", 0.75f), ((MapValue) map).toMap());
    }
  }

  @Test
  void maps_go_in() {
    try (Tensor words = Tensor.ofStrings(ORT, new String[] {"z", "Größe"}, 2);
        Tensor numbers = longs(new long[] {7, 4}, 2);
        Tensor scores = floats(1.5f, -2);
        Tensor texts = Tensor.ofStrings(ORT, new String[] {"3.5", "8"}, 2);
        Tensor counts = longs(new long[] {Long.MAX_VALUE, -1}, 2)) {
      try (Session session = TypedModels.dictVectorizer(ElementType.FLOAT, "Größe", "none");
          MapValue map = MapValue.of(ORT, words, scores);
          Outputs outputs = session.run(Map.of("x", map))) {
        assertEquals("map(string,float[])", session.inputs().getFirst().type().toString());
        assertArrayEquals(new float[] {-2, 0}, outputs.tensor("y").toFloatArray());
      }
      try (Session session = TypedModels.dictVectorizer(ElementType.INT64, "none", "z");
          MapValue map = MapValue.of(ORT, words, counts);
          Outputs outputs = session.run(Map.of("x", map))) {
        assertArrayEquals(new long[] {0, Long.MAX_VALUE}, (long[]) outputs.tensor("y").toArray());
      }
      try (Session session = TypedModels.dictVectorizer(ElementType.FLOAT, 4, 5, 7);
          MapValue map = MapValue.of(ORT, numbers, scores);
          Outputs outputs = session.run(Map.of("x", map))) {
        assertArrayEquals(new float[] {-2, 0, 1.5f}, outputs.tensor("y").toFloatArray());
      }
      try (Session session = TypedModels.castMap(ElementType.STRING);
          MapValue map = MapValue.of(ORT, numbers, texts);
          Outputs outputs = session.run(Map.of("x", map))) {
        assertArrayEquals(new float[] {8, 3.5f}, outputs.tensor("y").toFloatArray());
      }
      try (Session session = TypedModels.castMap(ElementType.FLOAT);
          IoBinding binding = new IoBinding(session);
          MapValue map = MapValue.of(ORT, numbers, scores)) {
        binding.bindInput("x", map);
        binding.bindOutput("y");
        binding.run();
        try (Outputs outputs = binding.outputs()) {
          assertArrayEquals(new float[] {-2, 1.5f}, outputs.tensor("y").toFloatArray());
        }
      }
    }
  }

  @Test
  void a_map_that_goes_through_comes_out_as_a_map() {
    try (Session session =
            TypedModels.through(TypedModels.map(ElementType.STRING, ElementType.DOUBLE));
        Tensor keys = Tensor.ofStrings(ORT, new String[] {"b", "a"}, 2);
        Tensor values =
            Tensor.copyOf(
                ORT, MemorySegment.ofArray(new double[] {Math.PI, -0.0}), ElementType.DOUBLE, 2);
        MapValue map = MapValue.of(ORT, keys, values);
        Tensor a = floats(1);
        Outputs outputs = session.run(Map.of("x", map, "a", a))) {
      assertEquals(Map.of("b", Math.PI, "a", -0.0), outputs.map("x").toMap());
      assertEquals(List.of("a", "b"), List.copyOf(outputs.map("x").toMap().keySet()));
      assertEquals(
          "The output 'y' is no map but this: tensor.",
          assertThrows(IllegalStateException.class, () -> outputs.map("y")).getMessage());
    }
  }

  @Test
  void maps_have_all_types_that_onnx_runtime_knows_and_may_be_empty() {
    try (Tensor text = Tensor.ofStrings(ORT, new String[] {"k"}, 1);
        Tensor number = longs(new long[] {Long.MIN_VALUE}, 1);
        Tensor score = floats(2);
        Tensor noNumbers = longs(new long[0], 0);
        Tensor noTexts = Tensor.ofStrings(ORT, new String[0], 0)) {
      assertMap(Map.of("k", "k"), text, text);
      assertMap(Map.of("k", Long.MIN_VALUE), text, number);
      assertMap(Map.of(Long.MIN_VALUE, "k"), number, text);
      assertMap(Map.of(Long.MIN_VALUE, Long.MIN_VALUE), number, number);
      assertMap(Map.of(Long.MIN_VALUE, 2f), number, score);
      assertMap(Map.of(), noNumbers, noTexts);
      assertMap(Map.of(), noTexts, noNumbers);
    }
  }

  @Test
  void maps_that_cannot_be_are_refused() {
    try (Tensor two = longs(new long[] {1, 2}, 2);
        Tensor four = longs(new long[] {1, 2, 3, 4}, 2, 2);
        Tensor scores = floats(1, 2, 3, 4);
        Tensor truths = Tensor.allocate(ORT, ElementType.BOOL, 2)) {
      assertEquals(
          "A map needs as many values as keys, not 4 for 2.",
          assertThrows(IllegalArgumentException.class, () -> MapValue.of(ORT, two, scores))
              .getMessage());
      assertFails("NumDimensions > 1", () -> MapValue.of(ORT, four, scores));
      assertFails("Key type is not supported", () -> MapValue.of(ORT, truths, two));
      assertFails("Value type is not supported", () -> MapValue.of(ORT, two, truths));
    }
  }

  @Test
  void a_map_that_is_left_out_is_refused_naming_it() {
    try (Session session = TypedModels.castMap(ElementType.FLOAT);
        IoBinding binding = new IoBinding(session)) {
      String message = "The input 'x', a map, has no value.";
      assertEquals(
          message,
          assertThrows(IllegalArgumentException.class, () -> session.run(Map.of())).getMessage());
      binding.bindOutput("y");
      assertEquals(
          message, assertThrows(IllegalArgumentException.class, binding::run).getMessage());
    }
  }

  private static void assertMap(Map<?, ?> expected, Tensor keys, Tensor values) {
    try (MapValue map = MapValue.of(ORT, keys, values)) {
      assertEquals(expected, map.toMap());
    }
  }

  private static void assertFails(String part, Executable action) {
    OrtException e = assertThrows(OrtException.class, action);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  /** Its elements are closed here: it does not need them any more. */
  private static SequenceValue sequence(Tensor... elements) {
    SequenceValue sequence = SequenceValue.of(ORT, List.of(elements));
    for (Tensor element : elements) {
      element.close();
    }
    return sequence;
  }

  private static Tensor floats(float... values) {
    return Tensor.ofFloats(ORT, values, values.length);
  }

  private static Tensor longs(long[] values, long... shape) {
    // A scalar has no shape.
    return Tensor.copyOf(ORT, MemorySegment.ofArray(values), ElementType.INT64, shape);
  }
}
