package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Resident memory stays flat when things are made, used and closed, errors included. */
@Tag("long")
class LeaksTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  @Test
  void ten_thousand_tensors_bindings_and_run_options() throws Exception {
    assertEquals("flat", inProcess("calls"));
  }

  @Test
  void three_hundred_sessions() throws Exception {
    assertEquals("flat", inProcess("sessions"));
  }

  /** A process whose Java heap has one size from the start, so that what grows is native. */
  private static String inProcess(String what) throws Exception {
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
                LeaksTest.class.getName(),
                what)
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes());
    process.waitFor();
    return said.strip();
  }

  public static void main(String[] arguments) throws IOException {
    if (arguments[0].equals("calls")) {
      calls();
    } else {
      sessions();
    }
  }

  private static void calls() throws IOException {
    String tag = "x".repeat(2000);
    try (Session session = ModelFixture.open(ModelFixture.add("n"))) {
      assertFlat(
          10_000,
          () -> {
            try (IoBinding binding = new IoBinding(session);
                RunOptions options = new RunOptions(ORT);
                Tensor a = Tensor.allocate(ORT, ElementType.FLOAT, 10_000);
                Tensor wrong = Tensor.allocate(ORT, ElementType.INT64, 10_000);
                Tensor text = Tensor.ofStrings(ORT, new String[] {"some text", "more"}, 2)) {
              a.data().fill((byte) 0);
              text.strings();
              options.tag(tag);
              binding.bindInput("a", a);
              binding.bindInput("b", a);
              binding.bindOutput("y");
              binding.run(options);
              binding.outputs().close();
              session.run(Map.of("a", a, "b", a), List.of("y"), options).close();
              assertThrows(
                  OrtException.class, () -> session.run(Map.of("a", a, "b", wrong)).close());
              session.metadata();
            }
          });
    }
  }

  private static void sessions() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment model = ModelFixture.bytes(ModelFixture.conv(400), arena);
      MemorySegment broken = arena.allocate(1000);
      SessionOptions options = SessionOptions.builder().intraOpThreads(2).build();
      assertFlat(
          300,
          () -> {
            try (Session session = Session.open(ORT, model, options);
                Tensor x = Tensor.allocate(ORT, ElementType.FLOAT, 1, 3, 10, 10)) {
              session.run(Map.of("x", x)).close();
            }
            assertThrows(OrtException.class, () -> Session.open(ORT, broken, options));
            assertThrows(OrtException.class, () -> ORT.check(Provider.cuda(0)));
          });
    }
  }

  /** A fifth of the cycles warms up; the rest may add 10 MB. One leak a cycle is 20 MB or more. */
  private static void assertFlat(int cycles, Runnable cycle) throws IOException {
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
