package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.alexnetedge.natives.NativeBundle;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.natives.NativeLibrary;
import org.alexnetedge.natives.NativeLibraryException;
import org.jspecify.annotations.Nullable;

/**
 * A loaded {@code libonnxruntime}, version 1.16 or later. It stays loaded until the process ends.
 *
 * <p>Thread-safe.
 */
public final class OrtLibrary {
  private static final Map<Path, OrtLibrary> LOADED = new HashMap<>();

  /** The library whose shared providers are loaded, or null. Guarded by {@link #LOADED}. */
  private static @Nullable OrtLibrary sharedProvidersOwner;

  /**
   * onnxruntime::data_types_internal::DataTypeRegistry::instance()::inst, a GNU unique symbol of
   * builds that export it (bytedeco's; Microsoft's hide theirs).
   */
  private static final String SHARED_STATE =
      "_ZZN11onnxruntime19data_types_internal16DataTypeRegistry8instanceEvE4inst";

  private final Path file;
  private final Api api;
  private final boolean sharesState;
  private @Nullable OrtEnvironment environment;

  private OrtLibrary(Path file, Api api, boolean sharesState) {
    this.file = file;
    this.api = api;
    this.sharesState = sharesState;
  }

  /**
   * The CPU library that the jar carries, or Microsoft's jar of the same version on the class path;
   * extracted into the cache when it is not there yet.
   *
   * @throws NativeLibraryException when it is not there, or cannot be extracted or loaded
   */
  public static OrtLibrary carried(NativeCache cache) {
    NativeBundle bundle = NativeBundle.of(OrtLibrary.class, "onnxruntime");
    String remedy =
        "add the dependency com.microsoft.onnxruntime:onnxruntime:"
            + bundle.version()
            + ", in this very version, or name another library with OrtLibrary.at";
    return open(cache.extract(bundle, remedy).resolve(bundle.files().getFirst().fileName()));
  }

  /**
   * Another library: a {@code libonnxruntime.so} file, a folder that holds one (such as JetPack's),
   * or a jar of natives such as Maven's {@code onnxruntime_gpu}, whose libraries are extracted into
   * the cache.
   *
   * @throws NativeLibraryException when there is none, or it cannot be loaded
   * @throws OrtException when it is no ONNX Runtime, too old, or cannot be used beside one that is
   *     loaded already
   */
  public static OrtLibrary at(Path fileFolderOrJar, NativeCache cache) {
    return open(LibraryLocation.find(fileFolderOrJar, cache));
  }

  private static OrtLibrary open(Path file) {
    Path real;
    try {
      real = file.toRealPath();
    } catch (IOException e) {
      throw new NativeLibraryException("There is no file " + file + ".", e);
    }
    synchronized (LOADED) {
      OrtLibrary loaded = LOADED.get(real);
      if (loaded == null) {
        loaded = sameAs(real);
      }
      if (loaded == null) {
        // Read by Microsoft's builds when the environment is made; from outside it is too late.
        NativeLibrary.setEnvironment("ORT_DISABLE_TELEMETRY", "1");
        SymbolLookup symbols = NativeLibrary.open(real);
        loaded =
            new OrtLibrary(
                real, Api.of(symbols, real.toString()), symbols.find(SHARED_STATE).isPresent());
        loaded.refuseBesideOthers();
      }
      LOADED.put(real, loaded);
      return loaded;
    }
  }

  /** A loaded library of the very same bytes; a copy beside it could only harm. */
  private static @Nullable OrtLibrary sameAs(Path file) {
    try {
      for (OrtLibrary loaded : LOADED.values()) {
        if (Files.mismatch(loaded.file, file) < 0) {
          return loaded;
        }
      }
      return null;
    } catch (IOException e) {
      return null; // Then the loader says what is wrong with the file.
    }
  }

