package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.alexnetedge.natives.NativeLibraryException;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Operators of Microsoft's onnxruntime-extensions, from its jar (Linux on x86-64 only). */
class CustomOperatorsTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  private static final String LIBRARY =
      "ai/onnxruntime/extensions/native/linux-x64/libonnxruntime_extensions4j_jni.so";

  @TempDir Path folder;

  @Test
  void an_operator_of_a_library_runs() throws Exception {
    Path library = extensions();
    try (Session session = open(model(), library);
        Tensor x = Tensor.ofStrings(ORT, new String[] {"first", "zweitens", ""}, 3);
        Outputs outputs = session.run(Map.of("x", x))) {
      assertArrayEquals(new String[] {"FIRST", "ZWEITENS", ""}, outputs.tensor("y").strings());
    }
  }

  @Test
  void an_operator_with_several_outputs_runs() throws Exception {
    OnnxModel parts =
        ModelFixture.graph("parts")
            .opset("ai.onnx.contrib", 1)
            .input("x", ModelFixture.floats("n"))
            .output("negative", ModelFixture.floats("n"))
            .output("positive", ModelFixture.floats("n"))
            .node(
                Node.of("NegPos", List.of("x"), List.of("negative", "positive"))
                    .withDomain("ai.onnx.contrib"))
            .build();
    try (Session session = open(parts, extensions());
        Tensor x = ModelFixture.tensor(new float[] {1, -2, 3}, 3);
        Outputs outputs = session.run(Map.of("x", x))) {
      assertArrayEquals(new float[] {0, -2, 0}, outputs.tensor("negative").toFloatArray());
      assertArrayEquals(new float[] {1, 0, 3}, outputs.tensor("positive").toFloatArray());
    }
  }

  @Test
  void the_library_stays_loaded_as_long_as_a_session_uses_it_and_can_be_loaded_again()
      throws Exception {
    Path library = extensions();
    for (int i = 0; i < 3; i++) {
      Session first = open(model(), library);
      Session second = open(model(), library);
      first.close();
      try (second;
          Tensor x = Tensor.ofStrings(ORT, new String[] {"a"}, 1);
          Outputs outputs = second.run(Map.of("x", x))) {
        assertArrayEquals(new String[] {"A"}, outputs.tensor("y").strings());
      }
    }
  }

  @Test
  void without_the_library_the_operator_is_unknown() {
    OrtException e = assertThrows(OrtException.class, () -> ModelFixture.open(model()));
    assertTrue(e.getMessage().contains("ai.onnx.contrib"), e.getMessage());
  }

  @Test
  void the_library_given_twice_is_refused() throws Exception {
    Path library = extensions();
    SessionOptions.Builder options =
        SessionOptions.builder().customOperators(library).customOperators(library);
    OrtException e = assertThrows(OrtException.class, () -> ModelFixture.open(model(), options));
    assertTrue(e.getMessage().contains("Domain already set"), e.getMessage());
  }

  @Test
  void a_file_that_is_no_library_of_operators_is_refused_with_the_reason() throws Exception {
    Path missing = folder.resolve("missing.so");
    assertRefused("There is no file " + missing + ".", missing);
    assertRefused(folder + " is not a file, so it cannot be loaded.", folder);
    Path text = Files.writeString(folder.resolve("text.so"), "INPUT(libreal.so)\n");
    assertRefused(text + " is not a Linux shared library (not an ELF file).", text);
    Path other = OtherLibrary.ofAnotherProcessor(folder);
    String foreign = refusal(other);
    assertTrue(foreign.startsWith(other + " is built for another processor ("), foreign);
    byte[] whole = Files.readAllBytes(ORT.library().file());
    for (int size : new int[] {whole.length / 2, 5000, 40}) {
      Path half = Files.write(folder.resolve("half.so"), Arrays.copyOf(whole, size));
      String cut = refusal(half);
      assertTrue(cut.startsWith(half + " is incomplete: it has " + size + " bytes"), cut);
    }
  }

  @Test
  void a_library_without_operators_is_refused_naming_the_function_that_it_lacks() throws Exception {
    for (Path library : List.of(OtherLibrary.math(), ORT.library().file())) {
      OrtException e = assertThrows(OrtException.class, () -> open(model(), library));
      assertTrue(
          e.getMessage().startsWith("Failed to get symbol RegisterCustomOps with error: "),
          e.getMessage());
      assertTrue(e.getMessage().contains(library.getFileName().toString()), e.getMessage());
    }
  }

  private static void assertRefused(String message, Path library) {
    assertEquals(message, refusal(library));
  }

  private static String refusal(Path library) {
    return assertThrows(NativeLibraryException.class, () -> open(model(), library)).getMessage();
  }

  private static Session open(OnnxModel model, Path library) {
    return ModelFixture.open(model, SessionOptions.builder().customOperators(library));
  }

  private Path extensions() throws IOException {
    Path file = folder.resolve("libextensions.so");
    try (InputStream in = ClassLoader.getSystemResourceAsStream(LIBRARY)) {
      Assumptions.assumeTrue(
          in != null
              && org.alexnetedge.natives.Platform.current()
                  == org.alexnetedge.natives.Platform.LINUX_X86_64,
          "onnxruntime-extensions has no library for this machine");
      Files.copy(in, file);
    }
    return file;
  }

  /** {@code y} is {@code x} in capital letters. */
  private static OnnxModel model() {
    var strings = ModelFixture.type(org.alexnetedge.onnx.ElementType.STRING, "n");
    return ModelFixture.graph("capitals")
        .opset("ai.onnx.contrib", 1)
        .input("x", strings)
        .output("y", strings)
        .node(Node.of("StringUpper", List.of("x"), List.of("y")).withDomain("ai.onnx.contrib"))
        .build();
  }
}
