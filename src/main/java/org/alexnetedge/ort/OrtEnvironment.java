package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.alexnetedge.natives.NativeLibrary;
import org.alexnetedge.natives.NativeLibraryException;
import org.jspecify.annotations.Nullable;

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
  private final @Nullable ThreadPools pools;
  private final LogLevel level;
  private final Consumer<LogMessage> listener;
  private final Deque<LogMessage> recentErrors = new ArrayDeque<>();
  private final long handle;
  private final long allocator;
  private final long cpuMemory;

  private OrtEnvironment(
      OrtLibrary library,
      LogLevel level,
      Consumer<LogMessage> listener,
      @Nullable ThreadPools pools) {
    this.library = library;
    this.pools = pools;
    this.level = level;
    this.listener = listener;
    Api api = library.api();
    try (Arena arena = Arena.ofConfined()) {
      // Errors are always asked for: they are kept to explain failures.
      int asked = Math.min(level.ordinal(), LogLevel.ERROR.ordinal());
      long id = arena.allocateFrom("alexnet-edge").address();
      if (pools == null) {
        this.handle = api.make(Function.CreateEnvWithCustomLogger, logFunction(), 0, asked, id);
      } else {
        long threading = pools.create(api, arena);
        try {
          this.handle =
              api.make(
                  Function.CreateEnvWithCustomLoggerAndGlobalThreadPools,
                  logFunction(),
                  0,
                  asked,
                  id,
                  threading);
        } finally {
          api.plain(Function.ReleaseThreadingOptions, threading);
        }
      }
    }
    this.allocator = api.make(Function.GetAllocatorWithDefaultOptions);
    // OrtDeviceAllocator 0, OrtMemTypeDefault 0: memory that belongs to somebody else.
    this.cpuMemory = api.make(Function.CreateCpuMemoryInfo, 0, 0);
  }

  static OrtEnvironment create(
      OrtLibrary library,
      LogLevel level,
      Consumer<LogMessage> listener,
      @Nullable ThreadPools pools) {
    return new OrtEnvironment(library, level, listener, pools);
  }

  /** The library that it belongs to. */
  public OrtLibrary library() {
    return library;
  }

  /** The threads that sessions may share; null when it was made without. */
  public @Nullable ThreadPools threadPools() {
    return pools;
  }

  boolean hasThreadPools() {
    return pools != null;
  }

  /**
   * The hardware that the library's providers can use, plug-ins included. Needs ONNX Runtime 1.22.
   */
  public synchronized List<Device> devices() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      MemorySegment count = arena.allocate(JAVA_LONG);
      api().call(Function.GetEpDevices, handle, out.address(), count.address());
      return LongStream.of(GraphAssignment.pointers(out, count))
          .mapToObj(device -> new Device(this, device))
          .toList();
    }
  }

  /**
   * Loads a plug-in: a library that brings execution providers. Its devices are then among {@link
   * #devices}. It stays loaded as long as the process. Needs ONNX Runtime 1.22.
   *
   * @param name a name of the caller's choice, used once
   * @throws NativeLibraryException when the file is no library for this machine
   * @throws OrtException when it cannot be loaded, or is no plug-in
   */
  public synchronized void registerProviders(String name, Path plugin) {
    NativeLibrary.check(plugin);
    if (plugin.getFileName().toString().startsWith("libonnxruntime_providers_")) {
      library.claimSharedProviders();
    }
    try (Arena arena = Arena.ofConfined()) {
      api()
          .call(
              Function.RegisterExecutionProviderLibrary,
              handle,
              arena.allocateFrom(name).address(),
              CStrings.path(arena, plugin.toAbsolutePath()).address());
    }
  }

  /**
   * Copies tensors, from one device to another or within one: the way to read what lies in a
   * device's memory. Needs ONNX Runtime 1.23.
   *
   * @param from tensors that have values, all in one memory
   * @param to as many tensors of the same types and shapes, all in one memory
   * @throws IllegalArgumentException when there are not as many, or types or shapes differ
   * @throws OrtException when nobody can copy between the two memories
   */
  public void copy(List<Tensor> from, List<Tensor> to) {
    if (from.size() != to.size()) {
      throw new IllegalArgumentException(
          from.size() + " tensors cannot be copied to " + to.size() + ".");
    }
    if (from.isEmpty()) {
      return;
    }
    try (Arena arena = Arena.ofConfined();
        Uses uses = new Uses(this, "environment")) {
      MemorySegment sources = arena.allocate(JAVA_LONG, from.size());
      MemorySegment targets = arena.allocate(JAVA_LONG, from.size());
      for (int i = 0; i < from.size(); i++) {
        if (!from.get(i).toString().equals(to.get(i).toString())) {
          throw new IllegalArgumentException(
              "A tensor " + from.get(i) + " cannot be copied to one " + to.get(i) + ".");
        }
        sources.setAtIndex(JAVA_LONG, i, uses.enter(from.get(i)));
        targets.setAtIndex(JAVA_LONG, i, uses.enter(to.get(i)));
      }
      if (from.getFirst().isInMainMemory() && to.getFirst().isInMainMemory()) {
        for (int i = 0; i < from.size(); i++) {
          to.get(i).copyFrom(from.get(i)); // ONNX Runtime knows only ways from and to devices.
        }
        return;
      }
      api()
          .check(
              uses.call(
                  Function.CopyTensors,
                  handle,
                  sources.address(),
                  targets.address(),
                  0,
                  from.size(),
                  0,
                  0,
                  0));
    }
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
