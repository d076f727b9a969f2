package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnetedge.cli.Jar.Finished;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory of a long run. */
class SteadyMemoryIT {
  private static final int COUNT = 5_000;
  private static final int EARLY = 500;

  @TempDir private Path folder;

  @Test
  void five_thousand_photos_need_no_more_memory_than_five_hundred() throws Exception {
    Jar jar = new Jar(folder);
    String model = folder.resolve("narrow.onnx").toString();
    Finished created = jar.run("create", "-o", model, "--width", "0.1", "--classes", "5");
    assertEquals(0, created.exitCode(), created.toString());
    Path photos = Photos.links(folder.resolve("photos"), COUNT);
    Path out = folder.resolve("out.jsonl");
    Process process =
        jar.start("classify", "-m", model, "-k", "1", "-o", out.toString(), photos.toString());
    long bytes = 0; // of a record: they all have the same length, give or take a digit
    List<Long> after = new ArrayList<>();
    long early = 0;
    long late = 0;
    while (process.isAlive()) {
      long size = Files.exists(out) ? Files.size(out) : 0;
      if (bytes == 0 && size > 0) {
        bytes = Files.readString(out).indexOf('\n') + 1;
      }
      long kilobytes = resident(process);
      if (bytes > 0 && kilobytes > 0) {
        after.add(kilobytes);
        if (early == 0 && size >= EARLY * bytes) {
          early = kilobytes;
        }
        late = kilobytes;
      }
      Thread.sleep(20);
    }
    assertEquals(0, process.exitValue());
    assertEquals(COUNT, Files.readAllLines(out).size());
    assertTrue(
        late <= early * 1.05,
        "%d KB after %d photos, %d KB at the end; on the way %s"
            .formatted(early, EARLY, late, every(after, 20)));
  }

  private static List<Long> every(List<Long> values, int count) {
    List<Long> some = new ArrayList<>();
    for (int i = 0; i < values.size(); i += Math.max(1, values.size() / count)) {
      some.add(values.get(i));
    }
    return some;
  }

  /** VmRSS in KB, 0 when the process has just ended. */
  private static long resident(Process process) {
    try {
      return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
