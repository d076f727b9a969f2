package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.Color;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From labelled pictures to figures, through a real model. */
class EvaluateCommandTest {
  @TempDir private static Path all;
  private static Path model;
  private static Path names;

  /** red: two red pictures and a blue one; green: one; blue: one. */
  private static Path data;

  @TempDir private Path folder;

  @BeforeAll
  static void a_model_and_a_folder_for_each_colour() throws Exception {
    model = ColourModel.LOGITS.write(all.resolve("model.onnx"));
    names = Files.write(all.resolve("names.txt"), List.of("red", "green", "blue"));
    data = all.resolve("data");
    Photos.png(data.resolve("red/1.png"), Color.RED);
    Photos.png(data.resolve("red/2.png"), Color.RED);
    Photos.png(data.resolve("red/deeper/wrong.png"), Color.BLUE);
    Photos.png(data.resolve("green/1.png"), Color.GREEN);
    Photos.png(data.resolve("blue/1.png"), Color.BLUE);
    Photos.png(data.resolve(".hidden/1.png"), Color.BLUE);
  }

  private Invocation evaluated(int code, Object... more) {
    Object[] words =
        Stream.concat(
                Stream.of("evaluate", "-m", model, "--preset", "keras", "--labels", names),
                Stream.of(more))
            .toArray();
    Invocation run = Invocation.of(words);
    assertEquals(code, run.exitCode(), run.err());
    return run;
  }

  private JsonObject json(int code, Object... more) {
    Object[] words = Stream.concat(Stream.of("-q", "--json", "-"), Stream.of(more)).toArray();
    return JsonParser.parseString(evaluated(code, words).out()).getAsJsonObject();
  }

  private static void assertSays(String text, String... parts) {
    for (String part : parts) {
      assertTrue(text.contains(part), "'" + part + "' is not in: " + text);
    }
  }

  @Test
  void a_folder_for_each_class_is_matched_with_the_model_by_name() {
    JsonObject json = json(0, data);
    assertEquals("[\"red\",\"green\",\"blue\"]", json.get("labels").toString());
    assertEquals(5, json.get("pictures").getAsInt());
    assertEquals(0.8, json.get("accuracy").getAsDouble());
    assertEquals(
        "[[2,0,1],[0,1,0],[0,0,1]]", json.get("confusion_rows_true_columns_predicted").toString());
    JsonObject worst = json.getAsJsonArray("worst").get(0).getAsJsonObject();
    assertEquals(data + "/red/deeper/wrong.png", worst.get("file").getAsString());
    assertEquals("red", worst.get("label").getAsString());
    assertEquals("blue", worst.get("predicted").getAsString());
    assertEquals(1 / (1 + 2 * Math.exp(-10)), worst.get("score").getAsDouble(), 1e-6);
    // Four pictures at probability 1 - 2p, p = e^-10 / (1 + 2 e^-10); one at p.
    double right = -Math.log(1 / (1 + 2 * Math.exp(-10)));
    assertEquals((4 * right + right + 10) / 5, json.get("log_loss").getAsDouble(), 1e-4);
  }

  @Test
  void the_report_has_figures_classes_confusions_and_mistakes() {
    Invocation run = evaluated(0, data, "--worst", "3");
    assertSays(run.err(), "assumed: outputs are logits");
    assertSays(
        run.out(),
        "5 pictures of 3 classes\n",
        "accuracy              0.8000  4 right",
        "most frequent confusions\n       1  red, taken for blue\n",
        "worst mistakes\n  0.9999  "
            + data
            + "/red/deeper/wrong.png: red (0.0000), taken for blue");
    assertFalse(run.out().contains("top-5"), "three classes have no top 5");
    assertSays(evaluated(0, data, "--top", "2", "-q").out(), "top-2 accuracy        ");
    assertFalse(evaluated(0, data, "--worst", "0").out().contains("worst"));
  }

  @Test
  void json_in_a_file_goes_with_the_report() throws Exception {
    Path file = folder.resolve("figures.json");
    Files.writeString(file, "before");
    assertSays(evaluated(0, data, "--json", file).out(), "accuracy");
    assertEquals(json(0, data), JsonParser.parseString(Files.readString(file)));
  }