  /**
   * A build that does not hide its C++ symbols shares state with every other such build in the
   * process: the dynamic loader keeps one copy of a unique symbol for all.
   */
  private void refuseBesideOthers() {
    for (OrtLibrary loaded : LOADED.values()) {
      if (sharesState && loaded.sharesState) {
        throw new OrtException(
            this
                + " cannot be used beside "
                + loaded
                + " in one process: neither build hides its C++ symbols, so each would work on the"
                + " other's data. Use one of them for both, or two processes.");
      }
    }
  }

  /**
   * The library's one environment, made by the first call; a later call returns the same one, with
   * the first call's log level, listener and threads.
   *
   * @param level messages from this level on are passed on
   * @param listener called on any thread, also on threads of ONNX Runtime; must not call ONNX
   *     Runtime; what it throws is dropped
   */
  public synchronized OrtEnvironment environment(LogLevel level, Consumer<LogMessage> listener) {
    if (environment == null) {
      environment = OrtEnvironment.create(this, level, listener, null);
    }
    return environment;
  }

  /**
   * As {@link #environment(LogLevel, Consumer)}, with threads that sessions may share.
   *
   * @throws IllegalStateException when the environment was made before with other threads or none
   */
  public synchronized OrtEnvironment environment(
      LogLevel level, Consumer<LogMessage> listener, ThreadPools pools) {
    if (environment == null) {
      environment = OrtEnvironment.create(this, level, listener, pools);
    } else if (!pools.equals(environment.threadPools())) {
      throw new IllegalStateException(
          "The environment of "
              + this
              + " was made before, with "
              + (environment.threadPools() == null
                  ? "no shared threads"
                  : environment.threadPools().toString())
              + "; ask for its threads in the first call.");
    }
    return environment;
  }

  /**
   * Takes the process's one place for shared providers (CUDA, TensorRT, OpenVINO, oneDNN, ...).
   * They find ONNX Runtime through {@code libonnxruntime_providers_shared.so}, of which the dynamic
   * loader keeps one by its name: a second ONNX Runtime's providers would call into the first.
   *
   * @throws OrtException when another library has taken it
   */
  void claimSharedProviders() {
    synchronized (LOADED) {
      if (sharedProvidersOwner == null) {
        sharedProvidersOwner = this;
      } else if (sharedProvidersOwner != this) {
        throw new OrtException(
            "the providers of "
                + sharedProvidersOwner
                + " are loaded in this process, and "
                + this
                + " cannot load its own beside them: both need"
                + " libonnxruntime_providers_shared.so, which a process has once. Use one library"
                + " for both, or two processes.");
      }
    }
  }

  /** The file, links resolved. */
  public Path file() {
    return file;
  }

  /** ONNX Runtime's version, for instance {@code 1.29.0}. */
  public String version() {
    return api.version();
  }

  /** The API version agreed on: the newest that both this binding and the library know. */
  public int apiVersion() {
    return api.apiVersion();
  }

  /** ONNX Runtime's own description of the build: commit, flags. */
  public String buildInfo() {
    return api.buildInfo();
  }

  /**
   * Providers compiled into the library, best first, by ONNX Runtime's names ({@code
   * CUDAExecutionProvider}). Compiled in does not mean usable: see {@link Provider}.
   */
  public List<String> compiledProviders() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      MemorySegment count = arena.allocate(JAVA_INT);
      api.call(Function.GetAvailableProviders, out.address(), count.address());
      long names = out.get(JAVA_LONG, 0);
      int n = count.get(JAVA_INT, 0);
      MemorySegment array = MemorySegment.ofAddress(names).reinterpret(n * JAVA_LONG.byteSize());
      List<String> providers = new ArrayList<>();
      for (int i = 0; i < n; i++) {
        providers.add(CStrings.read(array.getAtIndex(JAVA_LONG, i)));
      }
      api.call(Function.ReleaseAvailableProviders, names, n);
      return List.copyOf(providers);
    }
  }

  Api api() {
    return api;
  }

  @Override
  public String toString() {
    return "ONNX Runtime " + version() + " (" + file + ")";
  }
}
