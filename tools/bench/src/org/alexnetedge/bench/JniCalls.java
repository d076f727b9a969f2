package org.alexnetedge.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** Calls through the official binding, {@code ai.onnxruntime}, as its own documentation advises. */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init")
public class JniCalls {
  private final float[] values = TinyModel.input();
  private OrtEnvironment environment;
  private OrtSession session;

  /** Memory of the caller's, direct: the binding passes it on without a copy. */
  private FloatBuffer inputMemory;

  private FloatBuffer outputMemory;
  private OnnxTensor keptInput;
  private OnnxTensor keptOutput;
  private Map<String, OnnxTensor> keptInputs;
  private Map<String, OnnxTensor> keptOutputs;

  @Setup
  public void open() throws OrtException, IOException {
    environment = OrtEnvironment.getEnvironment();
    Path model = TinyModel.write();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.addConfigEntry(TinyModel.SPINNING, "0");
      session = environment.createSession(model.toString(), options);
    } finally {
      Files.delete(model);
    }
    inputMemory = direct().put(0, values);
    outputMemory = direct();
    keptInput = OnnxTensor.createTensor(environment, inputMemory, TinyModel.SHAPE);
    keptOutput = OnnxTensor.createTensor(environment, outputMemory, TinyModel.SHAPE);
    keptInputs = Map.of("x", keptInput);
    keptOutputs = Map.of("y", keptOutput);
    TinyModel.check(newInput());
    TinyModel.check(wrappedInput());
    TinyModel.check(keptInput());
    keptAll();
    float[] y = new float[TinyModel.ELEMENTS];
    outputMemory.get(0, y);
    TinyModel.check(y);
  }

  private static FloatBuffer direct() {
    return ByteBuffer.allocateDirect(TinyModel.ELEMENTS * Float.BYTES)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  /** The input's memory and tensor are made for the call. */
  @Benchmark
  public float[] newInput() throws OrtException {
    try (OnnxTensor x =
            OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), TinyModel.SHAPE);
        OrtSession.Result result = session.run(Map.of("x", x))) {
      return floats(result);
    }
  }

  /** The input's memory is kept and filled again; its tensor is made for the call. */
  @Benchmark
  public float[] wrappedInput() throws OrtException {
    inputMemory.put(0, values);
    try (OnnxTensor x = OnnxTensor.createTensor(environment, inputMemory, TinyModel.SHAPE);
        OrtSession.Result result = session.run(Map.of("x", x))) {
      return floats(result);
    }
  }

  /** The input's tensor is kept and filled again; the output is made by the call. */
  @Benchmark
  public float[] keptInput() throws OrtException {
    inputMemory.put(0, values);
    try (OrtSession.Result result = session.run(keptInputs)) {
      return floats(result);
    }
  }

  /** Both tensors are kept; the result stays in the output's memory. */
  @Benchmark
  public void keptAll() throws OrtException {
    session.run(keptInputs, keptOutputs).close();
  }

  private static float[] floats(OrtSession.Result result) {
    // A buffer on the heap, made for the caller.
    return ((OnnxTensor) result.get(0)).getFloatBuffer().array();
  }

  @TearDown
  public void close() throws OrtException {
    keptInput.close();
    keptOutput.close();
    session.close();
  }
}
