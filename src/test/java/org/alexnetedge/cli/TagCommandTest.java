package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.alexnetedge.SharedData;
import org.alexnetedge.image.Recipe;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.OnnxModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TagCommandTest {
  @TempDir private Path folder;

  private Path labels(int count) throws IOException {
    List<String> names = IntStream.range(0, count).mapToObj(i -> "class " + i).toList();
    return Files.write(folder.resolve("labels.txt"), names);
  }

  private static Invocation tag(Object... arguments) {
    return Invocation.of(Stream.concat(Stream.of("tag"), Stream.of(arguments)).toArray());
  }

  @ParameterizedTest
  @CsvSource({
    "references/torchvision-narrow/model.onnx,10,torchvision",
    "references/torchvision-narrow/model-ts.onnx,10,torchvision",
    "data/onnx/light/light_bvlc_alexnet.onnx,1000,caffe",
    "data/onnx/squeezenet_v1.0.onnx,1000,torchvision"
  })
  void exports_of_all_kinds_carry_their_labels_and_preprocessing(
      String name, int classes, String preset) throws IOException {
    Path source = SharedData.at(name);
    Path model = folder.resolve("m.onnx");
    Invocation run = tag(source, "--labels", labels(classes), "--preset", preset, "-o", model);
    assertEquals(0, run.exitCode(), run.err());
    assertEquals("", run.out());
    OnnxModel before = OnnxModel.read(source);
    OnnxModel after = OnnxModel.read(model);
    Map<String, String> said = after.metadata();
    assertEquals("1", said.get("alexnet.version"));
    assertTrue(said.get("labels").startsWith("[\"class 0\",\"class 1\","), said.get("labels"));
    assertEquals(
        Recipe.preset(preset).withSize(224, 224), Recipe.fromJson(said.get("preprocessing")));
    assertEquals(before.opsets(), after.opsets());
    assertEquals(before.parameterCount(), after.parameterCount());
    assertFalse(said.containsKey("task"));
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 8, 9, 11, 13})
  void models_of_old_operator_sets_are_tagged_and_classify(long opset) throws IOException {
    Path created = folder.resolve("created.onnx");
    Object[] words = {"create", "-o", created, "--width", 0.05, "--classes", 3, "--arch", "paper"};
    assertEquals(0, Invocation.of(words).exitCode());
    Path old = folder.resolve("old.onnx");
    GraphBuilder.of(OnnxModel.read(created)).opset("", opset).irVersion(4).build().write(old);
    Path model = folder.resolve("m.onnx");
    Invocation run = tag(old, "--labels", labels(3), "--preset", "caffe", "-o", model);
    assertEquals(0, run.exitCode(), run.err());
    assertEquals(Map.of("", opset), OnnxModel.read(model).opsets());
    String photo = "examples/photos/cat.png";
    assertEquals(
        Records.classified(folder, "-m", created, photo).score(0, 0),
        Records.classified(folder, "-m", model, photo).score(0, 0),
        1e-5);
  }

  @Test
  void what_was_said_stays_and_what_is_given_changes() throws IOException {
    Path source = ColourModel.LOGITS.write(folder.resolve("colours.onnx"));
    Path first = folder.resolve("first.onnx");
    assertEquals(0, tag(source, "--labels", labels(3), "--divide", "255", "-o", first).exitCode());
    Path second = folder.resolve("second.onnx");
    Invocation run = tag(first, "--task", "sigmoid", "--scores", "logits", "-o", second);
    assertEquals(0, run.exitCode(), run.err());
    assertFalse(run.err().contains("Still assumed"), run.err());
    Map<String, String> before = OnnxModel.read(first).metadata();
    Map<String, String> after = OnnxModel.read(second).metadata();
    assertEquals(before.get("labels"), after.get("labels"));
    assertEquals(before.get("preprocessing"), after.get("preprocessing"));
    assertEquals("sigmoid", after.get("task"));
    assertEquals("logits", after.get("output"));
  }

  @Test
  void mistakes_leave_no_file() throws IOException {
    Path source = SharedData.at("references/torchvision-narrow/model.onnx");
    Path model = folder.resolve("m.onnx");
    assertSays(2, "There is nothing to write", source, "-o", model);
    assertSays(
        3, "It has 10 classes, but there are 3 labels", source, "--labels", labels(3), "-o", model);
    assertSays(2, "--task must be softmax or sigmoid", source, "--task", "both", "-o", model);
    assertSays(2, "There is no preprocessing preset", source, "--preset", "tf", "-o", model);
    assertSays(3, "options ask for 100x100", source, "--crop", "100", "-o", model);
    assertFalse(Files.exists(model));
    Files.writeString(model, "mine");
    assertSays(4, "exists already", source, "--task", "softmax", "-o", model);
    assertSays(4, "is a folder", source, "--task", "softmax", "-o", folder);
    assertSays(4, "there is no", source, "--task", "softmax", "-o", folder.resolve("none/m.onnx"));
  }

  private static void assertSays(int exitCode, String words, Object... arguments) {
    Invocation run = tag(arguments);
    assertEquals(exitCode, run.exitCode(), run.err());
    assertTrue(run.err().contains(words), run.err());
  }
}
