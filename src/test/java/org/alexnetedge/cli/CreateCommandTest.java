package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.alexnetedge.SharedData;
import org.alexnetedge.image.Recipe;
import org.alexnetedge.image.Resize;
import org.alexnetedge.onnx.OnnxModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CreateCommandTest {
  @TempDir private Path folder;

  private Invocation create(String... arguments) {
    return Invocation.of(Stream.concat(Stream.of("create"), Stream.of(arguments)).toArray());
  }

  private Invocation small(Path file, String... more) {
    List<String> arguments =
        Stream.concat(Stream.of("-o", file.toString(), "--width", "0.02"), Stream.of(more))
            .toList();
    return create(arguments.toArray(String[]::new));
  }

  @Test
  void the_whole_alexnet_is_written_and_described() throws Exception {
    Path file = folder.resolve("alexnet.onnx");
    Invocation run = create("-o", file.toString());
    assertEquals(0, run.exitCode(), run.err());
    assertEquals("", run.out());
    assertTrue(run.err().contains("61,100,840 parameters for 1,000 classes"), run.err());
    assertTrue(run.err().contains("weights are random (seed 0)"), run.err());
    OnnxModel model = OnnxModel.read(file);
    assertEquals(61_100_840, model.parameterCount());
    assertEquals("alexnet-edge", model.producerName());
    assertEquals("1", model.metadata().get("alexnet.version"));
    assertEquals("softmax", model.metadata().get("task"));
    assertEquals("logits", model.metadata().get("output"));
    assertEquals("random weights, seed 0, He initialisation", model.metadata().get("provenance"));
    assertFalse(model.metadata().containsKey("labels"));
    assertEquals(
        224,
        JsonParser.parseString(model.metadata().get("preprocessing"))
            .getAsJsonObject()
            .get("crop")
            .getAsInt());
  }

  @Test
  void the_same_seed_gives_the_same_file_and_another_seed_another() throws Exception {
    Path first = folder.resolve("first.onnx");
    Path second = folder.resolve("second.onnx");
    assertEquals(0, small(first, "--seed", "5").exitCode());
    assertEquals(0, small(second, "--seed", "5").exitCode());
    assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(second));
    assertEquals(0, small(second, "--seed", "6", "--overwrite").exitCode());
    assertNotEquals(
        OnnxModel.read(first).graph().initializers().get("features.0.weight").tensor(),
        OnnxModel.read(second).graph().initializers().get("features.0.weight").tensor());
  }

  @Test
  void labels_are_read_one_a_line() throws Exception {
    Path labels = folder.resolve("labels.txt");
    Files.writeString(labels, "\uFEFFdaisy\r\nGr\u00f6\u00dfe \"2\"\r\ndaisy\r\n\r\n");
    Path file = folder.resolve("m.onnx");
    Invocation run = small(file, "--labels", labels.toString());
    assertEquals(0, run.exitCode(), run.err());
    OnnxModel model = OnnxModel.read(file);
    assertEquals("[\"daisy\",\"Größe \\\"2\\\"\",\"daisy\"]", model.metadata().get("labels"));
    assertEquals("float32 [batch, 3]", model.graph().outputs().getFirst().type().toString());
  }

  @Test
  void labels_are_read_from_a_table_with_a_header() throws Exception {
    Path labels = SharedData.at("data/labels/classes.tsv");
    Path file = folder.resolve("m.onnx");
    Invocation run = small(file, "--labels", labels.toString(), "--classes", "1000");
    assertEquals(0, run.exitCode(), run.err());
    var names =
        JsonParser.parseString(OnnxModel.read(file).metadata().get("labels")).getAsJsonArray();
    assertEquals(1000, names.size());
    assertEquals("tench", names.get(0).getAsString());
    assertEquals("crane", names.get(134).getAsString());
    assertEquals("crane", names.get(517).getAsString());
  }

  @Test
  void label_files_that_cannot_be_right_are_usage_errors() throws Exception {
    Path labels = folder.resolve("labels.txt");
    Path file = folder.resolve("m.onnx");
    assertUsage("There is no label file", file, "--labels", labels.toString());
    Files.writeString(labels, "");
    assertUsage("has no labels", file, "--labels", labels.toString());
    Files.writeString(labels, "a\n\nb\n");
    assertUsage("has no label for class 1 (from 0)", file, "--labels", labels.toString());
    Files.writeString(labels, "x\ty\n1\t2\n");
    assertUsage("names no column 'label'", file, "--labels", labels.toString());
    Files.writeString(labels, "index\tname\n0\n");
    assertUsage("has no label for class 0", file, "--labels", labels.toString());
    Files.writeString(labels, "index\tname\n0\ta\n2\tb\n");
    assertUsage("has index 2 where 1 is expected", file, "--labels", labels.toString());
    Files.writeString(labels, "a\nb\n");
    assertUsage("says 3, but", file, "--labels", labels.toString(), "--classes", "3");
    Files.write(labels, "Gr\u00f6\u00dfe\n".getBytes(StandardCharsets.ISO_8859_1));
    assertUsage("is not UTF-8", file, "--labels", labels.toString());
    assertTrue(Files.notExists(file));
  }

  @Test
  void sizes_that_make_no_model_are_usage_errors() {
    Path file = folder.resolve("m.onnx");
    assertUsage("--classes must be", file, "--classes", "0");
    assertUsage("--classes must be", file, "--classes", "-5");
    for (String width : List.of("0", "-1", "NaN", "Infinity", "101")) {
      Invocation run = create("-o", file.toString(), "--width", width);
      assertEquals(2, run.exitCode());
      assertTrue(run.err().contains("--width must be"), run.err());
    }
    Invocation large = create("-o", file.toString(), "--width", "50");
    assertEquals(2, large.exitCode());
    assertTrue(large.err().contains("do not fit the 2 GB"), large.err());
    assertEquals(2, create().exitCode());
    assertTrue(Files.notExists(file));
  }

  private void assertUsage(String words, Path file, String... arguments) {
    Invocation run = small(file, arguments);
    assertEquals(2, run.exitCode());
    assertTrue(run.err().contains(words), run.err());
    assertFalse(run.err().contains("Exception"), run.err());
  }

  @Test
  void a_file_that_exists_is_kept_unless_overwriting_is_asked_for() throws Exception {
    Path file = folder.resolve("mine.onnx");
    Files.writeString(file, "mine");
    Invocation run = small(file);
    assertEquals(4, run.exitCode());
    assertEquals("alexnet: " + file + " exists already; --overwrite replaces it.\n", run.err());
    assertEquals("mine", Files.readString(file));
    assertEquals(0, small(file, "--overwrite").exitCode());
    assertTrue(Files.size(file) > 10_000);
  }

  @Test
  void an_output_that_cannot_be_written_ends_with_4() {
    Invocation run = small(folder.resolve("no/m.onnx"));
    assertEquals(4, run.exitCode());
    assertTrue(run.err().contains("there is no folder"), run.err());
    assertFalse(run.err().contains("Exception"), run.err());
  }

  private OnnxModel created(String... arguments) {
    Path file = folder.resolve("v.onnx");
    Invocation run =
        create(
            Stream.concat(Stream.of("-o", file.toString(), "--overwrite"), Stream.of(arguments))
                .toArray(String[]::new));
    assertEquals(0, run.exitCode(), run.err());
    return OnnxModel.read(file);
  }

  private static Recipe recipe(OnnxModel model) {
    return Recipe.fromJson(model.metadata().get("preprocessing"));
  }

  @Test
  void the_paper_is_fed_as_caffe_feeds_it() {
    OnnxModel model = created("--arch", "paper", "--width", "0.05", "--groups", "2");
    assertEquals(
        "float32 [batch, 3, 227, 227]", model.graph().inputs().getFirst().type().toString());
    assertEquals(Recipe.CAFFE, recipe(model));
    assertEquals("float32 [batch, 1000]", model.graph().outputs().getFirst().type().toString());
    assertEquals("logits", model.metadata().get("output"));
  }

  @Test
  void keras_is_fed_plainly_and_answers_yes_or_no() {
    OnnxModel model = created("--arch", "keras", "--width", "0.05");
    assertEquals(Recipe.KERAS.withLayout(Recipe.Layout.NCHW), recipe(model));
    assertEquals("float32 [batch, 1]", model.graph().outputs().getFirst().type().toString());
    assertEquals("sigmoid", model.metadata().get("task"));
    assertEquals("probabilities", model.metadata().get("output"));
    OnnxModel five = created("--arch", "keras", "--width", "0.05", "--classes", "5");
    assertEquals("float32 [batch, 5]", five.graph().outputs().getFirst().type().toString());
    assertEquals("softmax", five.metadata().get("task"));
    assertEquals("probabilities", five.metadata().get("output"));
  }

  @Test
  void two_labels_of_keras_share_one_output() throws Exception {
    Path labels = Files.write(folder.resolve("labels.txt"), List.of("cat", "dog"));
    Path file = folder.resolve("pets.onnx");
    Path records = folder.resolve("records.jsonl");
    assertEquals(0, small(file, "--arch", "keras", "--labels", labels.toString()).exitCode());
    Path photo = Path.of("examples/photos/cat.png");
    Invocation run = Invocation.of("classify", "-m", file, photo, "-o", records);
    assertEquals(0, run.exitCode(), run.err());
    String record = Files.readString(records);
    assertTrue(record.contains("\"cat\"") && record.contains("\"dog\""), record);
  }

  @Test
  void sizes_are_chosen_one_by_one() {
    OnnxModel model =
        created("--width", "0.1", "--fc", "20", "--input", "112", "--batch-norm", "--dropout", "0");
    assertEquals(
        "float32 [batch, 3, 112, 112]", model.graph().inputs().getFirst().type().toString());
    // As much of a picture as at 224 pixels.
    assertEquals(
        Recipe.TORCHVISION.withResize(Resize.shorter(128)).withCrop(new Recipe.Crop(112, 112)),
        recipe(model));
    assertEquals("[20, 20]", shape(model, "classifier.4.weight"));
    assertEquals("[26]", shape(model, "features.10.bn.running_var"));
    assertEquals("{}", model.metadata().get("dropout"));
  }

  private static String shape(OnnxModel model, String weight) {
    return Arrays.toString(model.graph().initializers().get(weight).shape());
  }

  @Test
  void choices_that_make_no_model_are_usage_errors() {
    Path file = folder.resolve("m.onnx");
    assertUsage("--arch must be torchvision, paper, caffe or keras", file, "--arch", "vgg");
    assertUsage("--dropout must be at least 0 and below 1, not 1.0", file, "--dropout", "1");
    assertUsage("--fc must be from 1", file, "--fc", "0");
    assertUsage("--input must be from 1 to 2048, not 5000", file, "--input", "5000");
    assertUsage("--groups must be from 1", file, "--groups", "0");
    assertUsage("the smallest is 67", file, "--arch", "paper", "--input", "66");
    assertUsage("has batch normalisation already", file, "--arch", "keras", "--batch-norm");
    Invocation three = create("-o", file.toString(), "--groups", "3");
    assertEquals(2, three.exitCode());
    assertTrue(three.err().contains("cannot be split into 3 equal groups"), three.err());
    assertTrue(Files.notExists(file));
  }
}
