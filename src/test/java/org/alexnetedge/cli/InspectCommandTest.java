package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.alexnetedge.SharedData;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.GraphBuilder;
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
}
