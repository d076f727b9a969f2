package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.alexnetedge.SharedData;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.onnx.ValueType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
  @TempDir private Path folder;
  private Path model;

  @BeforeEach
  void createAModel() throws Exception {
    model = folder.resolve("model.onnx");
    Path labels = folder.resolve("labels.txt");
    Files.write(labels, List.of("daisy", "rose", "tulip", "sun", "moss", "fern"));
    Invocation run = Invocation.of("create", "-o", model, "--width", "0.05", "--labels", labels);
    assertEquals(0, run.exitCode(), run.err());
  }

  private static Invocation inspect(Object... arguments) {
    return Invocation.of(Stream.concat(Stream.of("inspect"), Stream.of(arguments)).toArray());
  }

  @Test
  void people_read_what_goes_in_what_comes_out_and_how_large_it_is() {
    Invocation run = inspect(model);
    assertEquals(0, run.exitCode(), run.err());
    assertEquals("", run.err());
    for (String line :
        List.of(
            "  producer    alexnet-edge",
            "  format      IR version 8, opset 17",
            "  input       input  float32 [batch, 3, 224, 224]",
            "  output      logits  float32 [batch, 6]",
            "  operators   Relu x7, Conv x5, Gemm x3, MaxPool x3, Flatten",
            "  labels           6: daisy, rose, tulip, sun, moss, ...",
            "  preprocessing    resize mode shorter, size 256, filter bilinear, antialias true",
            "                   crop 224")) {
      assertTrue(run.out().lines().anyMatch(line::equals), "'" + line + "' in\n" + run.out());
    }
    assertTrue(
        run.out().contains("features.0    Conv      3x3x11x11 + 3   strides 4, pads 2       1,092"),
        run.out());
    assertTrue(run.out().lines().allMatch(line -> line.length() <= 100), run.out());
  }

  @Test
  void machines_read_json() {
    Invocation run = inspect(model, "--json");
    assertEquals(0, run.exitCode(), run.err());
    JsonObject json = JsonParser.parseString(run.out()).getAsJsonObject();
    assertEquals(model.toFile().length(), json.get("bytes").getAsLong());
    assertEquals(17, json.getAsJsonObject("opsets").get("ai.onnx").getAsInt());
    JsonObject input = json.getAsJsonArray("inputs").get(0).getAsJsonObject();
    assertEquals("input", input.get("name").getAsString());
    assertEquals("[\"batch\",3,224,224]", input.get("shape").toString());
    assertEquals(8, json.getAsJsonArray("layers").size());
    assertEquals(5, json.getAsJsonObject("operators").get("Conv").getAsInt());
    assertEquals("1", json.getAsJsonObject("metadata").get("alexnet.version").getAsString());
    assertEquals(
        json.get("parameters").getAsLong(),
        json.getAsJsonObject("parameters_by_type")
            .getAsJsonObject("float32")
            .get("count")
            .getAsLong());
  }

  @Test
  void names_cannot_steer_the_terminal() {
    Path evil = folder.resolve("evil.onnx");
    new GraphBuilder("g", 8, 17)
        .producer("\u001b[2Jred", "\u202e")
        .metadata("labels", "[\"a\u0007\",{},null]")
        .metadata("\nkey", "[broken")
        .input("x\u001b", ValueType.tensor(ElementType.FLOAT32, new Dimension.Unknown()))
        .output("y", ValueType.tensor(ElementType.FLOAT32, 1))
        .node("Relu", List.of("x\u001b"), "y")
        .build()
        .write(evil);
    Invocation run = inspect(evil);
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(
        run.out().codePoints().allMatch(c -> c == '\n' || !Character.isISOControl(c)), run.out());
    assertTrue(run.out().contains("\\x1b[2Jred \\u202e"), run.out());
    assertTrue(run.out().contains("float32 [?]"), run.out());
    assertTrue(run.out().contains("\\nkey"), run.out());
    assertTrue(run.out().contains("[broken"), run.out());
  }

  @Test
  void what_is_no_model_ends_with_3_and_a_sentence() throws Exception {
    Path text = Files.writeString(folder.resolve("notes.txt"), "not a model");
    Invocation run = inspect(text);
    assertEquals(3, run.exitCode());
    assertEquals("", run.out());
    assertEquals(
        "alexnet: " + text + " is not an ONNX model: it does not begin as one.\n", run.err());
    assertEquals(3, inspect(folder.resolve("none.onnx"), "--json").exitCode());
    assertEquals(3, inspect(folder).exitCode());
    assertEquals(2, inspect().exitCode());
  }

  @Test
  void a_model_cut_off_anywhere_never_crashes() throws Exception {
    byte[] whole = Files.readAllBytes(model);
    for (int i = 1; i < 120; i++) {
      Path cut = folder.resolve("cut.onnx");
      // Close together at both ends, where the structure is, and wide apart in the weights.
      int length =
          i < 40 ? i : i < 80 ? whole.length / 40 * (i - 40) : whole.length - 3 * (120 - i);
      Files.write(cut, java.util.Arrays.copyOf(whole, Math.max(1, length)));
      Invocation run = inspect(cut);
      assertTrue(run.exitCode() == 0 || run.exitCode() == 3, length + ": " + run.exitCode());
      assertFalse(run.err().contains("Exception"), run.err());
    }
  }

  @Test
  void models_of_other_programs_are_shown() {
    Path shared = SharedData.at("");
    Invocation squeezenet = inspect(shared.resolve("data/onnx/squeezenet_v1.0.onnx"));
    assertTrue(squeezenet.out().contains("1,248,424 float32, 5.0 MB"), squeezenet.out());
    Invocation narrow = inspect(shared.resolve("references/torchvision-narrow/model.onnx"));
    assertTrue(narrow.out().contains("206,642 float32"), narrow.out());
    assertTrue(narrow.out().contains("none: labels and preprocessing"), narrow.out());
    assertEquals(0, inspect(shared.resolve("data/onnx/light/light_bvlc_alexnet.onnx")).exitCode());
  }

  private Path keras() {
    Path file = folder.resolve("keras.onnx");
    Invocation run = Invocation.of("create", "-o", file, "--arch", "keras");
    assertEquals(0, run.exitCode(), run.err());
    return file;
  }

  /** Name, shape without the batch, parameters; a line of Keras' own table. */
  private static final Pattern KERAS_ROW =
      Pattern.compile("│ (\\S+) \\((\\w+)\\) *│ \\(None, ([\\d, ]+)\\) *│ *([\\d,]+) │");

  /** The same in ours. */
  private static final Pattern ROW =
      Pattern.compile("  (\\S+) +(\\w.*?) +\\[batch, ([\\d, ]+)\\] +([\\d,]+)");

  @Test
  void the_summary_of_keras_alexnet_has_keras_numbers() throws Exception {
    Path reference = SharedData.at("references/keras/summary.txt");
    List<String> expected = new ArrayList<>();
    for (String line : Files.readAllLines(reference)) {
      Matcher row = KERAS_ROW.matcher(line);
      // An inference graph has no dropout.
      if (row.matches() && !row.group(2).equals("Dropout")) {
        List<String> shape = new ArrayList<>(List.of(row.group(3).split(", ")));
        Collections.rotate(shape, 1); // Channels come first in ours.
        expected.add(row.group(1) + " " + shape + " " + row.group(4));
      }
    }
    assertEquals(14, expected.size());
    Invocation run = inspect(keras(), "--summary");
    assertEquals(0, run.exitCode(), run.err());
    List<String> ours = new ArrayList<>();
    for (String line : run.out().lines().toList()) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        ours.add(row.group(1) + " " + List.of(row.group(3).split(", ")) + " " + row.group(4));
      }
    }
    assertEquals(expected, ours);
  }

  @Test
  void the_summary_ends_with_what_can_be_trained() {
    List<String> lines = inspect(keras(), "--summary").out().lines().toList();
    assertEquals("  layer    operators           output shape          parameters", lines.get(0));
    assertEquals("  conv1    Conv, Relu          [batch, 96, 54, 54]       34,944", lines.get(1));
    assertEquals(
        List.of(
            "",
            "  parameters     21,586,689",
            "  trainable      21,585,985",
            "  non-trainable         704"),
        lines.subList(lines.size() - 4, lines.size()));
  }

  @Test
  void the_summary_is_json_too() {
    Invocation run = inspect(model, "--summary", "--json");
    assertEquals(0, run.exitCode(), run.err());
    JsonObject json = JsonParser.parseString(run.out()).getAsJsonObject();
    assertEquals(12, json.getAsJsonArray("layers").size());
    assertEquals(
        "{\"name\":\"features.0\",\"operators\":[\"Conv\",\"Relu\"],"
            + "\"shape\":[\"batch\",3,55,55],\"parameters\":1092,\"trainable\":1092}",
        json.getAsJsonArray("layers").get(0).toString());
    assertEquals(json.get("parameters").getAsLong(), json.get("trainable").getAsLong());
    assertEquals(0, json.get("non_trainable").getAsLong());
  }

  @Test
  void the_summary_shows_what_it_does_not_know() {
    Path file = folder.resolve("odd.onnx");
    new GraphBuilder("g", 8, 17)
        .input("x", ValueType.tensor(ElementType.FLOAT32, Dimension.of("n"), Dimension.of(2)))
        .initializer("unused", Tensor.ofFloats(new long[] {3}, 1, 2, 3))
        .node("Unheard\u001b", List.of("x"), "y")
        .build()
        .write(file);
    Invocation run = inspect(file, "--summary");
    assertEquals(0, run.exitCode(), run.err());
    assertEquals(
        """
          layer          operators    output shape  parameters
          y              Unheard\\x1b  ?                      0
          (in no layer)                                      3

          parameters     3
          trainable      0
          non-trainable  3
        """,
        run.out().indent(0));
  }
}
