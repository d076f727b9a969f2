package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionOpeningTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  @TempDir Path folder;

  @Test
  void from_a_path() {
    Path file = folder.resolve("grö ße.onnx");
    ModelFixture.linear().build().write(file);
    try (Session session = Session.open(ORT, file, SessionOptions.DEFAULT)) {
      assertRuns(session);
    }
  }

  @Test
  void from_bytes_which_are_not_needed_afterwards() {
    Session session;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = ModelFixture.linear().build().bytes(arena);
      session = Session.open(ORT, bytes, SessionOptions.DEFAULT);
      bytes.fill((byte) 0);
    }
    try (session) {
      assertRuns(session);
    }
  }

  @Test
  void from_a_mapped_file_in_ort_format_without_copying_its_weights() throws Exception {
    Path ort = prepared();
    SessionOptions mapped =
        SessionOptions.builder()
            .intraOpThreads(1)
            .configuration("session.use_ort_model_bytes_directly", "1")
            .configuration("session.use_ort_model_bytes_for_initializers", "1")
            .configuration("session.disable_prepacking", "1")
            .build();
    try (Session session = Session.openMapped(ORT, ort, mapped)) {
      System.gc(); // The mapping belongs to the session, not to a variable here.
      assertRuns(session);
      assertTrue(
          Files.readString(Path.of("/proc/self/maps")).contains(ort.toRealPath().toString()));
    }
  }

  @Test
  void from_a_file_in_ort_format_like_any_other() throws Exception {
    Path ort = prepared();
    try (Session session = Session.open(ORT, ort, SessionOptions.DEFAULT)) {
      assertRuns(session);
    }
    try (Session session = Session.openMapped(ORT, ort, SessionOptions.DEFAULT)) {
      assertRuns(session);
    }
  }

  private Path prepared() {
    Path ort = folder.resolve("model.ort");
    ModelFixture.open(
            ModelFixture.linear().build(),
            SessionOptions.builder()
                .optimizedModel(ort)
                .configuration("session.save_model_format", "ORT"))
        .close();
    return ort;
  }

  @Test
  void an_optimised_model_is_written_and_runs() {
    Path file = folder.resolve("optimised.onnx");
    ModelFixture.open(
            ModelFixture.linear().build(),
            SessionOptions.builder()
                .optimization(SessionOptions.OptimizationLevel.BASIC)
                .optimizedModel(file))
        .close();
    try (Session session = Session.open(ORT, file, SessionOptions.DEFAULT)) {
      assertRuns(session);
    }
  }

  @Test
  void bytes_that_the_session_would_go_on_reading_are_refused() {
    SessionOptions direct =
        SessionOptions.builder().configuration("session.use_ort_model_bytes_directly", "1").build();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = ModelFixture.linear().build().bytes(arena);
      assertEquals(
          "session.use_ort_model_bytes_directly needs memory that outlives the session: use"
              + " Session.openMapped.",
          assertThrows(IllegalArgumentException.class, () -> Session.open(ORT, bytes, direct))
              .getMessage());
      assertEquals(
          "The model must be in native memory.",
          assertThrows(
                  IllegalArgumentException.class,
                  () ->
                      Session.open(ORT, MemorySegment.ofArray(new byte[9]), SessionOptions.DEFAULT))
              .getMessage());
    }
  }

  @Test
  void bytes_whose_arena_was_closed_are_refused() {
    Arena arena = Arena.ofShared();
    MemorySegment bytes = ModelFixture.linear().build().bytes(arena);
    arena.close();
    assertThrows(
        IllegalStateException.class, () -> Session.open(ORT, bytes, SessionOptions.DEFAULT));
  }

  @Test
  void files_that_are_no_models_are_refused_naming_them() throws Exception {
    Path missing = folder.resolve("missing.onnx");
    assertContains(
        OrtException.Code.NO_SUCHFILE,
        missing.toString(),
        () -> Session.open(ORT, missing, SessionOptions.DEFAULT));
    Path text = Files.writeString(folder.resolve("text.onnx"), "this is no model\n");
    assertContains(
        OrtException.Code.INVALID_PROTOBUF,
        text.toString(),
        () -> Session.open(ORT, text, SessionOptions.DEFAULT));
    Path whole = folder.resolve("whole.onnx");
    ModelFixture.linear().build().write(whole);
    byte[] bytes = Files.readAllBytes(whole);
    Path half =
        Files.write(folder.resolve("half.onnx"), java.util.Arrays.copyOf(bytes, bytes.length / 2));
    assertContains(
        OrtException.Code.INVALID_PROTOBUF,
        half.toString(),
        () -> Session.open(ORT, half, SessionOptions.DEFAULT));
    Path empty = Files.write(folder.resolve("empty.onnx"), new byte[0]);
    assertThrows(OrtException.class, () -> Session.open(ORT, empty, SessionOptions.DEFAULT));
    assertThrows(OrtException.class, () -> Session.openMapped(ORT, empty, SessionOptions.DEFAULT));
    assertThrows(OrtException.class, () -> Session.open(ORT, folder, SessionOptions.DEFAULT));
    assertThrows(IOException.class, () -> Session.openMapped(ORT, missing, SessionOptions.DEFAULT));
  }

  @Test
  void a_damaged_file_in_ort_format_is_refused() throws Exception {
    byte[] bytes = Files.readAllBytes(prepared());
    Path half =
        Files.write(folder.resolve("half.ort"), java.util.Arrays.copyOf(bytes, bytes.length / 2));
    assertThrows(OrtException.class, () -> Session.openMapped(ORT, half, SessionOptions.DEFAULT));
    assertThrows(OrtException.class, () -> Session.open(ORT, half, SessionOptions.DEFAULT));
  }

  private static void assertContains(
      OrtException.Code code, String part, org.junit.jupiter.api.function.Executable open) {
    OrtException e = assertThrows(OrtException.class, open);
    assertTrue(e.getMessage().contains(part), e.getMessage());
    assertEquals(code, e.code());
  }

  private static void assertRuns(Session session) {
    try (Tensor x = ModelFixture.tensor(new float[] {1, 0, 0, 1, 1, 1}, 2, 3);
        Outputs outputs = session.run(Map.of("x", x))) {
      assertArrayEquals(new float[] {2, 4, 10, 14}, outputs.tensor("y").toFloatArray());
    }
  }
}
