package org.alexnetedge.natives;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a file descriptor of this process is connected to. */
public final class Terminal {
  /** Standard output. */
  public static final int OUT = 1;

  /** Standard error. */
  public static final int ERR = 2;

  private static final long TIOCGWINSZ = 0x5413; // asm-generic/ioctls.h

  private Terminal() {}

  /** Whether a person looks at it. */
  public static boolean isTerminal(int descriptor) {
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException e) {
      return false;
    }
  }

  /** Columns of the terminal; {@code otherwise} when it is none or does not say. */
  public static int columns(int descriptor, int otherwise) {
    try (Arena arena = Arena.ofConfined()) {
      Linker linker = Linker.nativeLinker();
      // struct winsize { unsigned short ws_row, ws_col, ws_xpixel, ws_ypixel; }
      MemorySegment size = arena.allocate(4 * JAVA_SHORT.byteSize());
      int result =
          (int)
              linker
                  .downcallHandle(
                      linker.defaultLookup().findOrThrow("ioctl"),
                      FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
                      Linker.Option.firstVariadicArg(2))
                  .invokeExact(descriptor, TIOCGWINSZ, size);
      int columns = Short.toUnsignedInt(size.get(JAVA_SHORT, 2));
      return result == 0 && columns > 0 ? columns : otherwise;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }
}
