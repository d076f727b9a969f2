package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.alexnetedge.natives.NativeLibraryException;
import org.alexnetedge.natives.Platform;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a path that is no usable ONNX Runtime: one sentence with the reason. */
class LibraryLoadingTest {
  private static final Path CARRIED = ModelFixture.environment().library().file();

  @TempDir Path folder;

  @Test
  void a_path_that_does_not_exist() {
    Path file = folder.resolve("libonnxruntime.so");
    assertRefused("There is no file or folder " + file + ".", file);
  }

  @Test
  void a_folder_without_the_library() throws Exception {
    Files.createDirectory(folder.resolve("lib"));
    Files.writeString(folder.resolve("libonnxruntime_providers_cuda.so"), "");
    assertRefused(
        "There is no libonnxruntime.so in " + folder + ", nor in its folders lib and capi.",
        folder);
  }

  @Test
  void a_text_file() throws Exception {
    Path file = Files.writeString(folder.resolve("libonnxruntime.so"), "INPUT(libreal.so)\n");
    assertRefused(file + " is not a Linux shared library (not an ELF file).", file);
    // The same found by its folder; and a file shorter than any header.
    assertRefused(file + " is not a Linux shared library (not an ELF file).", folder);
    Files.writeString(file, "");
    assertRefused(file + " is not a Linux shared library (not an ELF file).", file);
  }

  @Test
  void half_a_library() throws Exception {
    byte[] whole = Files.readAllBytes(CARRIED);
    Path file = folder.resolve("libonnxruntime.so");
    for (int size : new int[] {whole.length / 2, 1000, 70, 30}) {
      Files.write(file, Arrays.copyOf(whole, size));
      String message = refusal(file);
      assertTrue(
          message.startsWith(file + " is incomplete: it has " + size + " bytes of at least "),
          message);
      assertTrue(message.endsWith("; copy or build it again."), message);
    }
  }

  @Test
  void a_library_for_another_processor() throws Exception {
    boolean x86 = Platform.current() == Platform.LINUX_X86_64;
    Path file = folder.resolve("libonnxruntime.so");
    try (var in =
        LibraryLoadingTest.class
            .getClassLoader()
            .getResourceAsStream(
                "ai/onnxruntime/native/"
                    + (x86 ? "linux-aarch64" : "linux-x64")
                    + "/libonnxruntime.so")) {
      Files.copy(in, file);
    }
    assertRefused(
        file
            + " is built for another processor ("
            + (x86 ? "linux-aarch64" : "linux-x86_64")
            + "); this machine needs "
            + Platform.current().id()
            + ".",
        file);
  }

  @Test
  void a_shared_library_that_is_something_else() throws Exception {
    Path math;
    try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
      math =
          lines
              .filter(line -> line.contains("/libm.so") || line.contains("/libm-"))
              .map(line -> Path.of(line.substring(line.indexOf('/'))))
              .findFirst()
              .orElseThrow();
    }
    OrtException e =
        assertThrows(OrtException.class, () -> OrtLibrary.at(math, ModelFixture.cache()));
    assertEquals(
        math.toRealPath()
            + " is a shared library but not ONNX Runtime: it has no function OrtGetApiBase.",
        e.getMessage());
  }

  @Test
  void a_jar_without_natives_and_a_file_that_is_no_jar() throws Exception {
    Path jar = folder.resolve("some.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      zip.putNextEntry(new ZipEntry("ai/onnxruntime/OrtSession.class"));
    }
    assertRefused(
        "The jar " + jar + " holds no ONNX Runtime for " + Platform.current().id() + ".", jar);
    Files.writeString(jar, "no zip");
    String message = refusal(jar);
    assertTrue(message.startsWith("The jar " + jar + " cannot be read ("), message);
  }

  @Test
  void a_folder_with_the_library_in_lib_or_capi_or_by_a_versioned_name_is_taken() throws Exception {
    for (String place : new String[] {"libonnxruntime.so.1.29.0", "lib/libonnxruntime.so"}) {
      Path root = Files.createTempDirectory(folder, "jetson");
      Path link = root.resolve(place);
      Files.createDirectories(link.getParent());
      Files.createSymbolicLink(link, CARRIED);
      assertSame(ModelFixture.environment().library(), OrtLibrary.at(root, ModelFixture.cache()));
      Files.delete(link);
    }
  }

  @Test
  void a_dangling_link() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("libonnxruntime.so"), folder.resolve("no"));
    assertRefused("There is no file or folder " + link + ".", link);
    assertRefused("There is no file " + link + ".", folder);
  }

  private void assertRefused(String message, Path path) {
    assertEquals(message, refusal(path));
  }

  private static String refusal(Path path) {
    String message =
        assertThrows(NativeLibraryException.class, () -> OrtLibrary.at(path, ModelFixture.cache()))
            .getMessage();
    assertFalse(message.contains("\n"), message);
    assertTrue(message.endsWith("."), message);
    return message;
  }
}
