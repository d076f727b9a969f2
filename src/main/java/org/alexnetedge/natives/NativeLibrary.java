package org.alexnetedge.natives;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opening shared libraries, with the reason when that fails, and the process environment. */
public final class NativeLibrary {
  private static final int RTLD_LAZY = 1; // dlfcn.h
  private static final int HEADER = 64; // elf.h: sizeof(Elf64_Ehdr)

  /** Returned for the end of a file whose header cannot be right. */
  private static final long NONSENSE = Long.MAX_VALUE;

  private NativeLibrary() {}

  /**
   * Opens a library for the life of the process.
   *
   * @throws NativeLibraryException naming the file, the reason and the remedy
   */
  public static SymbolLookup open(Path file) {
    Path path = file.toAbsolutePath();
    check(path);
    try {
      return SymbolLookup.libraryLookup(path, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new NativeLibraryException(
          path + " cannot be loaded: " + explain(loaderError(path)), e);
    }
  }

  /**
   * Puts a variable into the environment of this process, for native libraries that read it ({@code
   * System.getenv} does not see it). Call it before other threads run native code that may read the
   * environment.
   */
  public static void setEnvironment(String name, String value) {
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle setenv =
          function(
              "setenv",
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_INT));
      int result = (int) setenv.invokeExact(arena.allocateFrom(name), arena.allocateFrom(value), 1);
      if (result != 0) {
        throw new IllegalArgumentException("setenv refused the name '" + name + "'");
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /**
   * Checks that a file can be a shared library for this machine, before somebody else loads it:
   * what the dynamic loader would only answer with "cannot open" is said here, and a file that is
   * cut off would end the process in the loader.
   *
   * @throws NativeLibraryException naming the file and the reason
   */
  public static void check(Path file) {
    Path path = file.toAbsolutePath();
    if (!Files.exists(path)) {
      throw new NativeLibraryException("There is no file " + path + ".");
    }
    if (!Files.isRegularFile(path)) {
      throw new NativeLibraryException(path + " is not a file, so it cannot be loaded.");
    }
    byte[] header;
    long size;
    long needed;
    try (FileChannel channel = FileChannel.open(path)) {
      ByteBuffer read = read(channel, 0, HEADER);
      header = read.array();
      size = channel.size();
      needed = isElf(header) ? mappedEnd(channel, read) : 0;
    } catch (IOException e) {
      throw new NativeLibraryException(
          path + " cannot be read (" + e.getMessage() + "); check its permissions.", e);
    }
    if (!isElf(header)) {
      throw new NativeLibraryException(path + " is not a Linux shared library (not an ELF file).");
    }
    int machine = Byte.toUnsignedInt(header[18]) | Byte.toUnsignedInt(header[19]) << 8;
    Platform platform = Platform.current();
    if (machine != platform.elfMachine()) {
      throw new NativeLibraryException(
          path
              + " is built for another processor ("
              + machineName(machine)
              + "); this machine needs "
              + platform.id()
              + ".");
    }
    if (needed == NONSENSE) {
      throw new NativeLibraryException(
          path + " is damaged: its header makes no sense; copy or build it again.");
    }
    if (size < needed) {
      // The loader would map it all the same, and end this process by touching what is missing.
      throw new NativeLibraryException(
          path
              + " is incomplete: it has "
              + size
              + " bytes of at least "
              + needed
              + "; copy or build it again.");
    }
  }

  private static boolean isElf(byte[] header) {
    return header[0] == 0x7f && header[1] == 'E' && header[2] == 'L' && header[3] == 'F';
  }

  /** Where the last part ends that the loader maps: elf.h, Elf64_Ehdr and Elf64_Phdr. */
  private static long mappedEnd(FileChannel file, ByteBuffer header) throws IOException {
    long start = header.getLong(32); // e_phoff
    int size = Short.toUnsignedInt(header.getShort(54)); // e_phentsize
    int count = Short.toUnsignedInt(header.getShort(56)); // e_phnum
    if (file.size() < HEADER || header.get(4) != 2) { // EI_CLASS
      return HEADER; // Cut off; or no 64-bit file, which the loader says.
    }
    if (size != 56) { // sizeof(Elf64_Phdr)
      return NONSENSE;
    }
    long end = Math.max(HEADER, sum(start, (long) size * count));
    if (end > file.size()) {
      return end;
    }
    ByteBuffer segments = read(file, start, size * count);
    boolean loads = false;
    for (int i = 0; i < size * count; i += size) {
      if (segments.getInt(i) == 1) { // p_type PT_LOAD
        loads = true;
        end = Math.max(end, sum(segments.getLong(i + 8), segments.getLong(i + 32))); // offset, size
      }
    }
    return loads ? end : NONSENSE;
  }

  private static long sum(long start, long length) {
    return start < 0 || length < 0 || start + length < 0 ? NONSENSE : start + length;
  }

  /** Part of a file; zeros behind its end. */
  private static ByteBuffer read(FileChannel file, long from, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining() && file.read(buffer, from + buffer.position()) > 0) {
      continue;
    }
    return buffer;
  }

  private static String machineName(int machine) {
    for (Platform platform : Platform.values()) {
      if (platform.elfMachine() == machine) {
        return platform.id();
      }
    }
    return "ELF machine " + machine;
  }

  private static String explain(String error) {
    if (error.contains("GLIBC_")) {
      return error
          + ". It needs a newer C library than this system's: the carried libraries need glibc 2.35"
          + " (Ubuntu 22.04, Debian 12, JetPack 6 or newer).";
    }
    if (error.contains("GLIBCXX_") || error.contains("CXXABI_")) {
      return error + ". It needs a newer libstdc++ than this system's.";
    }
    if (error.contains("file too short") || error.contains("cannot read file data")) {
      return error + ". The file is incomplete; copy or build it again.";
    }
    if (error.contains("failed to map segment")) {
      return error
          + ". Its folder is probably on a file system mounted noexec, or the file is incomplete.";
    }
    return error + ".";
  }

  /** The text of dlerror, asked for by a second dlopen since the JDK drops the first one's. */
  private static String loaderError(Path path) {
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle dlopen =
          function(
              "dlopen",
              FunctionDescriptor.of(
                  ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
      MethodHandle dlerror = function("dlerror", FunctionDescriptor.of(ValueLayout.ADDRESS));
      MemorySegment opened =
          (MemorySegment) dlopen.invokeExact(arena.allocateFrom(path.toString()), RTLD_LAZY);
      if (opened.address() != 0) {
        return "the loader refused it once and took it at a second try";
      }
      MemorySegment text = (MemorySegment) dlerror.invokeExact();
      return text.address() == 0
          ? "unknown reason"
          : text.reinterpret(Long.MAX_VALUE).getString(0).replace(path + ": ", "");
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor);
  }
}
