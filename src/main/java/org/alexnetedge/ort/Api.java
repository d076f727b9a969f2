package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import org.jspecify.annotations.Nullable;

/**
 * The {@code OrtApi} struct of one loaded library: a table of function pointers. Calls go through
 * it; a status becomes an {@link OrtException} and is released.
 *
 * <p>Thread-safe.
 */
final class Api {
  /** Oldest supported minor version of ONNX Runtime 1.x, and so the lowest API version. */
  static final int OLDEST = 16;

  /** Newest API version of which the indices in {@link Function} are known. */
  static final int NEWEST = 28;

  private final String version;
  private final int apiVersion;
  private final MemorySegment table;
  private @Nullable MemorySegment compileTable;
  private final MemorySegment[] functions = new MemorySegment[Function.values().length];

  private Api(String version, int apiVersion, long table) {
    this.version = version;
    this.apiVersion = apiVersion;
    this.table = struct(table, Function.Struct.API);
  }

  private static MemorySegment struct(long address, Function.Struct struct) {
    return MemorySegment.ofAddress(address).reinterpret(struct.size() * JAVA_LONG.byteSize());
  }

  /**
   * Agrees on an API version with the library.
   *
   * @param name the library's file, for messages
   * @throws OrtException when it is no ONNX Runtime or too old
   */
  static Api of(SymbolLookup lookup, String name) {
    MemorySegment getApiBase =
        lookup
            .find("OrtGetApiBase")
            .orElseThrow(
                () ->
                    new OrtException(
                        name
                            + " is a shared library but not ONNX Runtime: it has no function"
                            + " OrtGetApiBase."));
    // struct OrtApiBase { const OrtApi* GetApi(uint32_t); const char* GetVersionString(); }
    MemorySegment base =
        MemorySegment.ofAddress(Calls.call(getApiBase)).reinterpret(2 * JAVA_LONG.byteSize());
    String version =
        CStrings.read(Calls.call(MemorySegment.ofAddress(base.getAtIndex(JAVA_LONG, 1))));
    int minor = minorOf(version, name);
    if (minor < OLDEST) {
      throw new OrtException(
          name
              + " is ONNX Runtime "
              + version
              + ", which is too old: 1."
              + OLDEST
              + " or newer is needed.");
    }
    // Asking for more than the library has prints to stderr, so its version is read first.
    int apiVersion = Math.min(minor, NEWEST);
    long table = Calls.call(MemorySegment.ofAddress(base.getAtIndex(JAVA_LONG, 0)), apiVersion);
    if (table == 0) {
      throw new OrtException(
          name + " (ONNX Runtime " + version + ") does not offer API version " + apiVersion + ".");
    }
    return new Api(version, apiVersion, table);
  }

  private static int minorOf(String version, String name) {
    String[] parts = version.split("\\.");
    try {
      int major = Integer.parseInt(parts[0]);
      return major > 1 ? NEWEST : Integer.parseInt(parts[1]);
    } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
      throw new OrtException(
          name + " calls itself ONNX Runtime '" + version + "', which is no version number.");
    }
  }

  String version() {
    return version;
  }

  int apiVersion() {
    return apiVersion;
  }

  boolean has(Function function) {
    return function.since() <= apiVersion;
  }

  /** The function's address. */
  MemorySegment function(Function function) {
    MemorySegment known = functions[function.ordinal()];
    if (known != null) {
      return known;
    }
    if (!has(function)) {
      throw new OrtException(
          function.name()
              + " needs ONNX Runtime 1."
              + function.since()
              + "; the loaded library is "
              + version
              + ".");
    }
    MemorySegment functionTable =
        switch (function.struct()) {
          case API -> table;
          case COMPILE -> compileTable();
        };
    MemorySegment found =
        MemorySegment.ofAddress(functionTable.getAtIndex(JAVA_LONG, function.index()));
    functions[function.ordinal()] = found; // Benign race: equal values.
    return found;
  }

  private MemorySegment compileTable() {
    MemorySegment known = compileTable;
    if (known == null) {
      long address = Calls.call(function(Function.GetCompileApi));
      if (address == 0) {
        throw new OrtException("The loaded library was built without the compile API.");
      }
      known = struct(address, Function.Struct.COMPILE);
      compileTable = known; // Benign race: equal values.
    }
    return known;
  }

  /** Calls a function that returns something else than a status, or nothing. */
  long plain(Function function, long a) {
    return Calls.call(function(function), a);
  }

  long plain(Function function, long a, long b) {
    return Calls.call(function(function), a, b);
  }

  long plain(Function function, long a, long b, long c, long d) {
    return Calls.call(function(function), a, b, c, d);
  }

  String buildInfo() {
    return CStrings.read(Calls.call(function(Function.GetBuildInfoString)));
  }

  void call(Function function, long a) {
    check(Calls.call(function(function), a));
  }

  void call(Function function, long a, long b) {
    check(Calls.call(function(function), a, b));
  }

  void call(Function function, long a, long b, long c) {
    check(Calls.call(function(function), a, b, c));
  }

  void call(Function function, long a, long b, long c, long d) {
    check(Calls.call(function(function), a, b, c, d));
  }

  void call(Function function, long a, long b, long c, long d, long e) {
    check(Calls.call(function(function), a, b, c, d, e));
  }

  void call(Function function, long a, long b, long c, long d, long e, long f, long g) {
    check(Calls.call(function(function), a, b, c, d, e, f, g));
  }

  void call(Function function, long a, long b, long c, long d, long e, long f) {
    check(Calls.call(function(function), a, b, c, d, e, f, 0));
  }

  void call(Function function, long a, long b, long c, long d, long e, long f, long g, long h) {
    check(Calls.call(function(function), a, b, c, d, e, f, g, h));
  }

  void call(
      Function function,
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
    check(Calls.call(function(function), a, b, c, d, e, f, g, h, i, j));
  }

  /** The last parameter of the function is a pointer to what it makes: that is returned. */
  long make(Function function) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment out = scratch.allocate(JAVA_LONG);
      call(function, out.address());
      return out.get(JAVA_LONG, 0);
    }
  }

  long make(Function function, long a) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment out = scratch.allocate(JAVA_LONG);
      call(function, a, out.address());
      return out.get(JAVA_LONG, 0);
    }
  }

  long make(Function function, long a, long b) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment out = scratch.allocate(JAVA_LONG);
      call(function, a, b, out.address());
      return out.get(JAVA_LONG, 0);
    }
  }

  long make(Function function, long a, long b, long c) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment out = scratch.allocate(JAVA_LONG);
      call(function, a, b, c, out.address());
      return out.get(JAVA_LONG, 0);
    }
  }

  long make(Function function, long a, long b, long c, long d) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment out = scratch.allocate(JAVA_LONG);
      call(function, a, b, c, d, out.address());
      return out.get(JAVA_LONG, 0);
    }
  }

  long make(Function function, long a, long b, long c, long d, long e) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment out = scratch.allocate(JAVA_LONG);
      call(function, a, b, c, d, e, out.address());
      return out.get(JAVA_LONG, 0);
    }
  }

  /** A status is null for success; any other is released here. */
  void check(long status) {
    if (status != 0) {
      int code = (int) plain(Function.GetErrorCode, status);
      String message = CStrings.read(plain(Function.GetErrorMessage, status));
      plain(Function.ReleaseStatus, status);
      throw new OrtException(OrtException.Code.of(code), message);
    }
  }
}
