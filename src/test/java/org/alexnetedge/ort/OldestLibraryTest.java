package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.alexnetedge.natives.Platform;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The oldest ONNX Runtime that is supported, from Microsoft's jar; pom.xml puts it there. */
class OldestLibraryTest {
  private static final Path JAR = Path.of("target/oldest-onnxruntime/onnxruntime.jar");

  private static final String VERSION = System.getProperty("onnxruntime.oldest.version", "1.16.3");

  @TempDir Path folder;

  @Test
  void it_does_all_that_it_can_and_names_the_version_that_more_would_need() {
    Path model = folder.resolve("linear.onnx");
    ModelFixture.linear().metadata("labels", "[\"ö\"]").build().write(model);
    List<String> said = OtherLibrary.run(JAR, model);
    assertEquals("version " + VERSION + ", API 16", said.get(0));
    assertTrue(said.get(1).contains("CPUExecutionProvider"), said.get(1));
    assertEquals("[x: float[batch,3]] -> [y: float[batch,2]]", said.get(2));
    assertEquals("{labels=[\"ö\"]}", said.get(3));
    assertEquals("ö|", said.get(4));
    assertEquals("[1.0, 2.0]", said.get(5));
    assertEquals("[1.0, 2.0]", said.get(6));
    assertTrue(said.get(7).contains("terminate flag"), said.get(7));
    assertEquals(
        "Session_GetEpGraphAssignmentInfo needs ONNX Runtime 1.24; the loaded library is "
            + VERSION
            + ".",
        said.get(8));
    assertTrue(said.get(9).startsWith("CUDAExecutionProvider cannot be used: "), said.get(9));
    assertTrue(said.get(10).contains("string"), said.get(10));
    assertEquals("libonnxruntime.so", said.get(11));
  }

  @Test
  void one_that_is_older_still_is_refused() throws Exception {
    // The same library under another version: nothing but the version string is looked at.
    byte[] library =
        OtherLibrary.inJar(
            JAR, Platform.current() == Platform.LINUX_X86_64 ? "linux-x64" : "linux-aarch64");
    String text = new String(library, StandardCharsets.ISO_8859_1);
    String older = text.replace(VERSION + "\0", "1.15.1\0");
    assertTrue(!older.equals(text));
    Path file = folder.resolve("libonnxruntime.so");
    Files.write(file, older.getBytes(StandardCharsets.ISO_8859_1));
    assertEquals(
        List.of(
            file.toRealPath()
                + " is ONNX Runtime 1.15.1, which is too old: 1.16 or newer is needed."),
        OtherLibrary.run(file, folder.resolve("none.onnx")));
  }

  @Test
  void one_that_does_not_offer_what_its_version_promises_is_refused() throws Exception {
    byte[] library =
        OtherLibrary.inJar(
            JAR, Platform.current() == Platform.LINUX_X86_64 ? "linux-x64" : "linux-aarch64");
    String text = new String(library, StandardCharsets.ISO_8859_1);
    Path file = folder.resolve("libonnxruntime.so");
    Files.write(
        file, text.replace(VERSION + "\0", "1.28.0\0").getBytes(StandardCharsets.ISO_8859_1));
    // It is 1.16 in truth: it says so on standard error and gives no function table.
    List<String> said = OtherLibrary.run(file, folder.resolve("none.onnx"));
    assertEquals(
        file.toRealPath() + " (ONNX Runtime 1.28.0) does not offer API version 28.",
        said.getLast());
  }
}
