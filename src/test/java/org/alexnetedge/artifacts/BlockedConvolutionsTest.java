package org.alexnetedge.artifacts;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.alexnetedge.natives.Platform;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.ValueInfo;
import org.alexnetedge.onnx.ValueType;
import org.alexnetedge.onnx.ValueType.OfTensor;
import org.alexnetedge.ort.ModelFixture;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.ort.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The same graph with and without blocks, on the same random numbers. */
class BlockedConvolutionsTest {
  private static final int PICTURES = 3;
  private static final int SIDE = 13;
  private static final int BLOCK = TrainingModel.block();

  /**
   * A graph of inputs alone: pictures {@code x}, weights and biases.
   *
   * @param blocked convolutions that are expected in blocks
   * @param reordered values that are brought into blocks, weights among them
   * @param relus that remain nodes
   */
  private record Case(OnnxModel model, int blocked, int reordered, int relus) {
    @Override
    public String toString() {
      return model.graph().name();
    }
  }

  /** Adds convolutions one by one. */
  private static final class Net {
    private final GraphBuilder graph;

    Net(String label, long channels) {
      graph = ModelFixture.graph(label).input("x", ModelFixture.floats("n", channels, SIDE, SIDE));
    }

    Net input(String name, Object... shape) {
      graph.input(name, ModelFixture.floats(shape));
      return this;
    }

    /** With weights and bias that are called W and b and the output's name. */
    Net conv(String x, String y, long... weights) {
      return conv(Node.of("Conv", List.of(x, "W" + y, "b" + y), List.of(y)), weights);
    }

    Net conv(Node node, long... weights) {
      List<String> inputs = node.inputs();
      input(inputs.get(1), weights[0], weights[1], weights[2], weights[3]);
      if (inputs.size() > 2 && !inputs.get(2).isEmpty()) {
        input(inputs.get(2), weights[0]);
      }
      return node(node);
    }

    Net node(Node node) {
      graph.node(node);
      return this;
    }

    Net relu(String x, String y) {
      graph.node("Relu", List.of(x), y);
      return this;
    }

    Case as(int blocked, int reordered, int relus, String... outputs) {
      for (String output : outputs) {
        graph.output(output, ModelFixture.floats("n", "c", "h", "w"));
      }
      return new Case(graph.build(), blocked, reordered, relus);
    }
  }

  private static Node conv(String y) {
    return Node.of("Conv", List.of("x", "W" + y, "b" + y), List.of(y));
  }

