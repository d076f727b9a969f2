package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What else can be asked of sessions and their options. */
class SessionDetailsTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  @Test
  void free_dimensions_can_be_fixed_by_denotation() {
    try (Arena arena = Arena.ofConfined()) {
      var model =
          ModelFixture.edited(
              ModelFixture.linear().build(),
              arena,
              proto ->
                  proto
                      .getGraphBuilder()
                      .getInputBuilder(0)
                      .getTypeBuilder()
                      .getTensorTypeBuilder()
                      .getShapeBuilder()
                      .getDimBuilder(0)
                      .setDenotation("DATA_BATCH"));
      SessionOptions options =
          SessionOptions.builder().freeDimensionDenotation("DATA_BATCH", 5).build();
      try (Session session = Session.open(ORT, model, options)) {
        assertEquals("[x: float[5,3]]", session.inputs().toString());
      }
    }
  }

  @Test
  void metadata_has_the_version_and_the_graphs_description() {
    try (Arena arena = Arena.ofConfined();
        Session session =
            Session.open(
                ORT,
                ModelFixture.edited(
                    ModelFixture.linear().build(),
                    arena,
                    proto -> {
                      proto.setModelVersion(7).setDomain("org.example");
                      proto.getGraphBuilder().setDocString("one layer, described");
                    }),
                SessionOptions.DEFAULT)) {
      ModelMetadata metadata = session.metadata();
      assertEquals(7, metadata.version());
      assertEquals("org.example", metadata.domain());
      assertEquals("one layer, described", metadata.graphDescription());
      assertEquals("", metadata.description());
    }
  }

  @Test
  void a_session_runs_on_after_its_profile_has_ended(@TempDir Path folder) throws Exception {
    SessionOptions.Builder options =
        SessionOptions.builder().profile(folder.resolve("run").toString());
    long before = System.nanoTime();
    try (Session session = ModelFixture.open(ModelFixture.add(1), options);
        Tensor a = ModelFixture.tensor(new float[] {1}, 1)) {
      long start = session.profilingStart();
      assertTrue(start > 0, before + " to " + start);
      assertEquals(start, session.profilingStart());
      session.run(Map.of("a", a, "b", a)).close();
      assertTrue(Files.exists(Path.of(session.endProfiling())));
      try (Outputs outputs = session.run(Map.of("a", a, "b", a))) {
        assertEquals(2, outputs.tensor("y").toFloatArray()[0]);
      }
    }
    try (Session session = ModelFixture.open(ModelFixture.add(1))) {
      assertEquals("", session.endProfiling());
      session.profilingStart();
    }
  }

  @Test
  void deterministic_computation_gives_the_same() {
    try (Session session =
            ModelFixture.open(
                ModelFixture.linear().build(), SessionOptions.builder().deterministic(true));
        Tensor x = ModelFixture.tensor(new float[] {1, 1, 1}, 1, 3)) {
      for (int i = 0; i < 3; i++) {
        try (Outputs outputs = session.run(Map.of("x", x))) {
          assertArrayEquals(new float[] {10, 14}, outputs.tensor("y").toFloatArray());
        }
      }
    }
  }

  @Test
  void a_builder_from_options_keeps_all_of_them(@TempDir Path folder) {
    try (Tensor zeros = ModelFixture.tensor(new float[16], 4, 4);
        PrepackedWeights container = new PrepackedWeights(ORT)) {
      SessionOptions options =
          SessionOptions.builder()
              .initializer("tensor", zeros)
              .prepackedWeights(container)
              .deterministic(true)
              .freeDimension("batch", 1)
              .intraOpThreads(1)
              .configuration("session.record_ep_graph_assignment_info", "1")
              .build();
      SessionOptions same = options.toBuilder().build();
      SessionOptions unknown =
          options.toBuilder().customOperators(folder.resolve("none.so")).build();
      try (Session session = ModelFixture.open(ModelFixture.product(), same);
          Tensor x = ModelFixture.tensor(new float[] {1, 2, 3, 4}, 1, 4);
          Outputs outputs = session.run(Map.of("x", x))) {
        assertEquals("[x: float[1,4]]", session.inputs().toString());
        assertArrayEquals(new float[4], outputs.tensor("y").toFloatArray());
        assertEquals(
            List.of("CPUExecutionProvider"), List.copyOf(session.nodesByProvider().keySet()));
      }
      assertThrows(
          RuntimeException.class,
          () -> ModelFixture.open(ModelFixture.product(), unknown.toBuilder().build()));
    }
  }

  @Test
  void the_compiled_providers_cannot_be_changed() {
    List<String> providers = ORT.library().compiledProviders();
    assertThrows(UnsupportedOperationException.class, () -> providers.remove(0));
  }

  @Test
  void run_options_that_onnx_runtime_does_not_take_are_refused() {
    try (RunOptions options = new RunOptions(ORT)) {
      OrtException e = assertThrows(OrtException.class, () -> options.configuration("", "1"));
      assertEquals(OrtException.Code.INVALID_ARGUMENT, e.code());
      assertTrue(e.getMessage().contains("key is empty"), e.getMessage());
    }
  }

  @Test
  void options_with_a_terminate_that_was_set_before_end_the_run() {
    try (Session session = ModelFixture.open(ModelFixture.add(1));
        Tensor a = ModelFixture.tensor(new float[] {1}, 1);
        RunOptions options = new RunOptions(ORT)) {
      options.tag("a run");
      options.terminate();
      OrtException e =
          assertThrows(
              OrtException.class, () -> session.run(Map.of("a", a, "b", a), List.of("y"), options));
      assertEquals(OrtException.Code.FAIL, e.code());
      assertTrue(e.getMessage().contains("Exiting due to terminate flag"), e.getMessage());
    }
  }
}
