package org.alexnetedge.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeCacheTest {
  @TempDir Path folder;

  private final List<String> warnings = new ArrayList<>();
  private int opened;

  @Test
  void files_are_extracted_once_for_their_owner_only() throws Exception {
    NativeCache cache = new NativeCache(folder.resolve("cache"), warnings::add);
    Path made = cache.extract("two", List.of(content("a.so", "A"), content("b.so", "B")));
    assertEquals(folder.resolve("cache/natives/two"), made);
    assertEquals("A", Files.readString(made.resolve("a.so")));
    assertEquals("B", Files.readString(made.resolve("b.so")));
    assertPermissions("rwx------", made);
    assertPermissions("rwx------", made.getParent());
    assertPermissions("r-x------", made.resolve("a.so"));
    assertEquals(2, opened);

    Path again =
        new NativeCache(folder.resolve("cache"), warnings::add)
            .extract("two", List.of(content("a.so", "A"), content("b.so", "B")));
    assertEquals(made, again);
    assertEquals(2, opened);
    assertEquals(List.of(), warnings);
    assertEquals(List.of("two"), names(made.getParent()));
  }

  @Test
  void a_damaged_file_is_extracted_again() throws Exception {
    NativeCache cache = new NativeCache(folder, warnings::add);
    List<NativeCache.Content> contents = List.of(content("a.so", "AAAA"), content("b.so", "B"));
    Path file = cache.extract("x", contents).resolve("a.so");

    rewrite(file, "AA");
    assertEquals("AAAA", Files.readString(cache.extract("x", contents).resolve("a.so")));
    rewrite(file, "ABBA");
    assertEquals("AAAA", Files.readString(cache.extract("x", contents).resolve("a.so")));
    Files.delete(file);
    assertEquals("AAAA", Files.readString(cache.extract("x", contents).resolve("a.so")));
    Files.delete(file.resolveSibling(".verified"));
    assertEquals("AAAA", Files.readString(cache.extract("x", contents).resolve("a.so")));
    assertEquals(List.of("x"), names(file.getParent().getParent()));
    assertEquals(List.of(), warnings);
  }

  @Test
  void a_file_that_was_only_touched_is_taken_after_a_look_into_it() throws Exception {
    NativeCache cache = new NativeCache(folder, warnings::add);
    List<NativeCache.Content> contents = List.of(content("a.so", "A"));
    Path file = cache.extract("x", contents).resolve("a.so");
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(3))));
    cache.extract("x", contents);
    assertEquals(1, opened);
  }

  @Test
  void content_that_is_not_what_was_promised_is_refused() {
    NativeCache cache = new NativeCache(folder, warnings::add);
    NativeCache.Content foreign =
        new NativeCache.Content("a.so", sha256("A"), () -> new ByteArrayInputStream(new byte[7]));
    NativeLibraryException e =
        assertThrows(NativeLibraryException.class, () -> cache.extract("x", List.of(foreign)));
    assertEquals(
        "The library a.so is not the one this build was made with (its SHA-256 differs); build or"
            + " fetch the jar again.",
        e.getMessage());
    assertEquals(List.of(), names(folder.resolve("natives")));
    assertEquals(List.of(), warnings);
  }

  @Test
  void content_without_a_sum_is_extracted_again_when_it_changed() throws Exception {
    NativeCache cache = new NativeCache(folder, warnings::add);
    List<NativeCache.Content> contents =
        List.of(new NativeCache.Content("a.so", null, () -> text("A")));
    Path file = cache.extract("x", contents).resolve("a.so");
    rewrite(file, "B");
    assertEquals("A", Files.readString(cache.extract("x", contents).resolve("a.so")));
  }

  @Test
  void a_folder_that_cannot_be_used_is_replaced_by_a_temporary_one_with_a_warning()
      throws Exception {
    // A file in the way stops even root, whom permissions do not.
    Path file = Files.writeString(folder.resolve("file"), "");
    NativeCache cache = new NativeCache(file.resolve("cache"), warnings::add);
    Path made = cache.extract("x", List.of(content("a.so", "A")));
    assertFalse(made.startsWith(folder));
    assertEquals("A", Files.readString(made.resolve("a.so")));
    assertPermissions("rwx------", made.getParent());
    assertEquals(1, warnings.size());
    assertTrue(
        warnings
            .getFirst()
            .startsWith("The cache folder " + file.resolve("cache") + " cannot be used ("),
        warnings.getFirst());
    assertTrue(
        warnings
            .getFirst()
            .endsWith("; using a temporary folder. Set ALEXNET_CACHE to a writable folder."),
        warnings.getFirst());
    // The next one goes there at once, and says nothing more.
    Path second = cache.extract("y", List.of(content("b.so", "B")));
    assertEquals(made.getParent(), second.getParent());
    assertEquals(1, warnings.size());
  }

  @Test
  void folders_that_were_left_by_killed_processes_are_deleted_after_a_day() throws Exception {
    Path natives = Files.createDirectories(folder.resolve("natives"));
    Path old = Files.createDirectory(natives.resolve(".tmp-old"));
    Files.writeString(old.resolve("a.so"), "half");
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    Path young = Files.createDirectory(natives.resolve(".tmp-young"));
    new NativeCache(folder, warnings::add).extract("x", List.of(content("a.so", "A")));
    assertFalse(Files.exists(old));
    assertTrue(Files.exists(young));
  }

  @Test
  void several_processes_at_once_leave_one_sound_folder() throws Exception {
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      processes.add(
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:TieredStopAtLevel=1",
                  "-XX:+UseSerialGC",
                  "-cp",
                  System.getProperty("java.class.path"),
                  ManyExtractions.class.getName(),
                  folder.toString())
              .redirectErrorStream(true)
              .start());
    }
    for (Process process : processes) {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), said);
      assertEquals("", said);
    }
    assertEquals(ManyExtractions.NAMES, names(folder.resolve("natives")));
  }

  @Test
  void names_of_bundles_differ_when_their_content_does() {
    NativeBundle bundle = bundle(sha256("A"));
    assertNotEquals(bundle.folderName(), bundle(sha256("B")).folderName());
    assertTrue(bundle.folderName().startsWith("thing-1.2-linux-x86_64-"), bundle.folderName());
    assertEquals("lib.so", bundle.files().getFirst().fileName());
  }

  @Test
  void a_bundle_that_is_not_on_the_class_path_is_refused_with_what_to_do() {
    NativeCache cache = new NativeCache(folder, warnings::add);
    NativeBundle bundle = bundle(sha256("A"));
    assertEquals(
        "The library some/lib.so is not on the class path; build or fetch the jar again.",
        assertThrows(NativeLibraryException.class, () -> cache.extract(bundle)).getMessage());
    assertEquals(
        "The library some/lib.so is not on the class path; add the dependency x:thing:1.2.",
        assertThrows(
                NativeLibraryException.class,
                () -> cache.extract(bundle, "add the dependency x:thing:" + bundle.version()))
            .getMessage());
  }

  @Test
  void a_platform_without_a_list_is_refused() {
    assertTrue(
        assertThrows(
                NativeLibraryException.class, () -> NativeBundle.of(NativeCache.class, "nothing"))
            .getMessage()
            .startsWith("This build carries no nothing library for linux-"));
  }

  private static NativeBundle bundle(String sha256) {
    return new NativeBundle(
        "thing",
        "1.2",
        Platform.LINUX_X86_64,
        List.of(new NativeBundle.Entry("some/lib.so", sha256)),
        NativeCacheTest.class.getClassLoader());
  }

  private NativeCache.Content content(String name, String text) {
    return new NativeCache.Content(
        name,
        sha256(text),
        () -> {
          opened++;
          return text(text);
        });
  }

  private static ByteArrayInputStream text(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  /** Changes a file that is not writable, with a time of its own. */
  private static void rewrite(Path file, String text) throws IOException {
    Files.delete(file);
    Files.writeString(file, text);
    Files.setLastModifiedTime(file, FileTime.from(Instant.now().plus(Duration.ofSeconds(9))));
  }

  private static List<String> names(Path parent) {
    try (Stream<Path> children = Files.list(parent)) {
      return children.map(child -> child.getFileName().toString()).sorted().toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertPermissions(String expected, Path path) throws IOException {
    assertEquals(expected, PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
  }
}
