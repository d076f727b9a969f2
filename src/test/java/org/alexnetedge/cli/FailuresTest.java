package org.alexnetedge.cli;

import static org.alexnetedge.cli.Invocation.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.onnx.ValueType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What goes wrong is told in a sentence, with the file's name, and by the exit code. */
class FailuresTest {
  @TempDir private static Path all;
  private static Path good;
  private static Path photo;

  @TempDir private Path folder;

  @BeforeAll
  static void a_model_and_a_photo() {
    good = ColourModel.LOGITS.write(all.resolve("good.onnx"));
    photo = Photos.png(all.resolve("photo.png"), Color.RED);
  }

  private static Invocation refused(int code, Object... words) {
    Invocation run = Invocation.run(code, words);
    assertEquals("", run.out());
    List<String> lines = run.err().lines().toList();
    assertTrue(lines.getFirst().startsWith("alexnet: "), run.err());
    // Wrong usage adds where to read more.
    assertEquals(code == 2 ? 2 : 1, lines.size(), run.err());
    assertFalse(run.err().contains("Exception:"), run.err());
    assertFalse(run.err().contains("\tat "), run.err());
    return run;
  }

  private Invocation refusedModel(Path model) {
    Invocation run = refused(3, "classify", "-q", "-m", model, photo, "-o", folder + "/out");
    assertSays(run, model.toString());
    assertTrue(Files.notExists(folder.resolve("out")), "nothing is written");
    return run;
  }

