package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.alexnetedge.cli.Jar.Finished;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java example, as its comment says to run it. */
class ExampleIT {
  @TempDir private Path folder;

  @Test
  void the_example_gives_the_records_of_the_command_line() throws Exception {
    Jar jar = new Jar(folder);
    Path model = folder.resolve("narrow.onnx");
    Finished created =
        jar.run("create", "-o", model.toString(), "--width", "0.1", "--classes", "5");
    assertEquals(0, created.exitCode(), created.toString());
    Path photos = Photos.examples().toAbsolutePath();
    Finished example =
        jar.script(
            "'%s' -XX:+UseSerialGC -cp '%s' examples/ClassifyFolder.java \"$1\" \"$2\""
                .formatted(Jar.java(), Jar.file()),
            model,
            photos);
    assertEquals(0, example.exitCode(), example.toString());
    Records records =
        Records.of(jar.run("classify", "-q", "-m", model.toString(), photos.toString()).out());
    List<String> lines = example.out().lines().toList();
    assertEquals(records.size(), lines.size(), example.toString());
    for (int i = 0; i < lines.size(); i++) {
      String expected = "%s: null (%d) ".formatted(records.files().get(i), records.best().get(i));
      assertTrue(lines.get(i).startsWith(expected), lines.get(i));
    }
  }
}
