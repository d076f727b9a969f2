package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelInformationTest {
  @Test
  void names_and_symbolic_dimensions_are_those_of_the_model() {
    try (Session session =
        ModelFixture.open(
            ModelFixture.identity(ElementType.FLOAT16, "batch", 3, "?", "größe", 1L << 40))) {
      ValueInfo input = session.inputs().getFirst();
      assertEquals("x", input.name());
      assertEquals(
          new ValueType.OfTensor(
              ElementType.FLOAT16,
              List.of(
                  new Dimension(-1, "batch"),
                  new Dimension(3, ""),
                  new Dimension(-1, ""),
                  new Dimension(-1, "größe"),
                  new Dimension(1L << 40, "")),
              false),
          input.type());
      assertEquals("x: float16[batch,3,?,größe,1099511627776]", input.toString());
      assertEquals("y", session.outputs().getFirst().name());
    }
  }

  @Test
  void inputs_come_in_the_order_of_the_model_and_without_its_weights() {
    try (Session session = ModelFixture.open(ModelFixture.linear().build())) {
      assertEquals("[x: float[batch,3]]", session.inputs().toString());
      assertEquals("[y: float[batch,2]]", session.outputs().toString());
    }
    try (Session session = ModelFixture.open(ModelFixture.loop())) {
      assertEquals("[turns: int64[], x: float[64,64]]", session.inputs().toString());
    }
  }

  @Test
  void free_dimensions_can_be_fixed() {
    SessionOptions.Builder options =
        SessionOptions.builder().freeDimension("batch", 2).freeDimension("absent", 7);
    try (Session session = ModelFixture.open(ModelFixture.linear().build(), options);
        Tensor one = ModelFixture.tensor(new float[3], 1, 3);
        Tensor two = ModelFixture.tensor(new float[6], 2, 3)) {
      assertEquals("[x: float[2,3]]", session.inputs().toString());
      session.run(Map.of("x", two)).close();
      OrtException e = assertThrows(OrtException.class, () -> session.run(Map.of("x", one)));
      assertTrue(e.getMessage().contains("Got: 1 Expected: 2"), e.getMessage());
    }
  }

  @Test
  void metadata_is_what_the_file_says() {
    String json = "[\"Größe\", \"😀\", \"\"]";
    try (Session session =
        ModelFixture.open(
            ModelFixture.linear()
                .producer("a test", "1.2")
                .doc("one layer")
                .metadata("labels", json)
                .metadata("empty", "")
                .metadata("long", "x".repeat(100_000))
                .build())) {
      ModelMetadata metadata = session.metadata();
      assertEquals("a test", metadata.producer());
      assertEquals("linear", metadata.graphName());
      assertEquals("one layer", metadata.description());
      assertEquals("", metadata.domain());
      assertEquals("", metadata.graphDescription());
      assertEquals(
          Map.of("labels", json, "empty", "", "long", "x".repeat(100_000)), metadata.properties());
    }
    try (Session session = ModelFixture.open(ModelFixture.add(1))) {
      assertEquals(Map.of(), session.metadata().properties());
      assertEquals(Long.MAX_VALUE, session.metadata().version());
    }
  }

  @Test
  void sequences_and_maps_are_described() {
    try (Session session = ModelFixture.open(ModelFixture.sequence())) {
      assertEquals("y: sequence(float[n])", session.outputs().getFirst().toString());
    }
    try (var arena = java.lang.foreign.Arena.ofConfined();
        Session session =
            Session.open(
                ModelFixture.environment(), ModelFixture.map(arena), SessionOptions.DEFAULT)) {
      assertEquals("[y: sequence(map(int64,float[]))]", session.outputs().toString());
    }
  }

  @Test
  void the_library_says_what_it_is() {
    OrtLibrary library = ModelFixture.environment().library();
    assertTrue(library.version().matches("1\\.\\d+\\.\\d+"), library.version());
    assertTrue(library.apiVersion() >= 24);
    assertEquals("CPUExecutionProvider", library.compiledProviders().getLast());
    assertTrue(library.buildInfo().contains("ORT Build Info"), library.buildInfo());
    assertEquals(
        "ONNX Runtime " + library.version() + " (" + library.file() + ")", library.toString());
  }

  @Test
  void nodes_are_counted_by_provider_and_operator() {
    SessionOptions.Builder options =
        SessionOptions.builder()
            .optimization(SessionOptions.OptimizationLevel.NONE)
            .configuration("session.record_ep_graph_assignment_info", "1");
    try (Session session = ModelFixture.open(ModelFixture.conv(2), options)) {
      Map<String, Map<String, Integer>> nodes = session.nodesByProvider();
      assertEquals(List.of("CPUExecutionProvider"), List.copyOf(nodes.keySet()));
      assertEquals(
          Map.of("Conv", 1, "Relu", 1, "GlobalAveragePool", 1, "Flatten", 1),
          nodes.get("CPUExecutionProvider"));
    }
    try (Session session = ModelFixture.open(ModelFixture.add(1))) {
      OrtException e = assertThrows(OrtException.class, session::nodesByProvider);
      assertTrue(e.getMessage().contains("record_ep_graph_assignment_info"), e.getMessage());
    }
  }

  @Test
  void environments_of_one_library_are_one() {
    OrtEnvironment environment = ModelFixture.environment();
    assertEquals(environment, environment.library().environment(LogLevel.VERBOSE, message -> {}));
    assertEquals(environment.library(), OrtLibrary.carried(ModelFixture.cache()));
  }

  @Test
  void a_profile_is_written_where_asked() throws Exception {
    var folder = java.nio.file.Files.createTempDirectory("profile");
    SessionOptions.Builder options =
        SessionOptions.builder().profile(folder.resolve("run").toString());
    try (Session session = ModelFixture.open(ModelFixture.add(1), options);
        Tensor a = ModelFixture.tensor(new float[1], 1)) {
      session.run(Map.of("a", a, "b", a)).close();
      var profile = java.nio.file.Path.of(session.endProfiling());
      assertEquals(folder, profile.getParent());
      assertTrue(java.nio.file.Files.readString(profile).contains("\"Add\""));
      java.nio.file.Files.delete(profile);
    }
    java.nio.file.Files.delete(folder);
  }

  @Test
  void many_shapes_of_threads_and_optimisation_give_one_result() {
    float[] input = new float[3 * 9 * 9];
    for (int i = 0; i < input.length; i++) {
      input[i] = i % 7;
    }
    float[] expected = null;
    for (SessionOptions.OptimizationLevel level : SessionOptions.OptimizationLevel.values()) {
      for (boolean on : new boolean[] {true, false}) {
        SessionOptions options =
            SessionOptions.builder()
                .optimization(level)
                .intraOpThreads(on ? 1 : 2)
                .interOpThreads(on ? 1 : 2)
                .executionMode(
                    on
                        ? SessionOptions.ExecutionMode.SEQUENTIAL
                        : SessionOptions.ExecutionMode.PARALLEL)
                .memoryPattern(on)
                .cpuArena(on)
                .configuration("session.intra_op.allow_spinning", "0")
                .log("a test", LogLevel.FATAL)
                .build();
        try (var arena = java.lang.foreign.Arena.ofConfined();
            Session session =
                Session.open(
                    ModelFixture.environment(), ModelFixture.conv(5).bytes(arena), options);
            Tensor x = ModelFixture.tensor(input, 1, 3, 9, 9)) {
          for (int i = 0; i < 3; i++) {
            try (Outputs outputs = session.run(Map.of("x", x))) {
              float[] result = outputs.tensor("y").toFloatArray();
              expected = expected == null ? result : expected;
              assertArrayEquals(expected, result, 1e-5f, level + " " + on);
            }
          }
        }
      }
    }
  }

  @Test
  void impossible_options_are_refused_by_name() {
    OrtException e =
        assertThrows(
            OrtException.class,
            () ->
                ModelFixture.open(
                    ModelFixture.add(1), SessionOptions.builder().configuration("", "1")));
    assertEquals(OrtException.Code.INVALID_ARGUMENT, e.code());
  }
}
