package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Turns a model ahead of time into one that opens quickly: providers that compile (TensorRT,
 * OpenVINO, QNN, ...) put what they make of their part into {@code EPContext} nodes, and the rest
 * is optimised. Needs ONNX Runtime 1.22.
 *
 * <p>Immutable; each method gives a compilation that differs in one point.
 */
public final class ModelCompilation {
  // onnxruntime_c_api.h, OrtCompileApiFlags
  private static final int ERROR_IF_NO_NODES_COMPILED = 1;
  private static final int ERROR_IF_OUTPUT_FILE_EXISTS = 2;

  private final OrtEnvironment environment;
  private final SessionOptions options;
  private final boolean embedded;
  private final @Nullable Path weights;
  private final long weightsFrom;
  private final int flags;

  private ModelCompilation(
      OrtEnvironment environment,
      SessionOptions options,
      boolean embedded,
      @Nullable Path weights,
      long weightsFrom,
      int flags) {
    this.environment = environment;
    this.options = options;
    this.embedded = embedded;
    this.weights = weights;
    this.weightsFrom = weightsFrom;
    this.flags = flags;
  }

  /** A compilation for sessions with these options: their providers decide what is compiled. */
  public static ModelCompilation with(OrtEnvironment environment, SessionOptions options) {
    return new ModelCompilation(environment, options, false, null, 0, 0);
  }

  /** Puts what providers made into the model itself, instead of files beside it. */
  public ModelCompilation embedded() {
    return new ModelCompilation(environment, options, true, weights, weightsFrom, flags);
  }

  /**
   * Puts weights into a file of their own.
   *
   * @param file relative: it lies beside the compiled model; beside the model that was read when
   *     the compiled one goes to memory
   * @param from size in bytes from which on a weight goes there
   * @throws IllegalArgumentException when it is absolute
   */
  public ModelCompilation weightsInto(Path file, long from) {
    if (file.isAbsolute()) {
      throw new IllegalArgumentException(
          "The weights' file is named by its path from the compiled model's folder, not by "
              + file
              + ".");
    }
    return new ModelCompilation(environment, options, embedded, file, from, flags);
  }

  /** Fails when no provider compiled anything. Needs ONNX Runtime 1.23. */
  public ModelCompilation orFailWithoutCompiledNodes() {
    return withFlag(ERROR_IF_NO_NODES_COMPILED);
  }

  /** Fails when the file to write exists, instead of writing over it. Needs ONNX Runtime 1.23. */
  public ModelCompilation orFailWhenFileExists() {
    return withFlag(ERROR_IF_OUTPUT_FILE_EXISTS);
  }

  private ModelCompilation withFlag(int flag) {
    return new ModelCompilation(environment, options, embedded, weights, weightsFrom, flags | flag);
  }

  /**
   * Compiles a file into a file.
   *
   * @throws OrtException when the model cannot be read or the file not be written
   */
  public void compile(Path model, Path compiled) {
    try (Arena arena = Arena.ofConfined()) {
      compile(
          compilation -> setModel(compilation, model, arena),
          compilation -> setFile(compilation, compiled, arena));
    }
  }

  /** Compiles a model in memory, native or not, into a file. */
  public void compile(MemorySegment model, Path compiled) {
    try (Arena arena = Arena.ofConfined()) {
      compile(
          compilation -> setModel(compilation, model, arena),
          compilation -> setFile(compilation, compiled, arena));
    }
  }

  /** Compiles a file into memory of the arena's. */
  public MemorySegment compile(Path model, Arena result) {
    try (Arena arena = Arena.ofConfined()) {
      return compile(compilation -> setModel(compilation, model, arena), result, arena);
    }
  }

  /**
   * Compiles a model in memory, native or not, into memory of the arena's.
   *
   * @throws IllegalStateException when weights shall go to a file, since there is no folder for it
   */
  public MemorySegment compile(MemorySegment model, Arena result) {
    if (weights != null) {
      throw new IllegalStateException(
          "From memory into memory there is no folder for the weights' file " + weights + ".");
    }
    try (Arena arena = Arena.ofConfined()) {
      return compile(compilation -> setModel(compilation, model, arena), result, arena);
    }
  }

  private interface Setting {
    void apply(long compilation);
  }

  private void setModel(long compilation, Path model, Arena arena) {
    environment
        .api()
        .call(
            Function.ModelCompilationOptions_SetInputModelPath,
            compilation,
            CStrings.path(arena, model).address());
  }

  private void setModel(long compilation, MemorySegment model, Arena arena) {
    environment
        .api()
        .call(
            Function.ModelCompilationOptions_SetInputModelFromBuffer,
            compilation,
            arena.allocate(Math.max(1, model.byteSize())).copyFrom(model).address(),
            model.byteSize());
  }

  private void setFile(long compilation, Path file, Arena arena) {
    environment
        .api()
        .call(
            Function.ModelCompilationOptions_SetOutputModelPath,
            compilation,
            CStrings.path(arena, file).address());
  }

  private MemorySegment compile(Setting input, Arena result, Arena scratch) {
    Api api = environment.api();
    MemorySegment data = scratch.allocate(JAVA_LONG);
    MemorySegment size = scratch.allocate(JAVA_LONG);
    compile(
        input,
        compilation ->
            api.call(
                Function.ModelCompilationOptions_SetOutputModelBuffer,
                compilation,
                environment.allocator(),
                data.address(),
                size.address()));
    long address = data.get(JAVA_LONG, 0);
    long bytes = size.get(JAVA_LONG, 0);
    try {
      return result.allocate(bytes).copyFrom(MemorySegment.ofAddress(address).reinterpret(bytes));
    } finally {
      api.call(Function.AllocatorFree, environment.allocator(), address);
    }
  }

  private void compile(Setting input, Setting output) {
    Api api = environment.api();
    try (Uses uses = new Uses(environment, "compilation");
        Arena arena = Arena.ofConfined()) {
      long sessionOptions = options.create(environment, uses);
      try {
        long compilation =
            api.make(
                Function.CreateModelCompilationOptionsFromSessionOptions,
                environment.handle(),
                sessionOptions);
        try {
          input.apply(compilation);
          output.apply(compilation);
          api.call(
              Function.ModelCompilationOptions_SetEpContextEmbedMode,
              compilation,
              embedded ? 1 : 0);
          if (weights != null) {
            api.call(
                Function.ModelCompilationOptions_SetOutputModelExternalInitializersFile,
                compilation,
                CStrings.path(arena, weights).address(),
                weightsFrom);
          }
          if (flags != 0) {
            api.call(Function.ModelCompilationOptions_SetFlags, compilation, flags);
          }
          api.check(
              uses.call(
                  Function.CompileModel, environment.handle(), compilation, 0, 0, 0, 0, 0, 0));
        } finally {
          api.plain(Function.ReleaseModelCompilationOptions, compilation);
        }
      } finally {
        api.plain(Function.ReleaseSessionOptions, sessionOptions);
      }
    }
  }
}
