package org.alexnetedge.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.alexnetedge.SharedData;
import org.junit.jupiter.api.Test;

class ShapeInferenceTest {

  /** A length, a symbol, or "?" for each dimension. */
  private static ValueType floats(Object... shape) {
    return ValueType.tensor(
        ElementType.FLOAT32,
        Arrays.stream(shape)
            .map(
                size ->
                    switch (size) {
                      case Integer length -> Dimension.of(length);
                      case String name when name.equals("?") -> new Dimension.Unknown();
                      default -> Dimension.of(size.toString());
                    })
            .toArray(Dimension[]::new));
  }

  private static GraphBuilder graph(Object... input) {
    return new GraphBuilder("g", 8, 17).input("x", floats(input));
  }

  /** Shape of the node's first output, or "none". */
  private static String after(GraphBuilder graph, Node node) {
    List<Dimension> shape = ShapeInference.of(graph.node(node).build().graph()).get("y");
    return shape == null ? "none" : shape.toString();
  }

  private static Node node(String op, String... inputs) {
    return Node.of(op, List.of(inputs), List.of("y"));
  }

  private static Tensor zeros(long... shape) {
    return Tensor.ofFloats(shape, new float[(int) Tensor.size(shape)]);
  }

  private static String conv(Node node, Object... input) {
    return after(graph(input).initializer("w", zeros(4, 3, 5, 3)), node);
  }

  @Test
  void convolutions_keep_the_batch_and_count_windows() {
    Node plain = node("Conv", "x", "w");
    assertEquals("[batch, 4, 16, 18]", conv(plain, "batch", 3, 20, 20));
    assertEquals(
        "[batch, 4, 7, 10]",
        conv(
            plain.with("strides", Attribute.ints(3, 2)).with("pads", Attribute.ints(1, 0, 2, 2)),
            "batch",
            3,
            20,
            20));
    assertEquals(
        "[2, 4, 12, 16]", conv(plain.with("dilations", Attribute.ints(2, 2)), 2, 3, 20, 20));
    assertEquals(
        "[2, 4, 7, 7]",
        conv(
            plain
                .with("auto_pad", Attribute.of("SAME_UPPER"))
                .with("strides", Attribute.ints(3, 3)),
            2,
            3,
            20,
            20));
    assertEquals(
        "[2, 4, 16, 18]", conv(plain.with("auto_pad", Attribute.of("VALID")), 2, 3, 20, 20));
    assertEquals("[?, 4, ?, ?]", conv(plain, "?", 3, "h", "w"));
    assertEquals(
        "[n, 4, h, w]", conv(plain.with("pads", Attribute.ints(2, 1, 2, 1)), "n", 3, "h", "w"));
  }

  @Test
  void grouped_convolutions_take_their_share_of_the_channels() {
    Node grouped = node("Conv", "x", "w").with("group", Attribute.of(2));
    assertEquals("[n, 4, 16, 18]", conv(grouped, "n", 6, 20, 20));
    assertEquals("none", conv(grouped, "n", 3, 20, 20));
  }

  @Test
  void what_does_not_fit_has_no_shape() {
    assertEquals("none", conv(node("Conv", "x", "w"), "n", 4, 20, 20));
    assertEquals("none", conv(node("Conv", "x", "w"), "n", 3, 4, 20));
    assertEquals("none", conv(node("Conv", "x", "w"), "n", 3, 20));
    assertEquals(
        "none", conv(node("Conv", "x", "w").with("strides", Attribute.ints(0, 1)), "n", 3, 20, 20));
    assertEquals(
        "none", conv(node("Conv", "x", "w").with("strides", Attribute.ints(1)), "n", 3, 20, 20));
    assertEquals("none", after(graph(2, 3), node("Unheard", "x")));
    assertEquals("none", after(graph(2, 3), node("Relu", "x").withDomain("com.example")));
    assertEquals("none", after(graph(2, 3).input("z", floats(4, 3)), node("Add", "x", "z")));
    assertEquals(
        "none", after(graph(2, 3), node("Transpose", "x").with("perm", Attribute.ints(0, 0))));
    assertEquals("none", after(graph(2, 3), node("Concat", "x").with("axis", Attribute.of(2))));
    assertEquals("none", after(graph(2, 3), node("Flatten", "x").with("axis", Attribute.of(3))));
  }

