package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.awt.Color;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where classify takes pictures from, and what its options change in the records. */
class InputsAndOptionsTest {
  private static final int COUNT = 40;

  @TempDir private static Path all;
  private static Path model;
  private static Path photos;

  @TempDir private Path folder;

  @BeforeAll
  static void a_model_and_pictures_of_many_colours() {
    model = ColourModel.LOGITS.write(all.resolve("model.onnx"));
    photos = Photos.colours(all.resolve("photos"), COUNT);
  }

  private Records classified(Object... more) {
    Object[] words = new Object[more.length + 4];
    words[0] = "-m";
    words[1] = model;
    words[2] = "--preset";
    words[3] = "keras";
    System.arraycopy(more, 0, words, 4, more.length);
    return Records.classified(folder, words);
  }

  private Records withStandardInput(String text, Object... more) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    try {
      return classified(more);
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void a_folder_gives_its_pictures_in_the_order_of_their_names() throws Exception {
    Path mixed = Files.createDirectories(folder.resolve("mixed/sub"));
    Photos.png(mixed.resolve("b.png"), Color.RED);
    Photos.png(mixed.resolve("picture-without-an-extension"), Color.RED);
    Photos.png(mixed.resolve(".hidden.png"), Color.RED);
    Files.writeString(mixed.resolve("broken.jpg"), "no picture");
    Files.writeString(mixed.resolve("notes.txt"), "no picture");
    Files.createSymbolicLink(mixed.resolve("loop"), folder.resolve("mixed"));
    Path out = folder.resolve("out.jsonl");
    Invocation run =
        Invocation.of(
            "classify", "-m", model, "--preset", "keras", folder.resolve("mixed"), "-o", out);
    assertEquals(1, run.exitCode(), run.err());
    Records records = Records.of(out);
    assertEquals(
        List.of("b.png", "broken.jpg", "picture-without-an-extension"),
        records.files().stream().map(f -> f.substring(f.lastIndexOf('/') + 1)).toList());
    assertEquals(List.of("", "not-an-image", ""), records.kinds());
    assertTrue(run.err().contains("3 files, 1 error, 3 other files skipped, "), run.err());
  }

  @Test
  void lists_come_from_standard_input_and_from_files() throws Exception {
    Records whole = classified(photos);
    String lines = String.join("\n", whole.files()) + "\n";
    assertEquals(whole, withStandardInput(lines, "-"));
    assertEquals(whole, withStandardInput(lines.replace('\n', '\0'), "-0", "-"));
    Path list = Files.writeString(folder.resolve("list"), lines);
    assertEquals(whole, classified("@" + list));
    Path nul = Files.writeString(folder.resolve("nul"), lines.replace('\n', '\0'));
    assertEquals(whole, classified("-0", "@" + nul));
  }

  @Test
  void shards_together_are_the_whole_and_each_input_is_in_one() {
    Records whole = classified(photos);
    List<String> sharded = new ArrayList<>();
    for (int i = 1; i <= 3; i++) {
      Records shard = classified("--shard", i + "/3", photos);
      assertTrue(shard.size() < COUNT, "shard " + i + " has everything");
      sharded.addAll(shard.files());
    }
    assertEquals(COUNT, sharded.size());
    assertEquals(new TreeSet<>(whole.files()), new TreeSet<>(sharded));
  }

  @Test
  void top_and_threshold_choose_among_the_classes() {
    Path red = Photos.png(folder.resolve("red.png"), Color.RED);
    assertEquals(3, classified(red).predictions(0).size());
    assertEquals(2, classified("--top", 2, red).predictions(0).size());
    assertEquals(3, classified("--top", 99, red).predictions(0).size());
    assertEquals(1, classified("--threshold", "0.5", red).predictions(0).size());
    assertEquals(0, classified("--threshold", "1", red).predictions(0).size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--decode-threads 1",
        "--decode-threads 7",
        "--batch 1",
        "--batch 7",
        "--batch 40",
        "--threads 1",
        "--threads 3",
        "--batch 3 --threads 2 --decode-threads 5"
      })
  void threads_and_batches_do_not_change_the_answers(String options) {
    Records usual = classified(photos);
    List<Object> words = new ArrayList<>(List.of((Object[]) options.split(" ")));
    words.add(photos);
    Records other = classified(words.toArray());
    if (!options.contains("--batch")) {
      assertEquals(usual, other);
    }
    assertEquals(usual.files(), other.files());
    assertEquals(usual.best(), other.best());
    for (int i = 0; i < COUNT; i++) {
      for (int place = 0; place < 3; place++) {
        assertEquals(usual.score(i, place), other.score(i, place), 1e-5);
      }
    }
  }

  @Test
  void formats_show_the_same_answers() throws Exception {
    Path red = Photos.png(folder.resolve("a \"red\", one.png"), Color.RED);
    Path csv = folder.resolve("out.csv");
    Path table = folder.resolve("out.txt");
    for (List<Object> output :
        List.of(List.<Object>of("-o", csv), List.<Object>of("-o", table, "--format", "table"))) {
      List<Object> words = new ArrayList<>(List.of("classify", "-q", "-m", model, "-k", 1));
      words.addAll(output);
      words.addAll(List.of("--preset", "keras", red));
      Invocation run = Invocation.of(words.toArray());
      assertEquals(0, run.exitCode(), run.err());
    }
    List<String> rows = Files.readAllLines(csv);
    assertEquals("file,index1,label1,score1,error,message,file_bytes", rows.get(0));
    assertTrue(
        rows.get(1).startsWith("\"" + folder + "/a \"\"red\"\", one.png\",0,,0.9999"), rows.get(1));
    assertTrue(Files.readString(table).contains(">99.9%"), Files.readString(table));
  }

  @Test
  void urls_are_read_like_files() throws Exception {
    byte[] red = Files.readAllBytes(Photos.png(folder.resolve("red.png"), Color.RED));
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          boolean there = exchange.getRequestURI().getPath().equals("/red.png");
          exchange.sendResponseHeaders(there ? 200 : 404, there ? red.length : -1);
          if (there) {
            exchange.getResponseBody().write(red);
          }
          exchange.close();
        });
    server.start();
    try {
      String base = "http://127.0.0.1:" + server.getAddress().getPort();
      Records records = classified(base + "/red.png", base + "/gone.png");
      assertEquals(List.of("", "http"), records.kinds());
      assertEquals(List.of(base + "/red.png", base + "/gone.png"), records.files());
      assertEquals(0, records.predictions(0).getFirst().get("index").getAsInt());
      assertTrue(records.all().get(1).toString().contains("404"), records.all().toString());
      Path crop = folder.resolve("crop.png");
      Invocation run = Invocation.of("preprocess", base + "/red.png", "-o", crop);
      assertEquals(0, run.exitCode(), run.err());
      assertTrue(Files.size(crop) > 0);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void resuming_a_run_that_has_ended_changes_nothing_and_takes_new_pictures() throws Exception {
    Path inputs = Photos.colours(folder.resolve("inputs"), 5);
    Path out = folder.resolve("out.jsonl");
    Object[] words = {
      "classify", "-m", model, "--preset", "keras", "--batch", 2, "-o", out, "--resume", inputs
    };
    assertEquals(0, Invocation.of(words).exitCode());
    byte[] first = Files.readAllBytes(out);
    Invocation again = Invocation.of(words);
    assertTrue(again.err().contains("5 files, 0 errors, 5 from before, "), again.err());
    assertEquals(0, again.exitCode());
    assertEquals(new String(first), Files.readString(out));
    Photos.png(inputs.resolve("zzz.png"), Color.BLUE);
    Invocation more = Invocation.of(words);
    assertTrue(more.err().contains("6 files, 0 errors, 5 from before, "), more.err());
    assertTrue(Files.readString(out).startsWith(new String(first)));
    assertEquals(6, Records.of(out).size());
  }
}
