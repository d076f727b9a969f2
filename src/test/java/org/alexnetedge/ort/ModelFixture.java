package org.alexnetedge.ort;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.onnx.ValueType;

/**
 * Small models for tests, and the carried ONNX Runtime to run them. The inputs are {@code x} (and
 * {@code a}, {@code b}), the output is {@code y}, unless said.
 */
public final class ModelFixture {
  private static final long IR_VERSION = 8;
  private static final long OPSET = 17;

  private ModelFixture() {}

  /** The carried library's environment, which the tests of one process share. */
  public static OrtEnvironment environment() {
    return Carried.ENVIRONMENT;
  }

  /** Where the tests extract libraries to; complaints fail the test. */
  public static NativeCache cache() {
    return CACHE;
  }

  private static final NativeCache CACHE =
      new NativeCache(
          Path.of("target/test-natives"),
          warning -> {
            throw new AssertionError(warning);
          });

  private static final class Carried {
    static final OrtEnvironment ENVIRONMENT =
        OrtLibrary.carried(CACHE).environment(LogLevel.FATAL, message -> {});
  }

  /** An empty graph of the operator set that the project's own models have. */
  public static GraphBuilder graph(String name) {
    return new GraphBuilder(name, IR_VERSION, OPSET);
  }

  /** A float32 type; a dimension is a number, a symbol, or "?" for one without a name. */
  public static ValueType floats(Object... shape) {
    return type(org.alexnetedge.onnx.ElementType.FLOAT32, shape);
  }

  /** As {@link #floats} for any element type. */
  public static ValueType type(org.alexnetedge.onnx.ElementType element, Object... shape) {
    return ValueType.tensor(
        element,
        List.of(shape).stream()
            .map(
                size ->
                    switch (size) {
                      case Number number -> org.alexnetedge.onnx.Dimension.of(number.longValue());
                      case String text when text.equals("?") ->
                          new org.alexnetedge.onnx.Dimension.Unknown();
                      default -> org.alexnetedge.onnx.Dimension.of(size.toString());
                    })
            .toArray(org.alexnetedge.onnx.Dimension[]::new));
  }

  /** {@code y = x}, for tensors of any length and one axis. */
  public static OnnxModel identity(ElementType element) {
    return identity(element, "n");
  }

  /** {@code y = x}. Newer element types need newer file and operator versions. */
  public static OnnxModel identity(ElementType element, Object... shape) {
    ValueType type = type(org.alexnetedge.onnx.ElementType.of(element.code()).get(), shape);
    return new GraphBuilder("identity_" + element.name().toLowerCase(Locale.ROOT), 10, 21)
        .input("x", type)
        .output("y", type)
        .node("Identity", List.of("x"), "y")
        .build();
  }

  /** {@code y = a + b}, float32 of one shape. */
  public static OnnxModel add(Object... shape) {
    return graph("add")
        .input("a", floats(shape))
        .input("b", floats(shape))
        .output("y", floats(shape))
        .node("Add", List.of("a", "b"), "y")
        .build();
  }

  /** {@code y = x W + (1, 2)} with W = (1 2; 3 4; 5 6): float32 [batch,3] to [batch,2]. */
  public static GraphBuilder linear() {
    return graph("linear")
        .input("x", floats("batch", 3))
        .output("y", floats("batch", 2))
        .initializer("weight", Tensor.ofFloats(new long[] {3, 2}, 1, 2, 3, 4, 5, 6))
        .initializer("bias", Tensor.ofFloats(new long[] {2}, 1, 2))
        .node("Gemm", List.of("x", "weight", "bias"), "y");
  }

  /**
   * A convolution, ReLU and average: float32 [batch,3,height,width] to [batch,channels]; all
   * weights are 1 / (3 * 3 * 3), so a constant picture gives its constant inside.
   */
  public static OnnxModel conv(int channels) {
    float[] weight = new float[channels * 27];
    java.util.Arrays.fill(weight, 1f / 27);
    return graph("conv")
        .input("x", floats("batch", 3, "height", "width"))
        .output("y", floats("batch", channels))
        .initializer("weight", Tensor.ofFloats(new long[] {channels, 3, 3, 3}, weight))
        .node(
            Node.of("Conv", List.of("x", "weight"), List.of("conv"))
                .with("kernel_shape", Attribute.ints(3, 3)))
        .node("Relu", List.of("conv"), "relu")
        .node("GlobalAveragePool", List.of("relu"), "pool")
        .node("Flatten", List.of("pool"), "y")
        .build();
  }