  static Stream<Case> cases() {
    long b = BLOCK;
    return Stream.of(
        new Net("few channels, large steps", 3)
            .conv(
                conv("y")
                    .with("strides", Attribute.ints(4, 4))
                    .with("pads", Attribute.ints(2, 2, 2, 2)),
                2 * b,
                3,
                11,
                11)
            .as(1, 0, 0, "y"),
        new Net("whole blocks", 2 * b)
            .conv(conv("y").with("pads", Attribute.ints(1, 1, 1, 1)), b, 2 * b, 3, 3)
            .as(1, 2, 0, "y"),
        new Net("no bias, pads of four lengths", b)
            .conv(
                Node.of("Conv", List.of("x", "Wy"), List.of("y"))
                    .with("pads", Attribute.ints(0, 1, 2, 3)),
                b,
                b,
                5,
                3)
            .as(1, 2, 0, "y"),
        new Net("inputs and outputs filled up", b + 4)
            .conv("x", "y", b + b / 2 + 1, b + 4, 3, 3)
            .as(1, 2, 0, "y"),
        new Net("pointwise", 2 * b).conv("x", "y", 3 * b, 2 * b, 1, 1).as(1, 2, 0, "y"),
        new Net("far apart", b)
            .conv(
                conv("y")
                    .with("dilations", Attribute.ints(2, 3))
                    .with("strides", Attribute.ints(2, 1)),
                b,
                b,
                3,
                3)
            .as(1, 2, 0, "y"),
        new Net("padded by a rule", b)
            .conv(
                conv("y")
                    .with("auto_pad", Attribute.of("SAME_UPPER"))
                    .with("strides", Attribute.ints(2, 2)),
                b,
                b,
                3,
                3)
            .as(1, 2, 0, "y"),
        new Net("groups", 2 * b)
            .conv(conv("y").with("group", Attribute.of(2)), 4 * b, b, 3, 3)
            .as(1, 2, 0, "y"),
        new Net("channel by channel", 2 * b)
            .conv(conv("y").with("group", Attribute.of(2 * b)), 2 * b, 1, 3, 3)
            .as(1, 1, 0, "y"),
        new Net("groups of odd lengths stay", 3 * b)
            .conv(conv("y").with("group", Attribute.of(3)), 12, b, 3, 3)
            .as(0, 0, 0, "y"),
        new Net("channels that are no multiple of 4 stay", b + 2)
            .conv("x", "y", b, b + 2, 3, 3)
            .as(0, 0, 0, "y"),
        new Net("few outputs stay", b).conv("x", "y", 2, b, 3, 3).as(0, 0, 0, "y"),
        new Net("a Relu joins, and the next takes the blocks", 3)
            .conv("x", "y", b, 3, 3, 3)
            .relu("y", "z")
            .conv("z", "q", 2 * b, b, 3, 3)
            .as(2, 1, 0, "q"),
        new Net("outputs that are filled up go on as they are", 3)
            .conv("x", "y", b + 4, 3, 3, 3)
            .conv("y", "q", b, b + 4, 3, 3)
            .as(2, 1, 0, "q", "y"),
        new Net("a Relu beside another use stays", 3)
            .conv("x", "y", b, 3, 3, 3)
            .relu("y", "z")
            .as(1, 0, 1, "y", "z"),
        new Net("an input of two is brought into blocks once", b)
            .conv("x", "y", b, b, 3, 3)
            .conv("x", "z", b, b, 1, 1)
            .as(2, 3, 0, "y", "z"),
        new Net("weights of two", b)
            .conv("x", "y", b, b, 3, 3)
            .node(Node.of("Conv", List.of("y", "Wy", "by"), List.of("z")))
            .as(2, 3, 0, "z"),
        new Net("weights that something else uses", b)
            .conv("x", "y", b, b, 3, 3)
            .node(Node.of("Add", List.of("Wy", "Wy"), List.of("z")))
            .as(1, 2, 0, "y", "z"),
        new Net("a bias that is left out by an empty name", b)
            .conv(Node.of("Conv", List.of("x", "Wy", ""), List.of("y")), b + 3, b, 3, 3)
            .as(1, 2, 0, "y"));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void a_graph_in_blocks_computes_the_same(Case net) {
    assumeTrue(BLOCK > 1, "ONNX Runtime has no blocks on this processor");
    OnnxModel blocked = BlockedConvolutions.of(net.model(), BLOCK);
    assertEquals(net.blocked(), count(blocked, "com.microsoft.nchwc", "Conv"));
    assertEquals(net.reordered(), count(blocked, "com.microsoft.nchwc", "ReorderInput"));
    assertEquals(net.relus(), count(blocked, "", "Relu"));
    if (net.blocked() == 0) {
      assertSame(net.model(), blocked);
    }
    List<float[]> expected = run(net.model());
    List<float[]> given = run(blocked);
    for (int i = 0; i < expected.size(); i++) {
      double largest = 0;
      for (float value : expected.get(i)) {
        largest = Math.max(largest, Math.abs(value));
      }
      assertTrue(largest > 0.1, "there is something to compare");
      assertArrayEquals(expected.get(i), given.get(i), (float) (2e-6 * largest));
    }
  }

  /** So that a probe which no longer says anything does not go unnoticed. */
  @Test
  void processors_with_wide_registers_have_blocks() throws IOException {
    assumeTrue(Platform.current() == Platform.LINUX_X86_64);
    assumeTrue(Files.readString(Path.of("/proc/cpuinfo")).contains(" avx"));
    assertTrue(BLOCK == 8 || BLOCK == 16, "a block has " + BLOCK + " channels");
  }

  @Test
  void what_is_used_in_blocks_only_is_not_brought_back() {
    assumeTrue(BLOCK > 1, "ONNX Runtime has no blocks on this processor");
    Case chain =
        cases().filter(net -> net.toString().startsWith("a Relu joins")).findFirst().orElseThrow();
    OnnxModel blocked = BlockedConvolutions.of(chain.model(), BLOCK);
    assertEquals(1, count(blocked, "com.microsoft.nchwc", "ReorderOutput"));
  }

  /** A value inside a body may not have the name of one around it. */
  @Test
  void names_in_bodies_are_not_taken() {
    assumeTrue(BLOCK > 1, "ONNX Runtime has no blocks on this processor");
    Net net = new Net("names", BLOCK).conv("x", "y", BLOCK, BLOCK, 3, 3);
    net.graph.initializer(
        "yes", org.alexnetedge.onnx.Tensor.of(ElementType.BOOL, new long[0], oneByte()));
    net.node(
        Node.of("If", List.of("yes"), List.of("z"))
            .with("then_branch", body("x_blocks"))
            .with("else_branch", body("Wy_turned")));
    OnnxModel model = net.as(1, 2, 0, "y", "z").model();
    assertArrayEquals(new float[] {1, 2}, run(BlockedConvolutions.of(model, BLOCK)).get(1));
  }

  private static MemorySegment oneByte() {
    MemorySegment one = Arena.ofAuto().allocate(1);
    one.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
    return one;
  }

  private static Attribute body(String name) {
    return new Attribute.OfGraph(
        new GraphBuilder("body", 8, 17)
            .output(name, ModelFixture.floats(2))
            .initializer("given", org.alexnetedge.onnx.Tensor.ofFloats(new long[] {2}, 1, 2))
            .node("Identity", List.of("given"), name)
            .build()
            .graph());
  }

  /** Weights that do not change are constants, which ONNX Runtime puts into blocks by itself. */
  @Test
  void constants_and_other_ranks_are_left_alone() {
    OnnxModel constant = ModelFixture.conv(2 * BLOCK);
    assertSame(constant, BlockedConvolutions.of(constant, 16));
    OnnxModel line =
        ModelFixture.graph("line")
            .input("x", ModelFixture.floats("n", 16, 20))
            .input("W", ModelFixture.floats(16, 16, 3))
            .output("y", ModelFixture.floats("n", 16, 18))
            .node("Conv", List.of("x", "W"), "y")
            .build();
    assertSame(line, BlockedConvolutions.of(line, 16));
  }

  @Test
  void where_there_are_no_blocks_nothing_changes() {
    OnnxModel model = cases().toList().get(1).model();
    assertSame(model, BlockedConvolutions.of(model, 1));
  }

  private static long count(OnnxModel model, String domain, String op) {
    return model.graph().nodes().stream()
        .filter(node -> node.domain().equals(domain) && node.op().equals(op))
        .count();
  }

  private static List<float[]> run(OnnxModel model) {
    Random random = new Random(7);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    try (Arena arena = Arena.ofConfined();
        Session session =
            Session.open(TrainingModel.environment(), model.bytes(arena), SessionOptions.DEFAULT)) {
      for (ValueInfo input : model.graph().inputs()) {
        inputs.put(input.name(), random(input.type(), random));
      }
      List<String> names = model.graph().outputs().stream().map(ValueInfo::name).toList();
      try (Outputs outputs = session.run(inputs)) {
        List<float[]> values = new ArrayList<>();
        names.forEach(name -> values.add(outputs.tensor(name).toFloatArray()));
        return values;
      }
    } finally {
      inputs.values().forEach(Tensor::close);
    }
  }

  private static Tensor random(ValueType type, Random random) {
    List<Dimension> dimensions = ((OfTensor) type).shape();
    long[] shape =
        dimensions.stream()
            .mapToLong(length -> length instanceof Dimension.Fixed(long fixed) ? fixed : PICTURES)
            .toArray();
    int size = 1;
    for (long length : shape) {
      size *= (int) length;
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.ofFloats(TrainingModel.environment(), values, shape);
  }
}
