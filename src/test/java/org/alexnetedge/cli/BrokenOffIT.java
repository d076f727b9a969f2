package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.alexnetedge.cli.Jar.Finished;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs that are killed, interrupted or robbed of their output, and how they go on. */
class BrokenOffIT {
  private static final int COUNT = 200;
  private static final int SIGKILL = 128 + 9;

  @TempDir private static Path all;
  private static Jar jar;
  private static String model;
  private static String photos;

  @TempDir private Path folder;

  @BeforeAll
  static void two_hundred_photos_and_a_small_model() throws Exception {
    jar = new Jar(all);
    model = all.resolve("narrow.onnx").toString();
    Finished created = jar.run("create", "-o", model, "--width", "0.1", "--classes", "5");
    assertEquals(0, created.exitCode(), created.toString());
    Path links = Photos.links(all.resolve("photos"), COUNT);
    Files.delete(links.resolve("0050.jpg")); // one that is missing,
    Files.createSymbolicLink(links.resolve("0050.jpg"), Path.of("nowhere"));
    Files.delete(links.resolve("0120.jpg")); // and one that is none
    Files.writeString(links.resolve("0120.jpg"), "no picture");
    photos = links.toString();
  }

  /** The arguments of a run into a file; batches of 8 on one decoder take a second or two. */
  private static String[] into(Path file, String... more) {
    List<String> words = new ArrayList<>(List.of("classify", "-m", model, "--batch", "8", "-q"));
    words.addAll(List.of("-o", file.toString()));
    words.addAll(List.of(more));
    words.add(photos);
    return words.toArray(String[]::new);
  }

  /** The whole output of a run that nothing broke off; beside it lies its run file. */
  private static Path unbroken(String name) throws Exception {
    Path file = all.resolve("unbroken-" + name);
    if (!Files.exists(file)) {
      Finished run = jar.run(into(file));
      assertEquals(1, run.exitCode(), run.toString());
      assertEquals(COUNT, Files.readAllLines(file).size() - (name.endsWith("csv") ? 1 : 0));
    }
    return file;
  }

  private static void awaitSize(Process process, Path file, long size) throws Exception {
    while (process.isAlive() && (!Files.exists(file) || Files.size(file) < size)) {
      Thread.sleep(1);
    }
  }

  private static void signal(Process process, String name) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  @ParameterizedTest
  @ValueSource(strings = {"out.jsonl", "out.csv"})
  void a_run_killed_at_random_moments_resumes_to_the_same_bytes(String name) throws Exception {
    Path unbroken = unbroken(name);
    long length = Files.size(unbroken);
    Path file = folder.resolve(name);
    Random random = new Random();
    int killed = 0;
    for (int i = 0; i < 4; i++) {
      Process process = jar.start(into(file, "--resume"));
      long before = Files.exists(file) ? Files.size(file) : 0;
      // Where it has written so much, and a moment later, which may be within a write.
      awaitSize(process, file, before + 1 + random.nextLong(length / 6));
      TimeUnit.MICROSECONDS.sleep(random.nextLong(20_000));
      process.destroyForcibly();
      killed += process.waitFor() == SIGKILL ? 1 : 0;
    }
    assertTrue(killed > 0, "no run was killed");
    assertTrue(Files.size(file) < length, "nothing is left to do");
    Finished last = jar.run(into(file, "--resume"));
    assertEquals(1, last.exitCode(), last.toString());
    assertEquals(-1, Files.mismatch(unbroken, file));
  }

  @Test
  void a_file_that_ends_within_a_record_at_any_place_resumes_to_the_same_bytes() throws Exception {
    Path unbroken = unbroken("out.jsonl");
    byte[] whole = Files.readAllBytes(unbroken);
    Path file = folder.resolve("out.jsonl");
    Path run = folder.resolve("out.jsonl.run");
    List<String> lines = Files.readAllLines(unbroken);
    int eight = lines.stream().limit(8).mapToInt(line -> line.getBytes().length + 1).sum();
    for (int end : List.of(1, eight, eight + 1, whole.length - 1)) {
      Files.write(file, Arrays.copyOf(whole, end));
      Files.copy(all.resolve("unbroken-out.jsonl.run"), run, StandardCopyOption.REPLACE_EXISTING);
      Finished resumed = jar.run(into(file, "--resume"));
      assertEquals(1, resumed.exitCode(), resumed.toString());
      assertEquals(-1, Files.mismatch(unbroken, file), "cut after " + end + " bytes");
    }
  }

