package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Processes that are broken off, and what comes out when they go on. */
class KilledTrainingTest {
  private static final Object[] MORE = {
    "--epochs", 24, "--average", 0.9, "--checkpoint-steps", 2, "--clip-norm", 1
  };

  @TempDir private static Path all;
  private static Path data;

  /** What an unbroken run gives. */
  private static Path whole;

  private static long milliseconds;

  @TempDir private Path folder;

  @BeforeAll
  static void an_unbroken_run() throws Exception {
    data = Squares.in(all.resolve("squares"), 10);
    whole = all.resolve("whole.onnx");
    Path log = all.resolve("log");
    long begun = System.nanoTime();
    Process process = Squares.start(log, Squares.training(data, whole, MORE));
    assertEquals(0, end(process), () -> text(log));
    milliseconds = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun);
  }

  private static int end(Process process) throws InterruptedException {
    if (!process.waitFor(300, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the process does not end");
    }
    return process.exitValue();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** Begins the run, or goes on with it when it has begun. */
  private Process start(Path file, Path log) throws IOException {
    Path run = file.resolveSibling("part.run");
    return Files.exists(run.resolve("config.json"))
        ? Squares.start(log, "train", "--resume", run)
        : Squares.start(log, Squares.training(data, file, MORE));
  }

  /** Kills a run so often, at random moments, and lets it end then. */
  private void killed(int times, long seed) throws Exception {
    Random random = new Random(seed);
    Path file = folder.resolve("part.onnx");
    Path log = folder.resolve("log");
    long bound = milliseconds;
    int broken = 0;
    while (broken < times) {
      Process process = start(file, log);
      if (process.waitFor(random.nextLong(bound / 5, bound), TimeUnit.MILLISECONDS)) {
        forget(file); // It ended before: the machine has become quicker.
        bound = Math.max(50, bound * 2 / 3);
        broken = 0;
        continue;
      }
      process.destroyForcibly();
      process.waitFor();
      broken++;
    }
    assertEquals(0, end(start(file, log)), () -> text(log));
    assertEquals(-1, Files.mismatch(whole, file), () -> "the files differ\n" + text(log));
  }

  private void forget(Path file) throws IOException {
    Files.deleteIfExists(file);
    Path run = folder.resolve("part.run");
    if (Files.exists(run)) {
      try (var files = Files.walk(run)) {
        for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  @Test
  void a_run_that_is_killed_goes_on_to_identical_weights() throws Exception {
    killed(2, 1);
  }

  @Test
  @Tag("long")
  void twenty_kills_at_random_moments_each_end_in_identical_weights() throws Exception {
    for (int i = 0; i < 20; i++) {
      killed(1, 100 + i);
      forget(folder.resolve("part.onnx"));
    }
  }

  @ParameterizedTest
  @CsvSource({"INT,130", "TERM,143"})
  void a_signal_lets_the_step_end_saves_it_and_says_how_to_go_on(String signal, int code)
      throws Exception {
    Path file = folder.resolve("part.onnx");
    Path log = folder.resolve("log");
    Process process = start(file, log);
    while (process.isAlive() && !(Files.exists(log) && text(log).contains("epoch  1/24"))) {
      Thread.sleep(5);
    }
    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
    assertEquals(code, end(process), () -> text(log));
    assertTrue(text(log).contains("alexnet train --resume"), () -> text(log));
    assertEquals(0, end(start(file, log)), () -> text(log));
    assertEquals(-1, Files.mismatch(whole, file), () -> "the files differ\n" + text(log));
  }
}