  @Test
  void a_table_names_pictures_relative_to_itself() throws Exception {
    Photos.png(folder.resolve("pictures/größe, 1.png"), Color.RED);
    Photos.png(folder.resolve("pictures/b.png"), Color.RED);
    Path table =
        Files.writeString(
            folder.resolve("table.csv"),
            "label,path,split\n"
                + "red,\"pictures/größe, 1.png\",val\n"
                + "green,pictures/b.png,val\n"
                + ("blue," + data.toAbsolutePath() + "/blue/1.png,train\n"));
    JsonObject val = json(0, table, "--split", "val");
    assertEquals(0.5, val.get("accuracy").getAsDouble());
    assertEquals(
        folder + "/pictures/b.png",
        val.getAsJsonArray("worst").get(0).getAsJsonObject().get("file").getAsString());
    assertEquals(3, json(0, table).get("pictures").getAsInt());
    assertSays(
        evaluated(0, table).err(),
        "all splits of " + table + " are taken together ('train', 'val'); --split takes one.");
    assertSays(
        evaluated(4, table, "--split", "test").err(),
        "has no row of split 'test'; there are 'train', 'val'");
    assertSays(evaluated(4, data, "--split", "val").err(), "is a folder, and --split");
  }

  @Test
  void a_table_with_tabs_of_no_split_is_taken() throws Exception {
    Path table =
        Files.writeString(
            folder.resolve("table.tsv"),
            "path\tlabel\n" + data.toAbsolutePath() + "/blue/1.png\tblue\n");
    assertEquals(1, json(0, table).get("accuracy").getAsDouble());
    assertSays(
        evaluated(4, table, "--split", "val").err(),
        "has no column 'split'; its columns are 'path', 'label'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "file,label         | has no column 'path'; its columns are 'file', 'label'",
        "path,label         | has no rows, so there is no picture",
        "path,label;a.png,  | line 2: the label is empty",
        "path,label;,red    | line 2: the path is empty",
        "path,label;.,red   | line 2: '.' is a folder; expected a picture",
        "path,label;a.png   | line 2: it has 1 fields, but the header has 2",
      })
  void a_table_that_is_wrong_is_refused_with_the_line(String content, String part)
      throws Exception {
    Path table =
        Files.writeString(folder.resolve("table.csv"), content.strip().replace(';', '\n') + "\n");
    Invocation run = evaluated(4, table);
    assertSays(run.err(), table.toString(), part);
    assertEquals("", run.out());
  }

  @Test
  void labels_that_the_model_does_not_know_are_named() {
    Photos.png(folder.resolve("data/Red/1.png"), Color.RED);
    Photos.png(folder.resolve("data/mauve/1.png"), Color.RED);
    Photos.png(folder.resolve("data/blue/1.png"), Color.RED);
    Invocation run = evaluated(4, folder.resolve("data"));
    assertSays(
        run.err(),
        "The model does not know 2 of the data's 3 labels: 'Red', 'mauve'. Its own are 'red',"
            + " 'green', 'blue'.");
    assertEquals("", run.out());
  }

  @Test
  void a_label_that_two_classes_have_is_refused() throws Exception {
    Path twice = Files.write(folder.resolve("names.txt"), List.of("red", "green", "red"));
    Invocation run = Invocation.of("evaluate", "-m", model, data, "--labels", twice);
    assertEquals(4, run.exitCode());
    assertSays(run.err(), "'red' stands for 2 classes of the model (0, 2)");
  }

  @Test
  void pictures_that_cannot_be_read_are_listed_and_counted() throws Exception {
    Photos.png(folder.resolve("data/red/1.png"), Color.RED);
    Photos.png(folder.resolve("data/green/2.png"), Color.GREEN);
    Files.writeString(folder.resolve("data/red/broken.png"), "no picture");
    Files.createDirectories(folder.resolve("data/blue"));
    Files.createDirectories(folder.resolve("data/model.run")); // No class, though no model's label.
    Files.writeString(folder.resolve("data/notes.txt"), "no picture");
    Invocation run = evaluated(1, folder.resolve("data"));
    assertSays(
        run.err(),
        "left out " + folder + "/data/red/broken.png: ",
        folder + "/data/blue holds no picture.",
        folder + "/data/model.run holds no picture.",
        "1 file directly in " + folder + "/data belongs to no class and is not looked at.");
    assertSays(
        run.out(),
        "2 pictures of 2 classes (the model knows 3), 1 picture left out",
        "1.0000  2 right");
    JsonObject json = json(1, folder.resolve("data"));
    assertEquals(2, json.get("pictures").getAsInt());
    assertEquals("[2]", json.get("absent").toString());
    JsonObject left = json.getAsJsonArray("left_out").get(0).getAsJsonObject();
    assertEquals(folder + "/data/red/broken.png", left.get("file").getAsString());
    assertEquals("not-an-image", left.getAsJsonObject("error").get("kind").getAsString());
  }

  @Test
  void data_without_a_picture_is_refused() throws Exception {
    assertSays(evaluated(4, "nowhere").err(), "There is no folder or table nowhere.");
    assertSays(evaluated(4, folder).err(), "holds no folders; expected one for each class");
    Files.createDirectories(folder.resolve("red"));
    assertSays(evaluated(4, folder).err(), "The data holds no picture.");
    Files.writeString(folder.resolve("red/broken.png"), "no picture");
    assertSays(
        evaluated(4, folder).err(),
        "No picture of the data could be used (1 tried). The first, "
            + folder
            + "/red/broken.png: ");
  }

