package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of features names a test for each of ours; a test that is renamed shows here. */
class BindingsTableTest {
  /** A test class, perhaps with methods: {@code XTest.one_thing, another_thing}. */
  private static final Pattern TEST =
      Pattern.compile("(\\w+(?:Test|IT))((?:[.,] ?[a-z]\\w*_\\w*)*)");

  @Test
  void every_test_that_the_table_names_exists() throws IOException {
    Map<String, String> sources = sources();
    List<String> missing = new ArrayList<>();
    int named = 0;
    for (String line : Files.readAllLines(Path.of("native/bindings.md"))) {
      Matcher test = TEST.matcher(line);
      while (test.find()) {
        named++;
        String source = sources.get(test.group(1));
        if (source == null) {
          missing.add(test.group(1));
          continue;
        }
        for (String method : test.group(2).split("[., ]+")) {
          if (!method.isEmpty() && !source.contains("void " + method + "(")) {
            missing.add(test.group(1) + "." + method);
          }
        }
      }
    }
    assertEquals(List.of(), missing);
    assertTrue(named > 40, () -> "Only few tests are named.");
  }

  private static Map<String, String> sources() throws IOException {
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .collect(
              Collectors.toMap(
                  file -> file.getFileName().toString().replace(".java", ""),
                  BindingsTableTest::text,
                  (one, another) -> one + another));
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
