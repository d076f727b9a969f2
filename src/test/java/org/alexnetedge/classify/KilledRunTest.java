package org.alexnetedge.classify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.alexnetedge.classify.RecordOutput.Existing;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs in processes of their own that end badly. */
final class KilledRunTest {

  private static final int COUNT = 8_000;

  /** The exit code of a process that signal 9 ended. */
  private static final int SIGKILL = 128 + 9;

  @TempDir Path folder;

  private Path unbroken(String name) throws Exception {
    Path file = folder.resolve("unbroken-" + name);
    try (RecordOutput output =
        RecordOutput.open(
            file, Existing.REFUSE, NumberedRun.writer(file), NumberedRun.settings())) {
      NumberedRun.finish(output, COUNT, 0);
    }
    return file;
  }

  @ParameterizedTest
  @ValueSource(strings = {"out.jsonl", "out.csv"})
  void a_run_killed_at_random_moments_resumes_to_the_same_bytes(String name) throws Exception {
    Path unbroken = unbroken(name);
    long length = Files.size(unbroken);
    Path file = folder.resolve(name);
    Random random = new Random();
    long grown = 0;
    int killed = 0;
    for (int i = 0; i < 6; i++) {
      Process process = Child.start(file, COUNT, 1);
      grown += 1 + random.nextLong(length / 6);
      while (process.isAlive() && (!Files.exists(file) || Files.size(file) < grown)) {
        Thread.sleep(1);
      }
      process.toHandle().destroyForcibly();
      int exit = Child.end(process);
      assertTrue(exit == SIGKILL || exit == 0, exit + Child.said(process));
      killed += exit == SIGKILL ? 1 : 0;
    }
    assertTrue(killed > 0, "no run was killed");
    Process last = Child.start(file, COUNT, 0);
    assertEquals(0, Child.end(last), Child.said(last));
    assertEquals(-1, Files.mismatch(unbroken, file));
  }

  @Test
  void a_second_process_on_the_same_file_is_refused() throws Exception {
    Path file = folder.resolve("out.jsonl");
    try (RecordOutput output =
        RecordOutput.open(
            file, Existing.REFUSE, NumberedRun.writer(file), NumberedRun.settings())) {
      output.write(NumberedRun.record(0));
      Process second = Child.start(file, COUNT, 0);
      assertEquals(4, Child.end(second));
      assertEquals(
          file + " is being written by another run; wait for it, or name another file\n",
          Child.said(second));
    }
    assertEquals(1, Files.readAllLines(file).size());
  }

  @Test
  void a_file_that_cannot_grow_keeps_whole_records_and_resumes() throws Exception {
    Path unbroken = unbroken("out.jsonl");
    Path file = folder.resolve("out.jsonl");
    // The limit, in KiB, lies within a record; the system says so like a full disk does.
    Process limited = Child.startIn("ulimit -f 100; exec \"$@\"", file, COUNT, 0);
    assertEquals(4, Child.end(limited));
    String said = Child.said(limited);
    assertTrue(said.startsWith("cannot write " + file + ": File too large; its "), said);
    String text = Files.readString(file);
    assertTrue(text.endsWith("}\n") && text.length() > 50_000, "whole records");
    assertTrue(said.contains("its " + text.lines().count() + " records are whole"), said);

    Process last = Child.start(file, COUNT, 0);
    assertEquals(0, Child.end(last), Child.said(last));
    assertEquals(-1, Files.mismatch(unbroken, file));
  }

  @Test
  void a_reader_that_stops_ends_the_run_quietly() throws Exception {
    Process process =
        Child.startIn("\"$@\" | head -n 3 | wc -l; exit ${PIPESTATUS[0]}", Path.of("-"), COUNT, 0);
    assertEquals(NumberedRun.CLOSED_PIPE, Child.end(process), Child.said(process));
    assertEquals("3", process.inputReader().readLine().strip());
    assertEquals("", Child.said(process));
  }

  @Test
  void standard_output_is_utf8_whatever_the_locale() throws Exception {
    Path file = folder.resolve("stdout.jsonl");
    String script = "export LC_ALL=C; \"$@\" >> " + file;
    assertEquals(0, Child.end(Child.startIn(script, Path.of("/dev/stdout"), 3, 0)));
    assertEquals(0, Child.end(Child.startIn(script, Path.of("-"), 3, 0)));
    assertEquals(6, Files.readString(file).lines().count());
    assertTrue(Files.readString(file).contains("\"ä/1.jpg\""));
  }
}
