package org.alexnetedge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.googlejavaformat.java.Main;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Formatting belongs to the build. It runs here, in the tests' JVM, because the formatter parses
 * with the javac of the JVM that it runs in, and Maven's may be older than this project's Java.
 */
class FormattingTest {

  @Test
  void every_java_file_is_formatted() throws Exception {
    List<String> arguments = new ArrayList<>(List.of("--dry-run"));
    arguments.addAll(javaFiles());
    StringWriter changed = new StringWriter();
    StringWriter errors = new StringWriter();

    new Main(new PrintWriter(changed), new PrintWriter(errors), InputStream.nullInputStream())
        .format(arguments.toArray(String[]::new));

    assertEquals("", errors.toString(), "Java files that the formatter cannot read");
    assertEquals("", changed.toString(), "Java files that are not formatted; run tools/format");
  }

  /** As tools/format finds them. */
  private static List<String> javaFiles() throws IOException {
    List<String> files = new ArrayList<>();
    for (String folder : List.of("src", "examples", "tools")) {
      try (Stream<Path> tree = Files.walk(Path.of(folder))) {
        tree.map(Path::toString)
            .filter(name -> name.endsWith(".java"))
            .sorted()
            .forEach(files::add);
      }
    }
    return files;
  }
}
