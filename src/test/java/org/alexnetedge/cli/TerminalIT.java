package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.alexnetedge.cli.Jar.Finished;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person sees: standard output or standard error is a terminal, which script(1) makes. */
class TerminalIT {
  @TempDir private Path folder;
  private Jar jar;
  private Path model;

  @BeforeEach
  void a_model() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "script(1) is needed");
    jar = new Jar(folder);
    model = ColourModel.LOGITS.write(folder.resolve("model.onnx"));
  }

  @Test
  void a_bar_with_rate_and_end_is_shown_while_records_go_elsewhere() throws Exception {
    Path photos = Photos.links(folder.resolve("photos"), 1500);
    Path records = folder.resolve("records.jsonl");
    Finished run = onTerminal("> " + records, "classify", "-m", model, photos);
    assertEquals(0, run.exitCode(), run.toString());
    assertTrue(run.out().contains("/1500 photos"), run.out());
    assertTrue(run.out().contains("photos/s"), run.out());
    assertTrue(run.out().contains("1,500 files, 0 errors"), run.out());
    assertEquals(1500, Files.readAllLines(records).size());
  }

  @Test
  void records_are_a_table_and_there_is_no_bar_between_them() throws Exception {
    Finished run = onTerminal("", "classify", "-m", model, Photos.examples());
    assertEquals(0, run.exitCode(), run.toString());
    assertTrue(run.out().contains("cat.png"), run.out());
    assertFalse(run.out().contains("{\"file\""), run.out());
    assertFalse(run.out().contains("photos/s"), run.out());
  }

  @Test
  void quiet_shows_nothing_while_records_go_elsewhere() throws Exception {
    Path photos = Photos.links(folder.resolve("photos"), 100);
    Finished run = onTerminal("> /dev/null", "classify", "-q", "-m", model, photos);
    assertEquals(0, run.exitCode(), run.toString());
    assertEquals("", run.out());
  }

  private Finished onTerminal(String redirection, Object... arguments) throws Exception {
    return jar.script(
        "printf -v words '%q ' \"${alexnet[@]}\" \"$@\"\n"
            + "exec script -qec \"$words "
            + redirection
            + "\" /dev/null",
        arguments);
  }
}
