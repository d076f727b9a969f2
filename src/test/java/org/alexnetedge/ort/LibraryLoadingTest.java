package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.alexnetedge.natives.NativeLibraryException;
import org.alexnetedge.natives.Platform;
import org.junit.jupiter.api.Assumptions;
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
    Path file = OtherLibrary.ofAnotherProcessor(folder);
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
    Path math = OtherLibrary.math();
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
  void a_folder_with_the_librarys_name() throws Exception {
    Path named = Files.createDirectory(folder.resolve("libonnxruntime.so"));
    assertRefused(named + " is not a file, so it cannot be loaded.", folder);
  }

  @Test
  void a_library_that_may_not_be_read() throws Exception {
    Path file = Files.copy(CARRIED, folder.resolve("libonnxruntime.so"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("-w--w--w-"));
    Assumptions.assumeFalse(Files.isReadable(file), "root may read everything");
    String message = refusal(file);
    assertTrue(message.startsWith(file + " cannot be read ("), message);
    assertTrue(message.endsWith("); check its permissions."), message);
  }

  @Test
  void a_library_that_may_not_be_executed_is_taken_as_the_loader_asks_for_reading_only()
      throws Exception {
    Path model = folder.resolve("linear.onnx");
    ModelFixture.linear().build().write(model);
    Path file = Files.copy(CARRIED, folder.resolve("libonnxruntime.so"));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
    assertEquals("[1.0, 2.0]", OtherLibrary.run(file, model).get(5));
  }

  @Test
  void a_header_of_nonsense() throws Exception {
    byte[] start = Arrays.copyOf(Files.readAllBytes(CARRIED), 4096);
    Path file = folder.resolve("libonnxruntime.so");
    // Numbers, sizes and places of the program header (elf.h, Elf64_Ehdr), all at their largest.
    for (int place = 24; place < 64; place++) {
      for (int length : new int[] {1, 2, 8}) {
        byte[] nonsense = start.clone();
        Arrays.fill(nonsense, place, Math.min(64, place + length), (byte) 0xff);
        Files.write(file, nonsense);
        refusal(file);
      }
    }
    Arrays.fill(start, 24, 64, (byte) 0xff);
    Files.write(file, start);
    refusal(file);
    Arrays.fill(start, 24, 64, (byte) 0x7f);
    Files.write(file, start);
    refusal(file);
  }

  @Test
  void a_version_that_does_not_exist_yet_is_used_by_the_newest_functions_known() throws Exception {
    Path model = folder.resolve("linear.onnx");
    ModelFixture.linear().build().write(model);
    assertEquals(28, ModelFixture.environment().library().apiVersion());
    for (String later : new String[] {"1.99.0", "2.10.0"}) {
      List<String> said = OtherLibrary.run(withVersion(later), model);
      assertEquals("version " + later + ", API 28", said.get(0));
      assertEquals("[1.0, 2.0]", said.get(5));
    }
  }

  @Test
  void a_version_that_is_no_number() throws Exception {
    Path file = withVersion("1.x9.0");
    assertEquals(
        List.of(
            file.toRealPath() + " calls itself ONNX Runtime '1.x9.0', which is no version number."),
        OtherLibrary.run(file, folder.resolve("none.onnx")));
  }

  /** The carried library under another version: nothing but the version string is looked at. */
  private Path withVersion(String version) throws IOException {
    String text = new String(Files.readAllBytes(CARRIED), StandardCharsets.ISO_8859_1);
    String own = ModelFixture.environment().library().version();
    String changed = text.replace("\0" + own + "\0", "\0" + version + "\0");
    assertFalse(changed.equals(text));
    return Files.write(
        folder.resolve("libonnxruntime.so"), changed.getBytes(StandardCharsets.ISO_8859_1));
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