  /**
   * A run that takes long and can be ended: {@code turns} multiplications of a 64 x 64 matrix, one
   * after another in a Loop. Input {@code turns}, int64 scalar; input {@code x}, output {@code y}.
   */
  public static OnnxModel loop() {
    ValueType matrix = floats(64, 64);
    ValueType number = type(org.alexnetedge.onnx.ElementType.INT64);
    ValueType truth = type(org.alexnetedge.onnx.ElementType.BOOL);
    OnnxModel body =
        graph("body")
            .input("turn", number)
            .input("go", truth)
            .input("before", matrix)
            .output("going", truth)
            .output("after", matrix)
            .node("Identity", List.of("go"), "going")
            .node("MatMul", List.of("before", "before"), "product")
            .node("Tanh", List.of("product"), "after")
            .build();
    return graph("loop")
        .input("turns", number)
        .input("x", matrix)
        .output("y", matrix)
        .node(
            Node.of("Loop", List.of("turns", "", "x"), List.of("y"))
                .with("body", new Attribute.OfGraph(body.graph())))
        .build();
  }

  /** {@code y} is a sequence of {@code x}, a float32 tensor of one axis, alone. */
  public static OnnxModel sequence() {
    return graph("sequence")
        .input("x", floats("n"))
        .output("y", new ValueType.OfSequence(floats("n")))
        .node("SequenceConstruct", List.of("x"), "y")
        .build();
  }

  /**
   * {@code y} is a sequence of maps from the labels 10 and 20 to the numbers in a row of {@code x},
   * float32 [n,2]. The graph builder has no maps, so the type is put in by protobuf.
   */
  public static MemorySegment map(Arena arena) {
    OnnxModel model =
        graph("map")
            .opset("ai.onnx.ml", 1)
            .input("x", floats("n", 2))
            .output("y", floats())
            .node(
                Node.of("ZipMap", List.of("x"), List.of("y"))
                    .withDomain("ai.onnx.ml")
                    .with("classlabels_int64s", Attribute.ints(10, 20)))
            .build();
    TypeProto.Builder number = TypeProto.newBuilder();
    number.getTensorTypeBuilder().setElemType(ElementType.FLOAT.code());
    TypeProto.Builder map = TypeProto.newBuilder();
    map.getMapTypeBuilder().setKeyType(ElementType.INT64.code()).setValueType(number);
    TypeProto.Builder sequence = TypeProto.newBuilder();
    sequence.getSequenceTypeBuilder().setElemType(map);
    return edited(
        model, arena, proto -> proto.getGraphBuilder().getOutputBuilder(0).setType(sequence));
  }

  /** A session of the carried library, on one thread. */
  public static Session open(OnnxModel model) {
    return open(model, SessionOptions.builder());
  }

  /** A session of the carried library, on one thread, with further options. */
  public static Session open(OnnxModel model, SessionOptions.Builder options) {
    try (Arena arena = Arena.ofConfined()) {
      return Session.open(environment(), model.bytes(arena), options.intraOpThreads(1).build());
    }
  }

  /** A session of the carried library with just these options. */
  public static Session open(OnnxModel model, SessionOptions options) {
    try (Arena arena = Arena.ofConfined()) {
      return Session.open(environment(), model.bytes(arena), options);
    }
  }

  /** {@code y = x tensor} with tensor = (1 2 3 4; 5 6 7 8; ...; 13 14 15 16): float32 [batch,4]. */
  public static OnnxModel product() {
    float[] weights = new float[16];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = i + 1;
    }
    return graph("product")
        .input("x", floats("batch", 4))
        .output("y", floats("batch", 4))
        .initializer("tensor", Tensor.ofFloats(new long[] {4, 4}, weights))
        .node("MatMul", List.of("x", "tensor"), "y")
        .build();
  }

  /** The model's file with changes that the graph builder does not know, in native memory. */
  public static MemorySegment edited(
      OnnxModel model, Arena arena, Consumer<ModelProto.Builder> by) {
    try {
      ModelProto.Builder proto =
          ModelProto.parseFrom(model.bytes(arena).toArray(ValueLayout.JAVA_BYTE)).toBuilder();
      by.accept(proto);
      return arena.allocateFrom(ValueLayout.JAVA_BYTE, proto.build().toByteArray());
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  /** A float32 tensor with a copy of the values. */
  public static org.alexnetedge.ort.Tensor tensor(float[] values, long... shape) {
    org.alexnetedge.ort.Tensor tensor =
        org.alexnetedge.ort.Tensor.allocate(environment(), ElementType.FLOAT, shape);
    MemorySegment.copy(values, 0, tensor.data(), ValueLayout.JAVA_FLOAT, 0, values.length);
    return tensor;
  }
}
