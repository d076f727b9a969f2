package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.alexnetedge.cli.Jar.Finished;
import org.alexnetedge.ort.ModelFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java examples, as their comments say to run them. */
class ExampleIT {
  @TempDir private Path folder;

  @Test
  void classify_folder_gives_the_records_of_the_command_line() throws Exception {
    Jar jar = new Jar(folder);
    Path model = folder.resolve("narrow.onnx");
    Finished created =
        jar.run("create", "-o", model.toString(), "--width", "0.1", "--classes", "5");
    assertEquals(0, created.exitCode(), created.toString());
    Path photos = Photos.examples().toAbsolutePath();
    Finished example = example("ClassifyFolder", model, photos);
    assertEquals(0, example.exitCode(), example.toString());
    Records records =
        Records.of(jar.run("classify", "-q", "-m", model.toString(), photos.toString()).out());
    List<String> lines = example.out().lines().toList();
    assertEquals(records.size(), lines.size(), example.toString());
    for (int i = 0; i < lines.size(); i++) {
      String expected = "%s: null (%d) ".formatted(records.files().get(i), records.best().get(i));
      assertTrue(lines.get(i).startsWith(expected), lines.get(i));
    }
  }

  @Test
  void io_binding_gives_the_scores_of_each_picture_in_turn() throws Exception {
    Finished example = example("IoBindingExample", average());
    assertEquals(0, example.exitCode(), example.toString());
    assertEquals(
        """
        gray 0.00: class 0 has the score 0.0000
        gray 0.25: class 0 has the score 0.2500
        gray 0.50: class 0 has the score 0.5000
        gray 0.75: class 0 has the score 0.7500
        gray 1.00: class 0 has the score 1.0000
        """,
        example.out(),
        example.err());
  }

  @Test
  void custom_library_takes_a_jar_and_says_what_is_wrong_with_a_path() throws Exception {
    Path model = average();
    Path oldest = Path.of("target/oldest-onnxruntime/onnxruntime.jar").toAbsolutePath();
    Finished example = example("CustomLibraryExample", oldest, model);
    assertEquals(0, example.exitCode(), example.toString());
    assertTrue(
        example.out().matches("ONNX Runtime 1\\.16\\.\\d+ \\[.*CPUExecutionProvider]\n(?s:.*)"),
        example.toString());
    assertTrue(
        example.out().endsWith("\n[x: float[batch,3,height,width]] -> [y: float[batch,2]]\n"),
        example.toString());

    Path missing = folder.resolve("libonnxruntime.so");
    Finished failed = example("CustomLibraryExample", missing, model);
    assertEquals(1, failed.exitCode(), failed.toString());
    assertTrue(
        failed.err().endsWith("There is no file or folder " + missing + ".\n"), failed.err());
  }

  @Test
  void cuda_options_says_why_a_library_for_the_cpu_is_no_use() throws Exception {
    Path oldest = Path.of("target/oldest-onnxruntime/onnxruntime.jar").toAbsolutePath();
    Finished example = example("CudaOptionsExample", oldest, average());
    assertEquals(1, example.exitCode(), example.toString());
    assertTrue(
        example.err().contains("CUDAExecutionProvider cannot be used: "), example.toString());
    assertEquals("", example.out());
  }

  /** Each of two classes has the average of the picture's values. */
  private Path average() {
    Path model = folder.resolve("average.onnx");
    ModelFixture.conv(2).write(model);
    return model;
  }

  private Finished example(String name, Path... arguments) throws Exception {
    return new Jar(folder)
        .script(
            "'%s' -XX:+UseSerialGC -cp '%s' examples/%s.java \"$@\""
                .formatted(Jar.java(), Jar.file(), name),
            (Object[]) arguments);
  }
}
