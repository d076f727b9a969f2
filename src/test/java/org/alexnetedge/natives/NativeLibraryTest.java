package org.alexnetedge.natives;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {
  @TempDir Path folder;

  @Test
  void a_variable_is_seen_by_native_code() throws Throwable {
    NativeLibrary.setEnvironment("ALEXNET_TEST_VARIABLE", "größe");
    Linker linker = Linker.nativeLinker();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value =
          (MemorySegment)
              linker
                  .downcallHandle(
                      linker.defaultLookup().findOrThrow("getenv"),
                      FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS))
                  .invokeExact(arena.allocateFrom("ALEXNET_TEST_VARIABLE"));
      assertEquals("größe", value.reinterpret(100).getString(0));
    }
    assertEquals(
        "setenv refused the name 'a=b'",
        assertThrows(IllegalArgumentException.class, () -> NativeLibrary.setEnvironment("a=b", "c"))
            .getMessage());
  }

  @Test
  void a_folder_and_a_missing_file_are_no_libraries() {
    Path missing = folder.resolve("no.so");
    assertRefused("There is no file " + missing + ".", missing);
    assertRefused(folder + " is not a file, so it cannot be loaded.", folder);
  }

  @Test
  void what_the_loader_says_is_passed_on() throws Exception {
    Path program = Path.of(System.getProperty("java.home"), "bin", "java");
    // A position-independent program is an ELF file that the loader refuses to open as a library.
    Path copy = Files.copy(program, folder.resolve("libprogram.so"));
    String message =
        assertThrows(NativeLibraryException.class, () -> NativeLibrary.open(copy)).getMessage();
    assertTrue(message.startsWith(copy + " cannot be loaded: "), message);
    assertTrue(message.endsWith("."), message);
  }

  private static void assertRefused(String message, Path path) {
    assertEquals(
        message,
        assertThrows(NativeLibraryException.class, () -> NativeLibrary.open(path)).getMessage());
  }
}