  @Test
  void lengths_beyond_64_bits_have_no_shape() {
    ValueType huge =
        ValueType.tensor(ElementType.FLOAT32, Dimension.of(1L << 40), Dimension.of(1L << 40));
    GraphBuilder graph = new GraphBuilder("g", 8, 17).input("x", huge);
    assertEquals("none", after(graph, node("Flatten", "x").with("axis", Attribute.of(0))));
  }

  @Test
  void pools_round_down_or_up() {
    Node pool =
        node("MaxPool", "x")
            .with("kernel_shape", Attribute.ints(3, 3))
            .with("strides", Attribute.ints(2, 2));
    assertEquals("[n, 8, 27, 3]", after(graph("n", 8, 55, 8), pool));
    Node up = pool.with("ceil_mode", Attribute.of(1));
    assertEquals("[n, 8, 27, 4]", after(graph("n", 8, 55, 8), up));
    // The fourth window would begin in the padding after the end.
    assertEquals(
        "[n, 8, 2, 2]",
        after(
            graph("n", 8, 2, 2),
            node("AveragePool", "x")
                .with("kernel_shape", Attribute.ints(1, 1))
                .with("strides", Attribute.ints(2, 2))
                .with("pads", Attribute.ints(1, 1, 1, 1))
                .with("ceil_mode", Attribute.of(1))));
    assertEquals("[n, 8, 1, 1]", after(graph("n", 8, "h", 7), node("GlobalAveragePool", "x")));
  }

  @Test
  void indices_masks_and_statistics_have_shapes_too() {
    Node pool =
        Node.of("MaxPool", List.of("x"), List.of("p", "indices"))
            .with("kernel_shape", Attribute.ints(2, 2));
    Node norm =
        Node.of(
                "BatchNormalization",
                List.of("p", "c", "c", "c", "c"),
                List.of("y", "mean", "variance"))
            .with("training_mode", Attribute.of(1));
    Node dropout = Node.of("Dropout", List.of("y"), List.of("d", "mask"));
    Map<String, List<Dimension>> shapes =
        ShapeInference.of(
            graph("n", 3, 5, 5)
                .initializer("c", zeros(3))
                .node(pool)
                .node(norm)
                .node(dropout)
                .build()
                .graph());
    for (String value : List.of("p", "indices", "y", "d", "mask")) {
      assertEquals("[n, 3, 4, 4]", shapes.get(value).toString(), value);
    }
    assertEquals("[3]", shapes.get("variance").toString());
  }

  @Test
  void products_take_the_outer_lengths() {
    Node gemm = node("Gemm", "x", "w").with("transB", Attribute.of(1));
    assertEquals("[n, 5]", after(graph("n", 7).initializer("w", zeros(5, 7)), gemm));
    assertEquals("none", after(graph("n", 7).initializer("w", zeros(7, 5)), gemm));
    assertEquals(
        "[7, 5]",
        after(
            graph(3, 7).initializer("w", zeros(3, 5)),
            node("Gemm", "x", "w").with("transA", Attribute.of(1))));
    Node matMul = node("MatMul", "x", "w");
    assertEquals("[n, 5]", after(graph("n", 7).initializer("w", zeros(7, 5)), matMul));
    assertEquals(
        "[n, 4, 6, 5]", after(graph("n", 1, 6, 7).initializer("w", zeros(4, 7, 5)), matMul));
    assertEquals("[n]", after(graph("n", 7).initializer("w", zeros(7)), matMul));
    assertEquals("[5]", after(graph(7).initializer("w", zeros(7, 5)), matMul));
    assertEquals("[]", after(graph(7).initializer("w", zeros(7)), matMul));
  }

  @Test
  void element_wise_operations_stretch_lengths_of_one() {
    assertEquals(
        "[n, 3, 4]", after(graph("n", 1, 4).initializer("b", zeros(3, 1)), node("Add", "x", "b")));
    assertEquals("[n]", after(graph("n").input("z", floats(1)), node("Mul", "x", "z")));
    assertEquals("[5]", after(graph("n").input("z", floats(5)), node("Mul", "x", "z")));
    assertEquals("[?]", after(graph("n").input("z", floats("m")), node("Mul", "x", "z")));
  }

