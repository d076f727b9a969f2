package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;

/**
 * Every downcall of the binding, one method handle for each number of arguments, linked when first
 * used.
 *
 * <p>Pointers, sizes, enums and booleans all travel as {@code long}: on the 64-bit ABIs of Linux
 * (System V x86-64, AAPCS64) each takes one integer register or one 8-byte stack slot, and a callee
 * reads only the bits of its parameter's type. The same holds for what is returned, and a {@code
 * void} function's return register is simply not looked at. So no object is made for a pointer, in
 * or out, and eleven handles serve the whole C API. Only a {@code float} parameter needs a shape of
 * its own.
 */
final class Calls {
  private Calls() {}

  /** Segments that one call can keep alive; see {@link #callHolding}. */
  static final int HOLDERS = 8;

  static long call(MemorySegment function) {
    try {
      return (long) Arguments0.HANDLE.invokeExact(function);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long call(MemorySegment function, long a) {
    try {
      return (long) Arguments1.HANDLE.invokeExact(function, a);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long call(MemorySegment function, long a, long b) {
    try {
      return (long) Arguments2.HANDLE.invokeExact(function, a, b);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long call(MemorySegment function, long a, long b, long c) {
    try {
      return (long) Arguments3.HANDLE.invokeExact(function, a, b, c);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long call(MemorySegment function, long a, long b, long c, long d) {
    try {
      return (long) Arguments4.HANDLE.invokeExact(function, a, b, c, d);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long call(MemorySegment function, long a, long b, long c, long d, long e) {
    try {
      return (long) Arguments5.HANDLE.invokeExact(function, a, b, c, d, e);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long call(MemorySegment function, long a, long b, long c, long d, long e, long f, long g) {
    try {
      return (long) Arguments7.HANDLE.invokeExact(function, a, b, c, d, e, f, g);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long call(
      MemorySegment function, long a, long b, long c, long d, long e, long f, long g, long h) {
    try {
      return (long) Arguments8.HANDLE.invokeExact(function, a, b, c, d, e, f, g, h);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  static long call(
      MemorySegment function,
      long a,
      long b,
      long c,
      long d,
      long e,
      long f,
      long g,
      long h,
      long i,
      long j) {
    try {
      return (long) Arguments10.HANDLE.invokeExact(function, a, b, c, d, e, f, g, h, i, j);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * For functions with one float: it travels in a register of another kind, wherever it stands
   * among the parameters.
   */
  static long call(MemorySegment function, long a, long b, long c, float d) {
    try {
      return (long) WithFloat.HANDLE.invokeExact(function, a, b, c, d);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * As {@link #call}, and keeps the arenas of {@code held} from being closed while the call runs:
   * the linker does that for segments which are passed as pointers. They are passed behind the
   * function's own eight parameters, where a C function does not look (both ABIs let the caller
   * pass more, and the caller clears the stack). A function with fewer parameters ignores the rest.
   *
   * @param held exactly {@link #HOLDERS} segments; {@link MemorySegment#NULL} where there is none
   */
  static long callHolding(
      MemorySegment function,
      long a,
      long b,
      long c,
      long d,
      long e,
      long f,
      long g,
      long h,
      MemorySegment[] held) {
    try {
      return (long)
          Holding.HANDLE.invokeExact(
              function, a, b, c, d, e, f, g, h, held[0], held[1], held[2], held[3], held[4],
              held[5], held[6], held[7]);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  /**
   * As the other, for ten parameters.
   *
   * @param c exactly ten; zeros where the function has fewer
   */
  static long callHolding(MemorySegment function, long[] c, MemorySegment[] held) {
    try {
      return (long)
          Holding10.HANDLE.invokeExact(
              function, c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9], held[0],
              held[1], held[2], held[3], held[4], held[5], held[6], held[7]);
    } catch (Throwable t) {
      throw unexpected(t);
    }
  }

  private static RuntimeException unexpected(Throwable t) {
    return switch (t) {
      case RuntimeException e -> e;
      case Error e -> throw e;
      default -> throw new AssertionError(t); // Downcalls declare nothing that is checked.
    };
  }

  private static MethodHandle link(int longs, int pointers) {
    MemoryLayout[] parameters = new MemoryLayout[longs + pointers];
    Arrays.fill(parameters, 0, longs, JAVA_LONG);
    Arrays.fill(parameters, longs, parameters.length, ADDRESS);
    return Linker.nativeLinker().downcallHandle(FunctionDescriptor.of(JAVA_LONG, parameters));
  }

  private static final class Arguments0 {
    static final MethodHandle HANDLE = link(0, 0);
  }

  private static final class Arguments1 {
    static final MethodHandle HANDLE = link(1, 0);
  }

  private static final class Arguments2 {
    static final MethodHandle HANDLE = link(2, 0);
  }

  private static final class Arguments3 {
    static final MethodHandle HANDLE = link(3, 0);
  }

  private static final class Arguments4 {
    static final MethodHandle HANDLE = link(4, 0);
  }

  private static final class Arguments5 {
    static final MethodHandle HANDLE = link(5, 0);
  }

  private static final class Arguments7 {
    static final MethodHandle HANDLE = link(7, 0);
  }

  private static final class Arguments8 {
    static final MethodHandle HANDLE = link(8, 0);
  }

  private static final class Arguments10 {
    static final MethodHandle HANDLE = link(10, 0);
  }

  private static final class Holding10 {
    static final MethodHandle HANDLE = link(10, HOLDERS);
  }

  private static final class WithFloat {
    static final MethodHandle HANDLE =
        Linker.nativeLinker()
            .downcallHandle(
                FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_FLOAT));
  }

  private static final class Holding {
    static final MethodHandle HANDLE = link(8, HOLDERS);
  }
}