  @ParameterizedTest
  @CsvSource({"INT, 130", "TERM, 143"})
  void a_signal_leaves_whole_records_to_resume_from(String signal, int code) throws Exception {
    Path unbroken = unbroken("out.jsonl");
    Path file = folder.resolve("out.jsonl");
    Process process = jar.start(into(file));
    awaitSize(process, file, Files.size(unbroken) / 4);
    signal(process, signal);
    assertTrue(process.waitFor(5, TimeUnit.SECONDS), "it goes on");
    assertEquals(code, process.exitValue());
    String text = Files.readString(file);
    assertTrue(text.endsWith("}\n") && text.length() < Files.size(unbroken), "whole records");
    Finished last = jar.run(into(file, "--resume"));
    assertEquals(1, last.exitCode(), last.toString());
    assertEquals(-1, Files.mismatch(unbroken, file));
  }

  @Test
  void a_run_that_waits_for_its_list_ends_at_once_on_a_signal() throws Exception {
    Path out = folder.resolve("out.jsonl");
    Finished run =
        jar.script(
            """
            mkfifo "$2"
            "${alexnet[@]}" classify -m "$1" -q -o "$3" - <"$2" & pid=$!
            exec 9>"$2"
            until [ -e "$3.run" ]; do sleep 0.05; done
            sleep 0.5
            start=$(date +%s%N)
            kill -TERM $pid
            wait $pid
            echo $? $((($(date +%s%N) - start) / 1000000))
            """,
            model, folder.resolve("fifo"), out);
    String[] words = run.out().strip().split(" ");
    assertEquals("143", words[0], run.toString());
    assertTrue(Long.parseLong(words[1]) < 3000, words[1] + " ms");
  }

  @Test
  void a_reader_that_leaves_ends_the_run_quietly() throws Exception {
    Finished run =
        jar.script(
            "alexnet classify -m \"$1\" -q --batch 8 \"$2\" | head -n 1; echo ${PIPESTATUS[0]}",
            model,
            photos);
    List<String> lines = run.out().lines().toList();
    assertEquals(2, lines.size(), run.toString());
    assertTrue(lines.get(0).endsWith("}"), run.toString());
    assertEquals("0", lines.get(1));
    assertEquals("", run.err());
  }

  @Test
  void a_full_device_is_an_output_that_cannot_be_written() throws Exception {
    Finished run = jar.run(into(Path.of("/dev/full")));
    assertEquals(4, run.exitCode());
    assertEquals("alexnet: cannot write /dev/full: No space left on device\n", run.err());
    Finished piped = jar.script("alexnet classify -m \"$1\" -q \"$2\" >/dev/full", model, photos);
    assertEquals(4, piped.exitCode());
    assertEquals("alexnet: cannot write standard output: No space left on device\n", piped.err());
    Finished inspected = jar.script("alexnet inspect \"$1\" >/dev/full", model);
    assertEquals(4, inspected.exitCode());
    assertEquals(piped.err(), inspected.err());
    assertEquals(0, jar.script("alexnet inspect \"$1\" | head -1", model).exitCode());
  }

  @Test
  void a_full_disk_keeps_whole_records_and_the_run_goes_on_elsewhere_or_later() throws Exception {
    Path unbroken = unbroken("out.jsonl");
    Path disk = Files.createDirectory(folder.resolve("disk"));
    String size = "size=" + Files.size(unbroken) / 2 / 4096 * 4096;
    int mounted =
        new ProcessBuilder("mount", "-t", "tmpfs", "-o", size, "tmpfs", disk.toString())
            .start()
            .waitFor();
    Assumptions.assumeTrue(mounted == 0, "needs the right to mount");
    try {
      Path file = disk.resolve("out.jsonl");
      Finished full = jar.run(into(file));
      assertEquals(4, full.exitCode(), full.toString());
      assertTrue(
          full.err()
              .startsWith("alexnet: cannot write " + file + ": No space left on device; its "),
          full.err());
      assertEquals(1, full.err().lines().count(), full.err());
      String text = Files.readString(file);
      assertTrue(text.endsWith("}\n") && text.length() > 1000, "whole records");
      new ProcessBuilder("mount", "-o", "remount,size=10m", disk.toString()).start().waitFor();
      Finished last = jar.run(into(file, "--resume"));
      assertEquals(1, last.exitCode(), last.toString());
      assertEquals(-1, Files.mismatch(unbroken, file));
    } finally {
      new ProcessBuilder("umount", disk.toString()).start().waitFor();
    }
  }

  @Test
  void a_second_run_into_the_same_file_is_refused_and_the_first_goes_on() throws Exception {
    Path file = folder.resolve("out.jsonl");
    Process first = jar.start(into(file));
    awaitSize(first, file, 1);
    signal(first, "STOP"); // so that it cannot end before the second has come
    Finished second = jar.run(into(file, "--resume"));
    signal(first, "CONT");
    assertEquals(1, first.waitFor());
    assertEquals(4, second.exitCode(), second.toString());
    assertEquals(
        "alexnet: "
            + file
            + " is being written by another run; wait for it, or name another file\n",
        second.err());
    assertEquals(-1, Files.mismatch(unbroken("out.jsonl"), file));
  }
}