  private static String reshaped(List<Object> input, long... target) {
    GraphBuilder graph =
        graph(input.toArray()).initializer("s", Tensor.ofLongs(new long[] {target.length}, target));
    return after(graph, node("Reshape", "x", "s"));
  }

  @Test
  void reshapes_follow_the_symbolic_batch() {
    List<Object> map = List.of("n", 256, 6, 6);
    assertEquals("[n, 9216]", reshaped(map, 0, -1));
    assertEquals("[n, 9216]", reshaped(map, -1, 9216));
    assertEquals("[n, 16, 576]", reshaped(map, 0, 16, -1));
    assertEquals("[?, 9215]", reshaped(map, -1, 9215));
    assertEquals("[?]", reshaped(map, -1));
    assertEquals("[1, 9216]", reshaped(map, 1, 9216));
    assertEquals("[6, 4]", reshaped(List.of(2, 3, 4), 6, -1));
    assertEquals("none", reshaped(map, -1, -1));
    assertEquals("none", reshaped(map, -2));
    // A shape that the graph computes is not followed.
    GraphBuilder computed =
        graph(2, 3)
            .input("s", ValueType.tensor(ElementType.INT64, 2))
            .node("Shape", List.of("s"), "t");
    assertEquals("none", after(computed, node("Reshape", "x", "t")));
  }

  @Test
  void flattening_multiplies_on_both_sides_of_the_axis() {
    assertEquals("[n, 9216]", after(graph("n", 256, 6, 6), node("Flatten", "x")));
    assertEquals(
        "[?, 36]", after(graph("n", 2, 6, 6), node("Flatten", "x").with("axis", Attribute.of(-2))));
    assertEquals(
        "[1, 24]", after(graph(2, 3, 4), node("Flatten", "x").with("axis", Attribute.of(0))));
    assertEquals(
        "[24, 1]", after(graph(2, 3, 4), node("Flatten", "x").with("axis", Attribute.of(3))));
  }

  @Test
  void axes_are_turned_joined_removed_and_added() {
    assertEquals(
        "[n, 4, 5, 3]",
        after(
            graph("n", 3, 4, 5), node("Transpose", "x").with("perm", Attribute.ints(0, 2, 3, 1))));
    assertEquals("[3, 2]", after(graph(2, 3), node("Transpose", "x")));
    assertEquals(
        "[n, 7, 4]",
        after(
            graph("n", 3, 4).input("z", floats("?", 4, 4)),
            node("Concat", "x", "z").with("axis", Attribute.of(1))));
    Tensor axes = Tensor.ofLongs(new long[] {2}, 2, -1);
    assertEquals(
        "[n, 8]", after(graph("n", 8, 1, 1).initializer("a", axes), node("Squeeze", "x", "a")));
    assertEquals(
        "[n, 8]",
        after(graph("n", 8, 1, 1), node("Squeeze", "x").with("axes", Attribute.ints(2, 3))));
    assertEquals("[8]", after(graph(8, 1), node("Squeeze", "x")));
    assertEquals("none", after(graph("n", 1), node("Squeeze", "x")));
    assertEquals(
        "[n, 8, 1, 1]", after(graph("n", 8).initializer("a", axes), node("Unsqueeze", "x", "a")));
    assertEquals(
        "[n, 8, 1, 1]",
        after(graph("n", 8, 7, 7), node("ReduceMean", "x").with("axes", Attribute.ints(2, 3))));
    assertEquals(
        "[n, 8]",
        after(
            graph("n", 8, 7, 7).initializer("a", axes),
            node("ReduceMean", "x", "a").with("keepdims", Attribute.of(0))));
    assertEquals("[1, 1]", after(graph("n", 8), node("ReduceSum", "x")));
  }

