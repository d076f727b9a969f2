package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Low-rank parameters for a model whose graph has inputs for them, from a file in ONNX Runtime's
 * adapter format. A run takes them by {@link RunOptions#activate}. Needs ONNX Runtime 1.20.
 *
 * <p>Owned by whoever opened it. Thread-safe; when it is closed before the options that activate
 * it, the last of them to close releases it.
 */
public final class LoraAdapter implements AutoCloseable {
  private final OrtEnvironment environment;
  private final long handle;
  private final Lifetime lifetime;

  private LoraAdapter(OrtEnvironment environment, long handle) {
    this.environment = environment;
    this.handle = handle;
    Api api = environment.api();
    lifetime = new Lifetime("adapter", () -> api.plain(Function.ReleaseLoraAdapter, handle));
  }

  /**
   * Opens an adapter file.
   *
   * @throws OrtException when it is missing or no adapter
   */
  public static LoraAdapter open(OrtEnvironment environment, Path file) {
    if (!Files.isReadable(file)) {
      throw new OrtException(
          OrtException.Code.NO_SUCHFILE, "There is no adapter file " + file + " to read.");
    }
    try (Arena arena = Arena.ofConfined()) {
      return new LoraAdapter(
          environment,
          environment
              .api()
              .make(Function.CreateLoraAdapter, CStrings.path(arena, file).address(), 0));
    } catch (OrtException e) {
      throw new OrtException(e.code(), file + " cannot be used as an adapter: " + e.getMessage());
    }
  }

  /**
   * Opens an adapter from memory, which is copied.
   *
   * @param bytes an adapter file, on the heap or not
   * @throws OrtException when it is no adapter
   */
  public static LoraAdapter open(OrtEnvironment environment, MemorySegment bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment copy = arena.allocate(Math.max(1, bytes.byteSize()), JAVA_LONG.byteSize());
      copy.copyFrom(bytes);
      return new LoraAdapter(
          environment,
          environment
              .api()
              .make(Function.CreateLoraAdapterFromArray, copy.address(), bytes.byteSize(), 0));
    }
  }

  /** Starts a use by options; the handle is valid until {@link #leave}. */
  long enter(OrtEnvironment user) {
    if (user != environment) {
      throw new IllegalArgumentException(
          "The adapter belongs to another library ("
              + environment.library()
              + ") than the options ("
              + user.library()
              + ").");
    }
    lifetime.enter();
    return handle;
  }

  void leave() {
    lifetime.leave();
  }

  /** Releases the adapter, or leaves that to the options that activate it. */
  @Override
  public void close() {
    lifetime.close();
  }
}