  private Path written(String name, byte[] content) throws Exception {
    return Files.write(folder.resolve(name), content);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--top 0 | --top must be at least 1",
        "--top x | Invalid value for option '--top': 'x' is not an int",
        "--threshold 2 | --threshold must be from 0 to 1",
        "--threshold NaN | --threshold must be from 0 to 1",
        "--batch -1 | --batch must be from 1 to 4096",
        "--decode-threads -1 | --decode-threads must be from 1 to 256",
        "--threads -1 | --threads must not be negative",
        "--format xml | --format must be table, jsonl, csv or auto, not 'xml'",
        "--resume | --resume needs -o FILE",
        "--overwrite | --overwrite needs -o FILE",
        "--resume --overwrite -o x | --resume and --overwrite exclude each other",
        "--resume -o x - | --resume needs the same inputs again",
        "--shard 3/2 | --shard",
        "--shard 0/2 | --shard",
        "--shard half | --shard",
        "--preset foo | There is no preprocessing preset 'foo'",
        "--resize big | --resize must be shorter:N, exact:WxH or none, not 'big'",
        "--resize shorter:0 | between 1 and 65535",
        "--crop 0 | between 1 and 65535",
        "--crop x | --crop must be N, WxH or none, not 'x'",
        "--filter box | --filter must be bilinear, bicubic, lanczos",
        "--colors cmyk | --colors must be rgb, bgr, not 'cmyk'",
        "--divide 0 | divide must be a number other than 0",
        "--mean 1,2 | --mean takes three numbers",
        "--std 1,0,1 | std",
        "--max-pixels -1 | --max-pixels",
        "--provider-option a=b | --provider-option needs a --device other than cpu",
        "--labels nowhere.txt | There is no label file nowhere.txt",
        "--bogus | Unknown option: '--bogus'",
      })
  void wrong_usage_is_exit_code_2(String words, String sentence) {
    Object[] command =
        Stream.concat(
                Stream.of("classify", "-m", good, photo), Arrays.stream(words.strip().split(" ")))
            .toArray();
    assertSays(refused(2, command), sentence, "See: alexnet classify --help");
  }

  @Test
  void no_input_no_command_and_an_unknown_one_are_wrong_usage() {
    assertSays(refused(2, "classify", "-m", good), "INPUT");
    assertSays(refused(2, "clasify", photo), "clasify");
    Invocation nothing = Invocation.of();
    assertEquals(2, nothing.exitCode());
    assertSays(nothing, "Usage: alexnet");
  }

  @Test
  void files_that_are_no_models_are_refused_by_name() throws Exception {
    byte[] whole = Files.readAllBytes(good);
    assertSays(refusedModel(folder.resolve("nowhere.onnx")), "There is no model file");
    assertSays(refusedModel(Files.createDirectory(folder.resolve("d.onnx"))), "is a folder");
    assertSays(refusedModel(written("empty.onnx", new byte[0])), "is empty");
    assertSays(refusedModel(written("text.onnx", "hello, world\n".getBytes())), "no ONNX model");
    assertSays(refusedModel(written("photo.onnx", Files.readAllBytes(photo))), "no ONNX model");
    assertSays(refusedModel(Path.of("/dev/null")), "no regular file");
    for (int percent : new int[] {5, 40, 90, 99}) {
      refusedModel(written("cut.onnx", Arrays.copyOf(whole, whole.length * percent / 100)));
    }
  }

  @Test
  void models_that_do_not_classify_pictures_are_refused_with_what_they_take() {
    Dimension n = Dimension.of("n");
    Dimension three = Dimension.of(3);
    Dimension side = Dimension.of(8);
    ValueType picture = ValueType.tensor(ElementType.FLOAT32, n, three, side, side);
    record Case(String sentence, GraphBuilder graph) {}
    List<Case> cases =
        List.of(
            new Case(
                "it takes 2 inputs",
                new GraphBuilder("g", 8, 17)
                    .input("a", picture)
                    .input("b", picture)
                    .output("y", picture)
                    .node("Add", List.of("a", "b"), "y")),
            new Case(
                "is no batch of pictures (four axes)",
                copy(ValueType.tensor(ElementType.FLOAT32, n, three))),
            new Case(
                "is not float32", copy(ValueType.tensor(ElementType.INT32, n, three, side, side))),
            new Case(
                "is not float32",
                copy(ValueType.tensor(ElementType.FLOAT16, n, three, side, side))),
            new Case(
                "neither the second nor the last axis",
                copy(ValueType.tensor(ElementType.FLOAT32, n, Dimension.of(1), side, side))),
            new Case("is not one row of scores for each picture", copy(picture)),
            new Case(
                "its output z: float[4,3] has 4 rows",
                ColourModel.LOGITS
                    .withBatch(2)
                    .withWeights(new float[3][6])
                    .graph()
                    .initializer("rows", Tensor.ofLongs(new long[] {2}, 4, 3))
                    .node("Reshape", List.of("y", "rows"), "z")
                    .clearOutputs()
                    .output("z", ValueType.tensor(ElementType.FLOAT32, Dimension.of(4), three))));
    for (Case one : cases) {
      Path model = folder.resolve("model.onnx");
      one.graph().build().write(model);
      assertSays(refusedModel(model), one.sentence());
    }
  }

  private static GraphBuilder copy(ValueType type) {
    return new GraphBuilder("copy", 8, 17)
        .input("x", type)
        .output("y", type)
        .node("Identity", List.of("x"), "y");
  }

  @Test
  void a_description_that_cannot_be_used_is_refused_with_the_property() {
    record Case(String property, String value, String sentence) {}
    for (Case one :
        List.of(
            new Case("alexnet.version", "2", "newer alexnet-edge (alexnet.version 2;"),
            new Case("alexnet.version", "one", "'alexnet.version' is no number"),
            new Case("preprocessing", "{\"resize\":", "'preprocessing' cannot be used"),
            new Case("preprocessing", "[]", "'preprocessing' cannot be used"),
            new Case("preprocessing", "{\"resize\":{\"mode\":\"x\"}}", "'preprocessing' cannot"),
            new Case("labels", "{}", "'labels' is no JSON array of names"),
            new Case("labels", "[[]]", "'labels' is no JSON array of names"),
            new Case("labels", "[\"a\",\"b\"]", "It has 3 classes, but there are 2 labels"),
            new Case("task", "guess", "'task' is 'guess'; known are softmax, sigmoid"),
            new Case("output", "x", "'output' is 'x'; known are logits, probabilities"))) {
      Path model = folder.resolve("model.onnx");
      ColourModel.LOGITS.graph().metadata(one.property(), one.value()).build().write(model);
      assertSays(refusedModel(model), one.sentence());
    }
  }

  @Test
  void options_that_do_not_fit_the_model_are_refused() throws Exception {
    Path two = Files.writeString(folder.resolve("two.txt"), "a\nb\n");
    assertSays(
        refused(3, "classify", "-m", good, "--labels", two, photo),
        good.toString(),
        "It has 3 classes, but there are 2 labels.");
    assertSays(
        refused(3, "classify", "-m", good, "--crop", "20", photo),
        "It takes pictures of 32x32, but the options ask for 20x20.");
    Path free = ColourModel.LOGITS.withSize(0, 0).write(folder.resolve("free.onnx"));
    assertSays(
        refused(3, "classify", "-m", free, "--crop", "none", photo), "give a size with --crop");
  }

  @Test
  void a_device_that_is_not_there_is_an_error_with_a_remedy() {
    for (String device : List.of("cuda", "cuda:1", "tensorrt")) {
      assertSays(
          refused(3, "classify", "-m", good, "--device", device, photo),
          "--device " + device + ": ",
          "built without it",
          "JetPack's libonnxruntime.so",
          "onnxruntime_gpu");
    }
    assertSays(
        refused(3, "classify", "-m", good, "--device", "abacus", photo),
        "Unknown provider name 'abacus'",
        "This library has: CPUExecutionProvider.");
  }

  @Test
  void the_cpu_is_never_a_fall_back_from_itself() {
    assertEquals(1, Records.classified(folder, "-m", good, "--strict-device", photo).size());
  }

  @Test
  void a_library_that_is_none_is_refused_by_name() {
    assertSays(refused(3, "classify", "-m", good, "--ort-library", "/nowhere", photo), "/nowhere");
    assertSays(
        refused(3, "classify", "-m", good, "--ort-library", photo, photo),
        photo.toString(),
        "not a Linux shared library");
    assertSays(refused(3, "devices", "--ort-library", folder), "no libonnxruntime.so in " + folder);
  }

  @Test
  void an_output_that_is_there_is_not_touched() throws Exception {
    Path file = Files.writeString(folder.resolve("out.jsonl"), "mine\n");
    assertSays(
        refused(4, "classify", "-q", "-m", good, photo, "-o", file),
        file + " is not empty; start again with --overwrite, or name another file");
    assertSays(
        refused(4, "classify", "-q", "-m", good, photo, "-o", file, "--resume"),
        "out.jsonl.run, which says how it was made, is missing");
    assertEquals("mine\n", Files.readString(file));
    assertSays(
        refused(2, "classify", "-m", good, photo, "-o", good, "--overwrite"), "is the model");
    assertSays(
        refused(4, "classify", "-q", "-m", good, photo, "-o", "/nowhere/x"), "no folder /nowhere");
    assertSays(refused(4, "classify", "-q", "-m", good, photo, "-o", folder), "it is a folder");
  }

  @Test
  void resuming_with_other_settings_names_them() throws Exception {
    Path file = folder.resolve("out.jsonl");
    Path labels = Files.writeString(folder.resolve("labels"), "a\nb\nc\n");
    Path other =
        ColourModel.LOGITS
            .withWeights(new float[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}})
            .write(folder.resolve("other.onnx"));
    assertEquals(0, Invocation.of("classify", "-m", good, photo, "-o", file).exitCode());
    byte[] before = Files.readAllBytes(file);
    record Case(String difference, Path model, List<Object> options) {}
    for (Case one :
        List.of(
            new Case("--top was 5, is now 2", good, List.of("--top", 2)),
            new Case("--batch was 16, is now 8", good, List.of("--batch", 8)),
            new Case("--threshold was ", good, List.of("--threshold", "0.5")),
            new Case("preprocessing was ", good, List.of("--preset", "keras")),
            new Case("labels was ", good, List.of("--labels", labels)),
            new Case("--lenient was false, is now true", good, List.of("--lenient")),
            new Case("--shard was 1/1, is now 1/2", good, List.of("--shard", "1/2")),
            new Case("the format was jsonl, is now csv", good, List.of("--format", "csv")),
            new Case("--model (SHA-256) was ", other, List.of()))) {
      Object[] words =
          Stream.concat(
                  Stream.of("classify", "-q", "-m", one.model(), photo, "-o", file, "--resume"),
                  one.options().stream())
              .toArray();
      assertSays(refused(4, words), "out.jsonl cannot be resumed: " + one.difference());
    }
    Path second = Photos.png(folder.resolve("second.png"), Color.BLUE);
    assertSays(
        refused(4, "classify", "-q", "-m", good, second, "-o", file, "--resume"),
        "record 1 is of " + photo);
    assertEquals(-1, Arrays.mismatch(before, Files.readAllBytes(file)));
  }

  @Test
  void inputs_that_give_no_picture_are_records() throws Exception {
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Records records =
        Records.classified(folder, "-m", good, empty, "nowhere.jpg", "@nowhere", good, "/dev/zero");
    assertEquals(
        List.of("no-pictures", "not-found", "not-found", "not-an-image", "unreadable"),
        records.kinds());
  }

  @Test
  void preprocess_refuses_what_it_would_destroy_or_cannot_write() {
    assertSays(refused(2, "preprocess", photo, "-o", photo), "is one of the photos");
    assertSays(refused(4, "preprocess", photo, "-o", "/nowhere/x.npy"), "/nowhere/x.npy");
    assertSays(refused(4, "preprocess", photo, "-o", "/nowhere/x.png"), "/nowhere/x.png");
    assertSays(refused(3, "preprocess", photo, "-m", photo, "-o", folder + "/x.npy"), "photo.png");
    assertSays(
        refused(2, "preprocess", photo, "--crop", "none", "-o", folder + "/x.npy"),
        "no fixed size");
  }
}
