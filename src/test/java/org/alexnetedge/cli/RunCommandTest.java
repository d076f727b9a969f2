package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.alexnetedge.SharedData;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.onnx.TensorFile;
import org.alexnetedge.onnx.ValueType;
import org.alexnetedge.weights.Npy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class RunCommandTest {
  @TempDir private Path folder;

  /** y = a + b, and a copy of a under another name. */
  private Path sum() {
    ValueType two = ValueType.tensor(ElementType.FLOAT32, Dimension.of(2));
    Path file = folder.resolve("sum.onnx");
    new GraphBuilder("sum", 8, 17)
        .input("a", two)
        .input("b", two)
        .output("y/1", two)
        .output("y_1", two)
        .node("Add", List.of("a", "b"), "y/1")
        .node("Identity", List.of("a"), "y_1")
        .build()
        .write(file);
    return file;
  }

  private Path array(String name, float... values) {
    Path file = folder.resolve(name);
    Npy.write(file, Tensor.ofFloats(new long[] {values.length}, values));
    return file;
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.onnx", "model-ts.onnx"})
  void an_exported_alexnet_gives_pytorch_s_logits(String model) {
    Path references = SharedData.at("references/torchvision-narrow");
    Path out = folder.resolve("logits.npy");
    Invocation run =
        Invocation.of(
            "run",
            references.resolve(model),
            "--input",
            references.resolve("input.npy"),
            "-o",
            out);
    assertEquals(0, run.exitCode(), run.err());
    float[] expected = Npy.read(references.resolve("logits.npy")).toFloats();
    float[] logits = Npy.read(out).toFloats();
    float largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertArrayEquals(expected, logits, 1e-5f * largest);
  }

  @Test
  void inputs_are_taken_by_name_or_in_their_order() {
    Path a = array("a.npy", 1, 2);
    Path b = array("b=b.npy", 10, 20);
    Path out = folder.resolve("y.npy");
    for (List<Object> inputs :
        List.<List<Object>>of(
            List.of("-i", "b=" + b, "-i", "a=" + a),
            List.of("-i", a, "-i", b),
            List.of("-i", "b=" + b, "-i", a))) {
      Object[] words =
          Stream.concat(Stream.of("run", sum(), "--outputs", "y/1", "-o", out), inputs.stream())
              .toArray();
      Invocation run = Invocation.of(words);
      assertEquals(0, run.exitCode(), run.err());
      assertArrayEquals(new float[] {11, 22}, Npy.read(out).toFloats());
    }
  }

  @Test
  void several_outputs_go_into_a_folder_and_none_replaces_another() {
    Path a = array("a.npy", 1, 2);
    Path out = folder.resolve("outputs");
    Invocation run = Invocation.of("run", sum(), "-i", a, "-i", a, "-o", out);
    assertEquals(0, run.exitCode(), run.err());
    assertArrayEquals(new float[] {2, 4}, Npy.read(out.resolve("y_1.npy")).toFloats());
    assertArrayEquals(new float[] {1, 2}, Npy.read(out.resolve("output1.npy")).toFloats());
    Invocation single = Invocation.of("run", sum(), "-i", a, "-i", a, "-o", folder + "/y.npy");
    assertEquals(2, single.exitCode());
    assertTrue(single.err().contains("[y/1, y_1]: name a folder"), single.err());
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "FLOAT32",
        "UINT8",
        "INT8",
        "UINT16",
        "INT16",
        "INT32",
        "INT64",
        "BOOL",
        "FLOAT16",
        "FLOAT64",
        "UINT32",
        "UINT64",
        "BFLOAT16"
      })
  void numbers_of_every_type_pass_bit_for_bit(ElementType type) {
    ValueType shape = ValueType.tensor(type, Dimension.of("n"));
    Path model = folder.resolve("copy.onnx");
    new GraphBuilder("copy", 9, 19)
        .input("x", shape)
        .output("y", shape)
        .node("Identity", List.of("x"), "y")
        .build()
        .write(model);
    MemorySegment bits = Arena.ofAuto().allocate(type.byteSize(2), 8);
    for (long i = 0; i < bits.byteSize(); i++) {
      bits.set(ValueLayout.JAVA_BYTE, i, (byte) (type == ElementType.BOOL ? 1 - i : 3 * i + 1));
    }
    Tensor tensor = Tensor.of(type, new long[] {2}, bits);
    Path npy = folder.resolve("x.npy");
    Path pb = folder.resolve("x.pb");
    Npy.write(npy, tensor);
    TensorFile.write(pb, "x", tensor);
    for (Path in : List.of(npy, pb)) {
      for (String name : List.of("y.npy", "y.pb")) {
        Path out = folder.resolve(name);
        Invocation run = Invocation.of("run", model, "-i", in, "-o", out);
        assertEquals(0, run.exitCode(), run.err());
        assertEquals(
            tensor, name.endsWith(".pb") ? TensorFile.read(out) : Npy.read(out), in + " " + name);
      }
    }
  }

  @Test
  void texts_pass_as_tensors_of_onnx() {
    ValueType shape = ValueType.tensor(ElementType.STRING, Dimension.of("n"));
    Path model = folder.resolve("copy.onnx");
    new GraphBuilder("copy", 8, 17)
        .input("x", shape)
        .output("y", shape)
        .node("Identity", List.of("x"), "y")
        .build()
        .write(model);
    Tensor texts = Tensor.ofStrings(new long[] {3}, List.of("größe", "", "\u001b[31m"));
    TensorFile.write(folder.resolve("x.pb"), "x", texts);
    Path out = folder.resolve("y.pb");
    Invocation run = Invocation.of("run", model, "-i", folder + "/x.pb", "-o", out);
    assertEquals(0, run.exitCode(), run.err());
    assertEquals(texts.strings(), TensorFile.read(out).strings());
  }

  @Test
  void what_does_not_fit_the_model_is_said_in_a_sentence() {
    Path a = array("a.npy", 1, 2);
    Path three = array("three.npy", 1, 2, 3);
    Path out = folder.resolve("out");
    record Case(int code, String sentence, List<Object> words) {}
    List<Case> cases =
        List.of(
            new Case(2, "The model has no input 'c'", List.of("-i", "c=x.npy")),
            new Case(2, "The input b: float[2] needs a file", List.of("-i", a)),
            new Case(2, "The model takes 2 inputs;", List.of("-i", a, "-i", a, "-i", a)),
            new Case(2, "The input 'a' is given twice.", List.of("-i", "a=" + a, "-i", "a=" + a)),
            new Case(2, "There is no file nowhere.npy.", List.of("-i", a, "-i", "nowhere.npy")),
            new Case(2, "sum.onnx is not a NumPy array", List.of("-i", a, "-i", sum())),
            new Case(2, "The model has no output 'z'", List.of("-i", a, "-i", a, "--outputs", "z")),
            new Case(3, "The model could not be run: ", List.of("-i", a, "-i", three)));
    for (Case one : cases) {
      Object[] words =
          Stream.concat(Stream.of("run", sum(), "-o", out), one.words().stream()).toArray();
      Invocation run = Invocation.of(words);
      assertEquals(one.code(), run.exitCode(), run.err());
      assertTrue(run.err().contains(one.sentence()), run.err());
      assertTrue(run.err().lines().count() <= 2, run.err());
    }
    assertTrue(Files.notExists(out));
  }

  @Test
  void an_output_that_cannot_be_written_is_exit_code_4() {
    Path a = array("a.npy", 1, 2);
    for (String out : List.of("/nowhere/y.npy", a + "/y", "/dev/full")) {
      Invocation run = Invocation.of("run", sum(), "-i", a, "-i", a, "--outputs", "y_1", "-o", out);
      assertEquals(4, run.exitCode(), run.err());
      assertTrue(run.err().contains(out), run.err());
      assertEquals(1, run.err().lines().count(), run.err());
    }
  }
}
