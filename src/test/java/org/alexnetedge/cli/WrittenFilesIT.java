package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.alexnetedge.cli.Jar.Finished;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What classify writes, as the kernel sees it. */
class WrittenFilesIT {
  private static final String CALLS =
      "openat,openat2,open,creat,truncate,mkdir,mkdirat,mknod,mknodat,rename,renameat,renameat2,"
          + "link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,chmod,fchmodat,connect";

  @TempDir private Path folder;

  @Test
  void nothing_is_written_outside_the_cache_and_the_output_and_nobody_is_called() throws Exception {
    Jar jar = new Jar(folder);
    boolean traced = jar.script("strace -o /dev/null true").exitCode() == 0;
    Assumptions.assumeTrue(traced, "needs strace");
    Path model = ColourModel.LOGITS.write(folder.resolve("model.onnx"));
    Path out = folder.resolve("out.jsonl");
    for (String cache : List.of("an empty", "a filled")) {
      Finished run =
          jar.script(
              """
              mkdir -p "$4" && cd "$4"
              strace -f -y -s 4096 -e trace=%s -o "$3" \\
                "${alexnet[@]}" classify -q -m "$1" --preset keras -o "$2" --overwrite "$5"
              """
                  .formatted(CALLS),
              model,
              out,
              folder.resolve("trace"),
              folder.resolve("home"),
              Photos.examples().toAbsolutePath());
      assertEquals(0, run.exitCode(), run.toString());
      List<String> calls = Files.readAllLines(folder.resolve("trace"));
      assertTrue(calls.stream().anyMatch(call -> call.contains("O_RDWR|O_CREAT")), "no output");
      List<String> strays =
          calls.stream()
              .filter(call -> !call.contains(" = -1 "))
              .filter(call -> !call.contains("open") || call.matches(".*O_(WRONLY|RDWR|CREAT).*"))
              .filter(call -> call.contains("\"") || call.contains("connect("))
              .filter(call -> !call.contains(folder.resolve("cache").toString()))
              .filter(call -> !call.contains(out.toString()))
              .filter(call -> !call.contains("\"/dev/null\"") && !call.contains("\"/proc/"))
              .filter(call -> !call.contains("+++ exited") && !call.contains("resumed>"))
              .toList();
      assertEquals(List.of(), strays, "with " + cache + " cache");
    }
  }
}