  @Test
  void padding_adds_at_both_ends() {
    Tensor pads = Tensor.ofLongs(new long[] {4}, 0, 2, 0, -1);
    assertEquals("[n, 5]", after(graph("n", 4).initializer("p", pads), node("Pad", "x", "p")));
    Tensor two = Tensor.ofLongs(new long[] {2}, 2, 3);
    Tensor axis = Tensor.ofLongs(new long[] {1}, -1);
    assertEquals(
        "[n, 9]",
        after(
            graph("n", 4).initializer("p", two).initializer("a", axis),
            node("Pad", "x", "p", "", "a")));
    assertEquals("[4]", after(graph(2), node("Pad", "x").with("pads", Attribute.ints(1, 1))));
    assertEquals("none", after(graph(2), node("Pad", "x").with("pads", Attribute.ints(-1, -2))));
  }

  @Test
  void constants_have_the_shape_of_their_value_and_steer_others() {
    Node shape =
        Node.of("Constant", List.of(), List.of("s"))
            .with("value", Attribute.of(Tensor.ofLongs(new long[] {2}, 0, -1)));
    assertEquals("[n, 12]", after(graph("n", 3, 4).node(shape), node("Reshape", "x", "s")));
    assertEquals(
        "[3]", after(graph(1), node("Constant").with("value_ints", Attribute.ints(1, 2, 3))));
    assertEquals("[]", after(graph(1), node("Constant").with("value_float", Attribute.of(1f))));
  }

  @Test
  void declared_shapes_stand_in_for_unknown_operators() {
    GraphBuilder graph =
        graph("n", 3)
            .node("Unheard", List.of("x"), "u")
            .value("u", floats("n", 8))
            .node("Relu", List.of("u"), "v");
    assertEquals("[n, 8]", after(graph, node("Sigmoid", "v")));
    // -1 is what some programs write for a free length.
    ValueType free = ValueType.tensor(ElementType.FLOAT32, Dimension.of(-1), Dimension.of(3));
    GraphBuilder old = new GraphBuilder("g", 8, 17).input("x", free);
    assertEquals("[?, 3]", after(old, node("Relu", "x")));
  }

  @Test
  void the_conformance_models_of_onnx_have_the_shapes_that_they_declare() throws Exception {
    List<Path> files;
    try (Stream<Path> all = Files.walk(SharedData.at("data/onnx/conformance"))) {
      files = all.filter(file -> file.endsWith("model.onnx")).sorted().toList();
    }
    List<String> unknown = new ArrayList<>();
    for (Path file : files) {
      OnnxModel model = OnnxModel.read(file);
      GraphBuilder undeclared = GraphBuilder.of(model).clearValues().clearOutputs();
      for (ValueInfo output : model.graph().outputs()) {
        ValueType.OfTensor type = (ValueType.OfTensor) output.type();
        undeclared.output(output.name(), new ValueType.OfTensor(type.element(), null));
      }
      Map<String, List<Dimension>> shapes = ShapeInference.of(undeclared.build().graph());
      for (ValueInfo output : model.graph().outputs()) {
        List<Dimension> declared = ((ValueType.OfTensor) output.type()).shape();
        if (shapes.get(output.name()) == null) {
          unknown.add(model.graph().nodes().getFirst().op());
        } else {
          assertEquals(declared, shapes.get(output.name()), file.toString());
        }
      }
    }
    assertTrue(files.size() >= 83, files.size() + " models");
    // Their target shape is an input.
    unknown.removeAll(List.of("Reshape", "ConstantOfShape"));
    assertEquals(List.of(), unknown);
  }

  @Test
  void a_whole_classifier_of_another_program_is_followed_to_its_end() {
    Graph graph = OnnxModel.read(SharedData.at("data/onnx/light/light_bvlc_alexnet.onnx")).graph();
    Map<String, List<Dimension>> shapes = ShapeInference.of(graph);
    List<String> maps = new ArrayList<>();
    for (Node node : graph.nodes()) {
      assertTrue(shapes.containsKey(node.outputs().getFirst()), node.toString());
      if (node.op().equals("MaxPool")) {
        maps.add(shapes.get(node.outputs().getFirst()).toString());
      }
    }
    assertEquals(List.of("[1, 96, 26, 26]", "[1, 256, 12, 12]", "[1, 256, 6, 6]"), maps);
    assertNull(shapes.get("nobody"));
  }
}