  @Test
  void a_model_that_cannot_be_used_is_code_3() throws Exception {
    Path bad = Files.writeString(folder.resolve("bad.onnx"), "no model");
    Invocation run = Invocation.of("evaluate", "-m", bad, data);
    assertEquals(3, run.exitCode());
    assertSays(run.err(), bad + " is no ONNX model");
    assertEquals(3, Invocation.of("evaluate", "-m", "nowhere.onnx", data).exitCode());
  }

  @Test
  void one_sigmoid_output_with_two_labels_is_two_classes() throws Exception {
    Path one = ColourModel.ONE.write(folder.resolve("one.onnx"));
    Path pictures = folder.resolve("data");
    Photos.png(pictures.resolve("blue/1.png"), Color.BLUE);
    Photos.png(pictures.resolve("red/1.png"), Color.RED);
    Photos.png(pictures.resolve("red/2.png"), Color.RED);
    Photos.png(pictures.resolve("red/gray.png"), Color.GRAY); // 0.5 each: the first class
    Path labels = Files.write(folder.resolve("names.txt"), List.of("blue", "red"));
    String[] expected = {"[[1,0],[1,2]]", "[\"blue\",\"red\"]"};
    for (List<Object> naming : List.of(List.<Object>of("--labels", labels), List.<Object>of())) {
      Object[] words =
          Stream.concat(
                  Stream.of("evaluate", "-m", one, "--preset", "keras", pictures, "--json", "-"),
                  naming.stream())
              .toArray();
      Invocation run = Invocation.of(words);
      assertEquals(0, run.exitCode(), run.err());
      assertEquals(
          naming.isEmpty(),
          run.err()
              .contains("the model's outputs are the data's labels in sorted order, blue, red"),
          run.err());
      JsonObject json = JsonParser.parseString(run.out()).getAsJsonObject();
      assertEquals(expected[0], json.get("confusion_rows_true_columns_predicted").toString());
      assertEquals(expected[1], json.get("labels").toString());
      assertEquals(0.75, json.get("accuracy").getAsDouble());
      // The gray one alone costs ln 2; the others less than 1e-4.
      assertEquals(Math.log(2) / 4, json.get("log_loss").getAsDouble(), 1e-4);
      assertEquals(1, json.get("roc_auc_macro").getAsDouble());
    }
  }

  @Test
  void without_names_as_many_labels_as_outputs_are_needed() {
    Photos.png(folder.resolve("data/blue/1.png"), Color.BLUE);
    Invocation run = Invocation.of("evaluate", "-m", model, folder.resolve("data"));
    assertEquals(4, run.exitCode());
    assertSays(
        run.err(),
        "names no classes and has 3 outputs; the number of the data's labels is 1 ('blue')");
  }

  @Test
  void predictions_that_are_there_need_no_model() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("predictions.csv"),
            "file,label,cat,dog\na.jpg,cat,0.75,0.25\nb.jpg,dog,1,0\n");
    Invocation run = Invocation.of("evaluate", "--predictions", file);
    assertEquals(0, run.exitCode(), run.err());
    assertSays(
        run.out(),
        "2 pictures of 2 classes",
        "accuracy              0.5000  1 right",
        "1.0000  b.jpg: dog (0.0000), taken for cat");
    Invocation missing = Invocation.of("evaluate", "--predictions", "nowhere.csv");
    assertEquals(4, missing.exitCode());
    assertSays(missing.err(), "nowhere.csv cannot be read: it does not exist.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "                             | Name the DATA",
        "x --predictions y            | takes the place of DATA, --model and --split",
        "--predictions x --split val  | takes the place of DATA, --model and --split",
        "x -m y --top 0               | --top must be at least 1",
        "x -m y --worst -1            | --worst must not be negative",
        "x -m y --batch 5000          | --batch must be from 1 to 4096",
        "x -m y --resize tall         | --resize must be",
      })
  void wrong_usage_is_told(String words, String part) {
    Object[] all =
        Stream.concat(
                Stream.of("evaluate"),
                words == null ? Stream.empty() : Stream.of((Object[]) words.strip().split(" ")))
            .toArray();
    Invocation run = Invocation.of(all);
    assertEquals(2, run.exitCode(), run.err());
    assertSays(run.err(), part);
  }

  @Test
  void an_output_that_cannot_be_written_is_told_before_the_work() {
    assertSays(
        evaluated(4, data, "--json", folder).err(), "cannot write " + folder + ": it is a folder");
    assertSays(evaluated(4, data, "--json", "/nowhere/x").err(), "there is no folder /nowhere");
    assertSays(evaluated(2, data, "--json", model).err(), "is one of the inputs");
  }
}
