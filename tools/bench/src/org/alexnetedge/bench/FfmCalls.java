package org.alexnetedge.bench;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.ort.ElementType;
import org.alexnetedge.ort.IoBinding;
import org.alexnetedge.ort.LogLevel;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtLibrary;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.ort.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Calls through the project's binding, {@code org.alexnetedge.ort}. */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init")
public class FfmCalls {
  private final float[] values = TinyModel.input();
  private final Arena arena = Arena.ofShared();
  private OrtEnvironment environment;
  private Session session;

  /** Memory of the caller's. */
  private MemorySegment inputMemory;

  private MemorySegment outputMemory;
  private Tensor keptInput;
  private Tensor keptOutput;
  private Map<String, Tensor> keptInputs;
  private IoBinding binding;

  @Setup
  public void open() throws IOException {
    environment =
        OrtLibrary.carried(NativeCache.ofUser(System.err::println))
            .environment(LogLevel.WARNING, System.err::println);
    SessionOptions options =
        SessionOptions.builder().intraOpThreads(1).configuration(TinyModel.SPINNING, "0").build();
    Path model = TinyModel.write();
    try {
      session = Session.open(environment, model, options);
    } finally {
      Files.delete(model);
    }
    inputMemory = arena.allocateFrom(JAVA_FLOAT, values);
    outputMemory = arena.allocate(JAVA_FLOAT, TinyModel.ELEMENTS);
    keptInput = Tensor.wrap(environment, inputMemory, ElementType.FLOAT, TinyModel.SHAPE);
    keptOutput = Tensor.wrap(environment, outputMemory, ElementType.FLOAT, TinyModel.SHAPE);
    keptInputs = Map.of("x", keptInput);
    binding = new IoBinding(session);
    binding.bindInput("x", keptInput);
    binding.bindOutput("y", keptOutput);
    TinyModel.check(newInput());
    TinyModel.check(wrappedInput());
    TinyModel.check(keptInput());
    keptAll();
    TinyModel.check(outputMemory.toArray(JAVA_FLOAT));
  }

  /** The input's memory and tensor are made for the call. */
  @Benchmark
  public float[] newInput() {
    try (Tensor x = Tensor.ofFloats(environment, values, TinyModel.SHAPE);
        Outputs outputs = session.run(Map.of("x", x))) {
      return outputs.tensor("y").toFloatArray();
    }
  }

  /** The input's memory is kept and filled again; its tensor is made for the call. */
  @Benchmark
  public float[] wrappedInput() {
    MemorySegment.copy(values, 0, inputMemory, JAVA_FLOAT, 0, values.length);
    try (Tensor x = Tensor.wrap(environment, inputMemory, ElementType.FLOAT, TinyModel.SHAPE);
        Outputs outputs = session.run(Map.of("x", x))) {
      return outputs.tensor("y").toFloatArray();
    }
  }

  /** The input's tensor is kept and filled again; the output is made by the call. */
  @Benchmark
  public float[] keptInput() {
    MemorySegment.copy(values, 0, inputMemory, JAVA_FLOAT, 0, values.length);
    try (Outputs outputs = session.run(keptInputs)) {
      return outputs.tensor("y").toFloatArray();
    }
  }

  /** Both tensors are kept; the result stays in the output's memory. */
  @Benchmark
  public void keptAll() {
    binding.run();
  }

  @TearDown
  public void close() {
    binding.close();
    keptInput.close();
    keptOutput.close();
    session.close();
    arena.close();
  }
}
