package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;

/**
 * ONNX Runtime's environment: its logger and what sessions share. Made once for a library, by
 * {@link OrtLibrary#environment}; lives as long as the process.
 *
 * <p>Thread-safe.
 */
public final class OrtEnvironment {
  /** Errors kept to explain a failure whose status says less than the log. */
  private static final int RECENT = 16;

  private final OrtLibrary library;
  private final LogLevel level;
  private final Consumer<LogMessage> listener;
  private final Deque<LogMessage> recentErrors = new ArrayDeque<>();
  private final long handle;
  private final long allocator;
  private final long cpuMemory;

  private OrtEnvironment(OrtLibrary library, LogLevel level, Consumer<LogMessage> listener) {
    this.library = library;
    this.level = level;
    this.listener = listener;
    Api api = library.api();
    try (Arena arena = Arena.ofConfined()) {
      // Errors are always asked for: they are kept to explain failures.
      int asked = Math.min(level.ordinal(), LogLevel.ERROR.ordinal());
      this.handle =
          api.make(
              Function.CreateEnvWithCustomLogger,
              logFunction(),
              0,
              asked,
              arena.allocateFrom("alexnet-edge").address());
    }
    this.allocator = api.make(Function.GetAllocatorWithDefaultOptions);
    // OrtDeviceAllocator 0, OrtMemTypeDefault 0: memory that belongs to somebody else.
    this.cpuMemory = api.make(Function.CreateCpuMemoryInfo, 0, 0);
  }

  static OrtEnvironment create(OrtLibrary library, LogLevel level, Consumer<LogMessage> listener) {
    return new OrtEnvironment(library, level, listener);
  }

  public OrtLibrary library() {
    return library;
  }

  /**
   * Tries whether a provider's libraries can be loaded, without a model.
   *
   * @throws OrtException with the reason when they cannot
   */
  public void check(Provider provider) {
    long options = api().make(Function.CreateSessionOptions);
    try {
      provider.appendTo(this, options);
    } finally {
      api().plain(Function.ReleaseSessionOptions, options);
    }
  }

  /** Forgets the errors seen so far; {@link #recentErrors} then tells of what comes after. */
  void forgetErrors() {
    synchronized (recentErrors) {
      recentErrors.clear();
    }
  }

  List<LogMessage> recentErrors() {
    synchronized (recentErrors) {
      return List.copyOf(recentErrors);
    }
  }

  Api api() {
    return library.api();
  }

  long handle() {
    return handle;
  }

  /** ONNX Runtime's default CPU allocator. */
  long allocator() {
    return allocator;
  }

  /** Description of plain CPU memory. */
  long cpuMemory() {
    return cpuMemory;
  }

  /** Takes over a string that the default allocator made, and frees it. */
  String takeString(long address) {
    String string = CStrings.read(address);
    api().call(Function.AllocatorFree, allocator, address);
    return string;
  }

  private long logFunction() {
    try {
      // void (*)(void* param, OrtLoggingLevel, const char* category, const char* logid,
      //          const char* code_location, const char* message)
      MethodHandle target =
          MethodHandles.lookup()
              .findVirtual(
                  OrtEnvironment.class,
                  "log",
                  MethodType.methodType(
                      void.class,
                      MemorySegment.class,
                      int.class,
                      MemorySegment.class,
                      MemorySegment.class,
                      MemorySegment.class,
                      MemorySegment.class))
              .bindTo(this);
      return Linker.nativeLinker()
          .upcallStub(
              target,
              FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS),
              Arena.global())
          .address();
    } catch (NoSuchMethodException | IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }

  /** Called by ONNX Runtime; an exception that left it would end the process. */
  @SuppressWarnings("unused")
  private void log(
      MemorySegment parameter,
      int severity,
      MemorySegment category,
      MemorySegment logId,
      MemorySegment location,
      MemorySegment text) {
    try {
      LogMessage message =
          new LogMessage(
              LogLevel.of(severity),
              CStrings.read(category.address()),
              CStrings.read(logId.address()),
              CStrings.read(location.address()),
              CStrings.read(text.address()));
      if (message.level().compareTo(LogLevel.ERROR) >= 0) {
        synchronized (recentErrors) {
          if (recentErrors.size() == RECENT) {
            recentErrors.removeFirst();
          }
          recentErrors.addLast(message);
        }
      }
      if (message.level().compareTo(level) >= 0) {
        listener.accept(message);
      }
    } catch (Throwable t) {
      // As documented: what a listener throws is dropped.
    }
  }
}
