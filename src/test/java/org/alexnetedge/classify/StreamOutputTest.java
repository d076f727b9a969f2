package org.alexnetedge.classify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.alexnetedge.classify.RecordOutput.Existing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StreamOutputTest {

  private static final JsonLines JSON = new JsonLines();

  @TempDir Path folder;

  private static RecordOutput open(Path file, Existing existing) throws OutputException {
    return RecordOutput.open(file, existing, JSON, Map.of());
  }

  @Test
  void batches_are_written_when_they_end() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    StreamOutput output = StreamOutput.to(bytes, "a test", false, JSON);
    assertNull(output.kept().next());
    output.write(NumberedRun.record(1));
    assertEquals(0, bytes.size());
    output.endBatch();
    assertTrue(bytes.toString(StandardCharsets.UTF_8).endsWith("}\n"));
    output.write(NumberedRun.record(2));
    output.close();
    output.close();
    assertEquals(2, bytes.toString(StandardCharsets.UTF_8).lines().count());
    assertThrows(IllegalStateException.class, () -> output.write(NumberedRun.record(3)));
  }

  @Test
  void on_a_terminal_each_record_is_written_at_once() throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (StreamOutput output = StreamOutput.to(bytes, "a test", true, JSON)) {
      output.write(NumberedRun.record(1));
      assertTrue(bytes.size() > 0);
    }
  }

  @Test
  void a_full_device_is_named_with_the_reason() {
    OutputException e =
        assertThrows(
            OutputException.class,
            () -> {
              try (RecordOutput output = open(Path.of("/dev/full"), Existing.REFUSE)) {
                output.write(NumberedRun.record(1));
                output.endBatch();
              }
            });
    assertEquals("cannot write /dev/full: No space left on device", e.getMessage());
    assertFalse(Files.exists(Path.of("/dev/full.run")));
  }

  @Test
  void a_named_pipe_is_written_and_nothing_stands_beside_it() throws Exception {
    Path pipe = pipe();
    Process reader = new ProcessBuilder("cat", pipe.toString()).start();
    try (RecordOutput output = open(pipe, Existing.REFUSE)) {
      output.write(NumberedRun.record(1));
    }
    try (BufferedReader lines = reader.inputReader()) {
      assertEquals(1, lines.lines().count());
    }
    assertFalse(Files.exists(folder.resolve("pipe.run")));
  }

  @Test
  void a_reader_that_has_gone_is_told_apart() throws Exception {
    Path pipe = pipe();
    Process reader = new ProcessBuilder("head", "-c", "1", pipe.toString()).start();
    RecordOutput output = open(pipe, Existing.REFUSE);
    output.write(NumberedRun.record(1));
    output.endBatch();
    reader.waitFor();
    output.write(NumberedRun.record(2));
    assertThrows(ClosedPipeException.class, output::endBatch);
    output.close(); // says nothing more
  }

  @Test
  void a_device_cannot_be_resumed() {
    OutputException e =
        assertThrows(OutputException.class, () -> open(Path.of("/dev/null"), Existing.RESUME));
    assertEquals("/dev/null is not a regular file, so it cannot be resumed", e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "/dev/full"})
  void these_are_streams(String path) {
    assertTrue(StreamOutput.isStream(Path.of(path)));
  }

  @Test
  void files_and_folders_are_no_streams() {
    assertFalse(StreamOutput.isStream(folder));
    assertFalse(StreamOutput.isStream(folder.resolve("new.jsonl")));
    assertFalse(StreamOutput.isStream(Path.of("/dev/shm/new.jsonl")));
    assertFalse(StreamOutput.isStream(Path.of("./-")));
  }

  private Path pipe() throws Exception {
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    return pipe;
  }
}
