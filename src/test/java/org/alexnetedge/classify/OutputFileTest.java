package org.alexnetedge.classify;

import static org.alexnetedge.classify.NumberedRun.finish;
import static org.alexnetedge.classify.NumberedRun.record;
import static org.alexnetedge.classify.NumberedRun.settings;
import static org.alexnetedge.classify.NumberedRun.writer;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import org.alexnetedge.classify.RecordOutput.Existing;
import org.alexnetedge.pipeline.InputName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OutputFileTest {

  private static final int COUNT = 7;

  @TempDir Path folder;
  private Path file;
  private Path run;

  @BeforeEach
  void name() {
    file = folder.resolve("out.jsonl");
    run = folder.resolve("out.jsonl.run");
  }

  private static RecordOutput open(Path file, Existing existing) throws OutputException {
    return RecordOutput.open(file, existing, writer(file), settings());
  }

  /** Opens, does all inputs and closes; returns how many records were kept. */
  private static int run(Path file, Existing existing, int count) throws Exception {
    try (RecordOutput output = open(file, existing)) {
      return finish(output, count, 0);
    }
  }

  private static String refused(Path file, Existing existing) {
    return assertThrows(OutputException.class, () -> run(file, existing, COUNT)).getMessage();
  }

  private String said(String sentence) {
    return sentence.replace("FILE", file.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"out.jsonl", "out.csv"})
  void a_run_cut_at_any_byte_resumes_to_the_same_bytes(String name) throws Exception {
    Path file = folder.resolve(name);
    run(file, Existing.REFUSE, COUNT);
    byte[] unbroken = Files.readAllBytes(file);
    byte[] runFile = Files.readAllBytes(folder.resolve(name + ".run"));
    for (int cut = 0; cut <= unbroken.length; cut++) {
      Files.write(file, Arrays.copyOf(unbroken, cut));
      int kept = run(file, Existing.RESUME, COUNT);
      assertArrayEquals(unbroken, Files.readAllBytes(file), "cut at " + cut);
      assertEquals(cut == unbroken.length, kept == COUNT, "cut at " + cut);
    }
    assertArrayEquals(runFile, Files.readAllBytes(folder.resolve(name + ".run")));
  }

  @Test
  void what_a_kill_left_is_cut_off_even_when_nothing_is_left_to_do() throws Exception {
    run(file, Existing.REFUSE, COUNT);
    byte[] unbroken = Files.readAllBytes(file);
    String partial = "{\"file\":\"half a record that is longer than what follows";
    Files.writeString(file, partial, StandardOpenOption.APPEND);
    assertEquals(COUNT, run(file, Existing.RESUME, COUNT));
    assertArrayEquals(unbroken, Files.readAllBytes(file));
  }

  @Test
  void kept_records_say_which_are_errors() throws Exception {
    run(file, Existing.REFUSE, COUNT);
    try (RecordOutput output = open(file, Existing.RESUME)) {
      for (int i = 0; i < COUNT; i++) {
        boolean failed = record(i) instanceof ClassifyRecord.Failure;
        assertEquals(new KeptRecord(record(i).file(), failed), output.kept().next());
      }
      assertNull(output.kept().next());
    }
  }

  @Test
  void a_finished_run_goes_on_when_inputs_have_come() throws Exception {
    run(file, Existing.REFUSE, 5);
    assertEquals(5, run(file, Existing.RESUME, COUNT));
    Path whole = folder.resolve("whole.jsonl");
    run(whole, Existing.REFUSE, COUNT);
    assertEquals(-1, Files.mismatch(whole, file));
  }

  @Test
  void a_missing_or_empty_file_is_started() throws Exception {
    assertEquals(0, run(file, Existing.RESUME, COUNT));
    Files.writeString(file, "");
    Files.writeString(run, "of some other run");
    assertEquals(0, run(file, Existing.RESUME, COUNT));
    assertEquals(COUNT, run(file, Existing.RESUME, COUNT));
  }

  @Test
  void a_file_with_records_is_refused_and_left_alone() throws Exception {
    run(file, Existing.REFUSE, 3);
    byte[] before = Files.readAllBytes(file);
    assertEquals(
        said(
            "FILE is not empty; go on with --resume, start again with --overwrite, or name another"
                + " file"),
        refused(file, Existing.REFUSE));
    Files.delete(run);
    assertEquals(
        said("FILE is not empty; start again with --overwrite, or name another file"),
        refused(file, Existing.REFUSE));
    assertArrayEquals(before, Files.readAllBytes(file));
  }

  @Test
  void overwriting_leaves_nothing_of_the_old() throws Exception {
    run(file, Existing.REFUSE, COUNT);
    run(file, Existing.OVERWRITE, 3);
    assertEquals(3, Files.readAllLines(file).size());
  }

  @Test
  void resuming_with_other_settings_is_refused_naming_each() throws Exception {
    run(file, Existing.REFUSE, 3);
    OutputException e =
        assertThrows(
            OutputException.class,
            () ->
                RecordOutput.open(
                    file,
                    Existing.RESUME,
                    new CsvRows(2),
                    Map.of("--top", "5", "the model", "sha256 12ab", "--threshold", "0.5")));
    String message = e.getMessage();
    assertTrue(message.contains("the format was jsonl, is now csv"), message);
    assertTrue(message.contains("--top was 2, is now 5"), message);
    assertTrue(message.contains("--threshold was not set, is now 0.5"), message);
    assertFalse(message.contains("model"), message);
  }

  @Test
  void resuming_without_its_run_file_is_refused() throws Exception {
    run(file, Existing.REFUSE, 3);
    Files.delete(run);
    assertEquals(
        said(
            "FILE cannot be resumed: FILE.run, which says how it was made, is missing; start again"
                + " with --overwrite"),
        refused(file, Existing.RESUME));
    Files.writeString(run, "{\"version\":1,");
    assertEquals(
        said("FILE.run is not what an earlier run wrote; start again with --overwrite"),
        refused(file, Existing.RESUME));
    Files.writeString(run, "{\"version\":2}");
    assertEquals(
        said(
            "FILE.run is of version 2, and this program knows version 1; resume with the newer"
                + " program"),
        refused(file, Existing.RESUME));
  }

  @Test
  void records_of_other_inputs_are_refused_and_left_alone() throws Exception {
    run(file, Existing.REFUSE, 3);
    Files.writeString(file, Files.readString(file) + "{\"file\":\"half");
    byte[] before = Files.readAllBytes(file);
    try (RecordOutput output = open(file, Existing.RESUME)) {
      output.kept().expect(record(0).file());
      OutputException e =
          assertThrows(
              OutputException.class, () -> output.kept().expect(InputName.of("new\u001b.jpg")));
      assertEquals(
          said(
              "FILE: record 2 is of ä/1.jpg, but the input in this place is new\\x1b.jpg; the"
                  + " inputs have changed, so start again with --overwrite"),
          e.getMessage());
      assertThrows(IllegalStateException.class, () -> output.write(record(0)));
    }
    assertArrayEquals(before, Files.readAllBytes(file));
  }

  @Test
  void more_records_than_inputs_are_refused() throws Exception {
    run(file, Existing.REFUSE, 3);
    OutputException e = assertThrows(OutputException.class, () -> run(file, Existing.RESUME, 2));
    assertEquals(
        said(
            "FILE: record 3 is of ä/2.jpg, but there are only 2 inputs; the inputs have changed, so"
                + " start again with --overwrite"),
        e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"out.jsonl", "out.csv"})
  void garbage_within_a_file_is_named(String name) throws Exception {
    file = folder.resolve(name);
    run(file, Existing.REFUSE, 3);
    String text = Files.readString(file);
    int third = text.indexOf("ä/2") - (name.endsWith("csv") ? 0 : "{'file':'".length());
    Files.writeString(file, text.substring(0, third) + "garbage\n" + text.substring(third));
    String message = refused(file, Existing.RESUME);
    assertTrue(message.startsWith(file + ": record 3 cannot be read back: it "), message);
    Files.write(file, new byte[] {(byte) 0xFF, '\n'});
    assertTrue(refused(file, Existing.RESUME).contains("record 1 cannot be read back"));
  }

  @Test
  void csv_with_another_header_is_refused() throws Exception {
    Path csv = folder.resolve("out.csv");
    run(csv, Existing.REFUSE, 3);
    Files.writeString(csv, "file,label\n");
    assertTrue(refused(csv, Existing.RESUME).contains("the header is another"));
  }

  @Test
  void a_run_without_inputs_leaves_an_empty_file_or_a_header() throws Exception {
    run(file, Existing.REFUSE, 0);
    assertEquals("", Files.readString(file));
    Path csv = folder.resolve("out.csv");
    run(csv, Existing.REFUSE, 0);
    assertEquals(new CsvRows(2).header(), Files.readString(csv));
  }

  @Test
  void two_runs_on_one_file_are_refused() throws Exception {
    try (RecordOutput first = open(file, Existing.REFUSE)) {
      first.write(record(0));
      System.gc(); // the lock must not depend on what is kept reachable by chance
      for (Existing existing : Existing.values()) {
        assertEquals(
            said("FILE is being written by another run; wait for it, or name another file"),
            refused(file, existing));
      }
    }
    assertEquals(1, run(file, Existing.RESUME, COUNT));
  }

  @Test
  void a_batch_is_in_the_file_when_it_ends() throws Exception {
    try (RecordOutput output = open(file, Existing.REFUSE)) {
      output.write(record(1));
      assertEquals(0, Files.size(file));
      output.endBatch();
      assertEquals(1, Files.readAllLines(file).size());
    }
  }

  @Test
  void an_interrupted_thread_writes_its_records_all_the_same() throws Exception {
    try (RecordOutput output = open(file, Existing.REFUSE)) {
      Thread.currentThread().interrupt();
      finish(output, 3, 0);
    }
    assertTrue(Thread.interrupted());
    assertEquals(3, Files.readAllLines(file).size());
  }

  @Test
  void a_table_is_written_but_never_resumed() throws Exception {
    run(file, Existing.REFUSE, 1);
    TableRows table = new TableRows(0, false);
    try (RecordOutput output = RecordOutput.open(file, Existing.OVERWRITE, table, settings())) {
      finish(output, 3, 0);
    }
    assertEquals(3, Files.readAllLines(file).size());
    assertFalse(Files.exists(run), "it would be that of other records");
    OutputException e =
        assertThrows(
            OutputException.class,
            () -> RecordOutput.open(file, Existing.RESUME, table, settings()));
    assertEquals(
        said("a table cannot be resumed; write FILE as JSON Lines or CSV"), e.getMessage());
  }

  @Test
  void what_cannot_be_written_is_named() throws IOException {
    Path missing = folder.resolve("no/out.jsonl");
    assertEquals(
        "cannot write %s: there is no folder %s".formatted(missing, missing.getParent()),
        refused(missing, Existing.REFUSE));
    assertEquals(
        "cannot write " + folder + ": it is a folder", refused(folder, Existing.OVERWRITE));
    Files.createDirectory(run);
    assertEquals(said("cannot write FILE.run: Is a directory"), refused(file, Existing.REFUSE));
    assertFalse(Files.exists(folder.resolve("out.jsonl.run.tmp")));
  }
}
