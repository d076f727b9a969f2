package org.alexnetedge.ort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a process's resident memory stays flat while it makes, uses and closes things. */
final class FlatMemory {
  private FlatMemory() {}

  /**
   * What a process says whose Java heap has one size from the start, so that what grows is native.
   *
   * @param main calls {@link #say}
   */
  static String inProcess(Class<?> main, String what) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:+AlwaysPreTouch",
                "-Xms64m",
                "-Xmx64m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                what)
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes());
    process.waitFor();
    return said.strip();
  }

  /** A fifth of the cycles warms up; the rest may add 10 MB. One leak a cycle is 20 MB or more. */
  static void say(int cycles, Runnable cycle) throws IOException {
    for (int i = 0; i < cycles / 5; i++) {
      cycle.run();
    }
    System.gc();
    long before = residentKilobytes();
    for (int i = 0; i < cycles; i++) {
      cycle.run();
    }
    System.gc();
    long after = residentKilobytes();
    System.out.println(
        after - before < 10_000 ? "flat" : "from " + before + " kB to " + after + " kB");
  }

  private static long residentKilobytes() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElseThrow();
    }
  }
}
