package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On the CPU alone, which compiles nothing: the model is optimised and written. */
class ModelCompilationTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();
  private static final ModelCompilation COMPILATION =
      ModelCompilation.with(ORT, SessionOptions.DEFAULT);

  @TempDir Path folder;

  private Path model = Path.of("");
  private Path compiled = Path.of("");

  @BeforeEach
  void write_the_model() {
    model = folder.resolve("modèle.onnx");
    compiled = folder.resolve("compilé.onnx");
    ModelFixture.conv(40).write(model);
  }

  @Test
  void a_file_is_compiled_into_a_file_or_memory_and_memory_into_both() throws Exception {
    byte[] bytes = Files.readAllBytes(model);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment inNative = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      MemorySegment onHeap = MemorySegment.ofArray(bytes);
      COMPILATION.compile(model, compiled);
      assertSameAsBefore(compiled);
      for (MemorySegment source : new MemorySegment[] {inNative, onHeap}) {
        Files.delete(compiled);
        COMPILATION.compile(source, compiled);
        assertSameAsBefore(compiled);
        assertSameAsBefore(COMPILATION.compile(source, arena));
      }
      assertSameAsBefore(COMPILATION.compile(model, arena));
      assertSameAsBefore(COMPILATION.embedded().compile(model, arena));
    }
  }

  @Test
  void weights_from_a_size_on_go_into_a_file_of_their_own() throws Exception {
    Path weights = folder.resolve("weights.bin");
    COMPILATION.weightsInto(weights.getFileName(), 512).compile(model, compiled);
    assertEquals(40 * 27 * 4, Files.size(weights), 4096, "40 filters of 3 x 3 x 3, and padding");
    assertTrue(Files.size(compiled) < 40 * 27 * 4);
    assertSameAsBefore(compiled);
    Path none = folder.resolve("none.bin");
    Files.delete(compiled);
    COMPILATION.weightsInto(none.getFileName(), 1 << 20).compile(model, compiled);
    assertTrue(Files.size(compiled) > 40 * 27 * 4);
    assertSameAsBefore(compiled);
  }

  @Test
  void the_file_of_weights_needs_a_folder() throws Exception {
    byte[] bytes = Files.readAllBytes(model);
    ModelCompilation split = COMPILATION.weightsInto(Path.of("weights.bin"), 512);
    split.compile(MemorySegment.ofArray(bytes), compiled);
    assertSameAsBefore(compiled);
    Files.delete(folder.resolve("weights.bin"));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment written = split.compile(model, arena);
      Path beside = Files.write(compiled, written.toArray(ValueLayout.JAVA_BYTE));
      assertSameAsBefore(beside);
      assertEquals(
          "From memory into memory there is no folder for the weights' file weights.bin.",
          assertThrows(
                  IllegalStateException.class,
                  () -> split.compile(MemorySegment.ofArray(bytes), arena))
              .getMessage());
    }
    Path absolute = folder.resolve("weights.bin").toAbsolutePath();
    assertEquals(
        "The weights' file is named by its path from the compiled model's folder, not by "
            + absolute
            + ".",
        assertThrows(IllegalArgumentException.class, () -> COMPILATION.weightsInto(absolute, 512))
            .getMessage());
    assertThrows(
        OrtException.class,
        () -> COMPILATION.weightsInto(Path.of("none/weights.bin"), 512).compile(model, compiled));
  }

  @Test
  void options_of_the_session_take_part() throws Exception {
    Path product = folder.resolve("product.onnx");
    ModelFixture.product().write(product);
    try (Tensor zeros = ModelFixture.tensor(new float[16], 4, 4)) {
      ModelCompilation.with(
              ORT,
              SessionOptions.builder()
                  .freeDimension("batch", 1)
                  .initializer("tensor", zeros)
                  .build())
          .compile(product, compiled);
    }
    try (Session session = Session.open(ORT, compiled, SessionOptions.DEFAULT)) {
      assertEquals("[x: float[1,4]]", session.inputs().toString());
    }
  }

  @Test
  void asked_to_fail_without_compiled_nodes_it_does() {
    OrtException e =
        assertThrows(
            OrtException.class,
            () -> COMPILATION.orFailWithoutCompiledNodes().compile(model, compiled));
    assertTrue(e.getMessage().contains("Unable to compile any nodes"), e.getMessage());
    assertFalse(Files.exists(compiled));
  }

  @Test
  void asked_to_fail_when_the_file_exists_it_does_and_leaves_it() throws Exception {
    Files.writeString(compiled, "mine");
    OrtException e =
        assertThrows(
            OrtException.class, () -> COMPILATION.orFailWhenFileExists().compile(model, compiled));
    assertTrue(e.getMessage().contains(compiled.toString()), e.getMessage());
    assertEquals("mine", Files.readString(compiled));
    COMPILATION.compile(model, compiled);
    assertSameAsBefore(compiled);
    Files.delete(compiled);
    COMPILATION.orFailWhenFileExists().compile(model, compiled);
    assertSameAsBefore(compiled);
  }

  @Test
  void what_is_no_model_and_where_nothing_can_be_written_is_an_error() throws Exception {
    Path missing = folder.resolve("missing.onnx");
    OrtException e = assertThrows(OrtException.class, () -> COMPILATION.compile(missing, compiled));
    assertTrue(e.getMessage().contains(missing.toString()), e.getMessage());
    Path text = Files.writeString(folder.resolve("text.onnx"), "this is no model\n");
    assertThrows(OrtException.class, () -> COMPILATION.compile(text, compiled));
    try (Arena arena = Arena.ofConfined()) {
      for (int size : new int[] {0, 1, 1000}) {
        MemorySegment garbage = MemorySegment.ofArray(new byte[size]);
        assertThrows(OrtException.class, () -> COMPILATION.compile(garbage, arena), "" + size);
      }
      assertThrows(OrtException.class, () -> COMPILATION.compile(missing, arena));
    }
    Path nowhere = folder.resolve("none").resolve("compiled.onnx");
    assertThrows(OrtException.class, () -> COMPILATION.compile(model, nowhere));
    assertThrows(
        OrtException.class,
        () ->
            ModelCompilation.with(ORT, SessionOptions.builder().providers(Provider.cuda(0)).build())
                .compile(model, compiled));
    assertFalse(Files.exists(compiled));
  }

  private void assertSameAsBefore(Path file) {
    try (Session before = Session.open(ORT, model, SessionOptions.DEFAULT);
        Session after = Session.open(ORT, file, SessionOptions.DEFAULT)) {
      assertSame(before, after);
    }
  }

  private void assertSameAsBefore(MemorySegment bytes) {
    try (Session before = Session.open(ORT, model, SessionOptions.DEFAULT);
        Session after = Session.open(ORT, bytes, SessionOptions.DEFAULT)) {
      assertSame(before, after);
    }
  }

  private static void assertSame(Session before, Session after) {
    float[] picture = new float[3 * 9 * 9];
    for (int i = 0; i < picture.length; i++) {
      picture[i] = i % 11;
    }
    assertEquals(before.inputs(), after.inputs());
    try (Tensor x = ModelFixture.tensor(picture, 1, 3, 9, 9);
        Outputs expected = before.run(Map.of("x", x));
        Outputs actual = after.run(Map.of("x", x))) {
      assertArrayEquals(
          expected.tensor("y").toFloatArray(), actual.tensor("y").toFloatArray(), 1e-5f);
    }
  }
}
