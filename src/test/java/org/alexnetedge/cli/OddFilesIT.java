package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.alexnetedge.SharedData;
import org.alexnetedge.cli.Jar.Finished;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files and names that nobody would choose. */
class OddFilesIT {
  @TempDir private Path folder;
  private Jar jar;
  private Path model;

  @BeforeEach
  void a_model() {
    jar = new Jar(folder);
    model = ColourModel.LOGITS.write(folder.resolve("model.onnx"));
  }

  @Test
  void every_odd_file_gives_exactly_one_record() throws Exception {
    List<String> files;
    try (Stream<Path> all = Files.walk(SharedData.at("data/odd"))) {
      files = all.filter(Files::isRegularFile).map(Path::toString).sorted().toList();
    }
    assertTrue(files.size() > 60, files.size() + " files");
    Path list = Files.write(folder.resolve("list"), files);
    Finished run = jar.run("classify", "-q", "-m", model.toString(), "@" + list);
    assertEquals(1, run.exitCode(), run.toString());
    assertEquals("", run.err());
    Records records = Records.of(run.out());
    assertEquals(files, records.files());
    for (var record : records.all()) {
      assertTrue(record.has("predictions") != record.has("error"), record.toString());
    }
    // A file that is no picture by any means, and pictures that are none the less odd for it.
    assertTrue(
        new HashSet<>(records.kinds()).containsAll(List.of("", "not-an-image", "decode-failed")),
        records.kinds().stream()
            .collect(Collectors.groupingBy(kind -> kind, Collectors.counting()))
            .toString());
  }

  @Test
  void names_of_any_bytes_are_found_and_cannot_drive_the_terminal() throws Exception {
    Photos.png(folder.resolve("red.png"), Color.RED);
    for (String locale : List.of("C", "C.UTF-8")) {
      Finished run =
          jar.script(
              """
              export LC_ALL=%s
              cd "$2"
              rm -rf names && mkdir names
              cp red.png "names/a b.png"
              cp red.png "names/$(printf 'c\\nd.png')"
              cp red.png "names/$(printf 'e\\033[31m.png')"
              cp red.png "names/$(printf 'f\\366.png')"
              cp red.png "names/$(printf 'g\\303\\266.png')"
              alexnet classify -m "$1" --format $3 names names/*
              """
                  .formatted(locale),
              model,
              folder,
              "jsonl");
      assertEquals(0, run.exitCode(), run.toString());
      Records records = Records.of(run.out());
      List<String> expected =
          List.of(
              "names/a b.png",
              "names/c\nd.png",
              "names/e\u001b[31m.png",
              "names/f\uFFFD.png",
              "names/gö.png");
      assertEquals(Stream.concat(expected.stream(), expected.stream()).toList(), records.files());
      assertEquals("6e616d65732f66f62e706e67", hexOf(records, 3));
      assertEquals("6e616d65732f66f62e706e67", hexOf(records, 8));
      assertEquals(-1, run.err().indexOf('\u001b'), run.err());
      assertEquals(-1, run.out().indexOf('\u001b'), run.out());
    }
  }

  @Test
  void a_model_may_have_any_name_and_an_output_one_that_the_locale_can_say() throws Exception {
    Photos.png(folder.resolve("red.png"), Color.RED);
    String script =
        """
        export LC_ALL=%s
        cd "$2"
        mkdir -p names
        name="names/$(printf 'g\303\266')"
        cp "$1" "$name.onnx"
        alexnet classify -q -m "$name.onnx" --format jsonl red.png || exit 9
        alexnet classify -q -m "$name.onnx" -o "$name.jsonl" --overwrite red.png || exit $?
        cat "$name.jsonl"
        """;
    Finished spoken = jar.script(script.formatted("C.UTF-8"), model, folder);
    assertEquals(0, spoken.exitCode(), spoken.toString());
    assertEquals(2, spoken.out().lines().count(), spoken.out());
    assertEquals(1, spoken.out().lines().distinct().count(), spoken.out());
    Finished mute = jar.script(script.formatted("C"), model, folder);
    assertEquals(4, mute.exitCode(), mute.toString());
    assertEquals(1, mute.out().lines().count(), mute.out());
    assertTrue(mute.err().contains("LC_ALL=C.UTF-8"), mute.err());
  }

  private static String hexOf(Records records, int record) {
    return records.all().get(record).get("file_bytes").getAsString();
  }

  @Test
  void control_characters_are_escaped_in_tables_and_sentences() throws Exception {
    Path odd = Photos.png(folder.resolve("odd\u001b[31m\nname.png"), Color.RED);
    Finished table =
        jar.run("classify", "-m", model.toString(), "--format", "table", odd.toString());
    assertEquals(0, table.exitCode(), table.toString());
    assertTrue(table.out().contains("\\x1b[31m\\nname.png"), table.out());
    assertEquals(1, table.out().lines().count(), table.out());
    for (String[] words :
        List.of(
            new String[] {"classify", "-m", odd.toString(), odd.toString()},
            new String[] {"classify", "-m", model.toString(), "-o", odd.toString(), "x"},
            new String[] {"classify", "-m", model.toString(), "--labels", odd + "x", "x"},
            new String[] {"preprocess", odd + "x", "-o", folder + "/x.npy"},
            new String[] {"run", model.toString(), "-i", odd.toString(), "-o", odd + "x"},
            new String[] {"create", "-o", odd.toString()},
            new String[] {"inspect", odd.toString()},
            new String[] {"devices", "--ort-library", odd.toString()},
            new String[] {"classify", "--bogus\u001b[31m", odd.toString()},
            new String[] {"\u001b[31m"})) {
      Finished run = jar.run(words);
      assertTrue(run.exitCode() >= 1 && run.exitCode() <= 4, run.toString());
      assertEquals(-1, run.err().indexOf('\u001b'), run.err());
      assertEquals(-1, run.out().indexOf('\u001b'), run.out());
    }
  }
}
