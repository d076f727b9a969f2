package org.alexnetedge.classify;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Starts a {@link NumberedRun} as a process of its own. */
final class Child {

  private Child() {}

  /** The command line of a JVM that starts quickly. */
  static List<String> command(Path file, int count, int milliseconds) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-Xshare:auto",
        "-cp",
        System.getProperty("java.class.path"),
        NumberedRun.class.getName(),
        file.toString(),
        Integer.toString(count),
        Integer.toString(milliseconds));
  }

  static Process start(Path file, int count, int milliseconds) throws IOException {
    return new ProcessBuilder(command(file, count, milliseconds)).start();
  }

  /** The same within a shell: {@code script} sees the command line as {@code "$@"}. */
  static Process startIn(String script, Path file, int count, int milliseconds) throws IOException {
    List<String> shell = new ArrayList<>(List.of("bash", "-c", script, "bash"));
    shell.addAll(command(file, count, milliseconds));
    return new ProcessBuilder(shell).start();
  }

  /** Waits for its end; returns its exit code. */
  static int end(Process process) throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the process does not end");
    }
    return process.exitValue();
  }

  /** What it said on standard error. */
  static String said(Process process) throws IOException {
    return new String(process.getErrorStream().readAllBytes());
  }
}
