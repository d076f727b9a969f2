package org.alexnetedge.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxModelTest {
  @TempDir private Path folder;

  private OnnxModel throughAFile(OnnxModel model) {
    Path file = folder.resolve("model.onnx");
    model.write(file);
    return OnnxModel.read(file);
  }

  @Test
  void a_model_comes_back_from_a_file_as_it_was() {
    OnnxModel model = throughAFile(SmallModels.linear().build());
    assertEquals(SmallModels.linear().build().proto(), model.proto());
    assertEquals(8, model.irVersion());
    assertEquals(Map.of("", 17L), model.opsets());
    assertEquals("a test", model.producerName());
    assertEquals("1.2", model.producerVersion());
    assertEquals("one layer", model.doc());
    assertEquals(Map.of("labels", "[\"Größe\",\"\"]", "task", "softmax"), model.metadata());
    assertEquals(8, model.parameterCount());

    Graph graph = model.graph();
    assertEquals("linear", graph.name());
    assertEquals(
        List.of(
            new ValueInfo(
                "x",
                ValueType.tensor(ElementType.FLOAT32, Dimension.of("batch"), Dimension.of(3)))),
        graph.inputs());
    assertEquals("y", graph.outputs().getFirst().name());
    assertEquals("float32 [batch, 2]", graph.outputs().getFirst().type().toString());
    assertEquals(List.of("w", "b"), List.copyOf(graph.initializers().keySet()));
    assertEquals(
        Tensor.ofFloats(new long[] {2, 3}, 1, 2, 3, 4, 5, 6),
        graph.initializers().get("w").tensor());

    Node node = graph.nodes().getFirst();
    assertEquals("Gemm(x, w, b) -> y", node.toString());
    assertEquals(1, node.integer("transB", 0));
    assertEquals(1f, node.real("alpha", 0));
    assertEquals(5, node.integer("transA", 5));
    assertEquals(node, graph.producer("y").orElseThrow());
    assertEquals(List.of(node), graph.consumers("w"));
  }

  @Test
  void weights_of_a_file_stay_in_the_memory_it_was_read_into() {
    Path file = folder.resolve("model.onnx");
    SmallModels.linear().build().write(file);
    Tensor weights;
    try (Arena arena = Arena.ofConfined()) {
      weights = OnnxModel.read(file, arena).graph().initializers().get("w").tensor();
      assertEquals(6f, weights.toFloats()[5]);
    }
    assertThrows(IllegalStateException.class, weights::toFloats);
  }

  @Test
  void metadata_is_set_replaced_and_removed() {
    OnnxModel model =
        throughAFile(
            SmallModels.linear()
                .build()
                .withMetadata("task", "sigmoid")
                .withMetadata("labels", null)
                .withMetadata("new", "ü\n"));
    assertEquals(Map.of("task", "sigmoid", "new", "ü\n"), model.metadata());
  }

  @Test
  void a_model_is_changed_by_building_it_again() {
    OnnxModel model = throughAFile(SmallModels.linear().build());
    OnnxModel longer =
        GraphBuilder.of(model)
            .clearOutputs()
            .node("Softmax", List.of("y"), "p")
            .output(
                "p", ValueType.tensor(ElementType.FLOAT32, Dimension.of("batch"), Dimension.of(2)))
            .opset("com.microsoft", 1)
            .metadata("task", "none")
            .build();
    longer = throughAFile(longer);
    assertEquals(
        List.of("Gemm", "Softmax"), longer.graph().nodes().stream().map(Node::op).toList());
    assertEquals("p", longer.graph().outputs().getFirst().name());
    assertEquals(Map.of("", 17L, "com.microsoft", 1L), longer.opsets());
    assertEquals("none", longer.metadata().get("task"));
    assertEquals(1, model.graph().nodes().size());
  }

  @Test
  void every_kind_of_attribute_and_value_comes_back() {
    Tensor constant = Tensor.ofLongs(new long[0], 3);
    Graph body = SmallModels.linear().build().graph();
    Node node =
        Node.of("Many", List.of("x", ""), List.of("y"))
            .withDomain("org.example")
            .withName("n")
            .with("ints", Attribute.ints(1, -2))
            .with("reals", Attribute.reals(List.of(0.5f)))
            .with("text", Attribute.of("ü"))
            .with("texts", Attribute.texts("a", "b"))
            .with("tensor", Attribute.of(constant))
            .with("body", new Attribute.OfGraph(body));
    ValueType sequence =
        new ValueType.OfSequence(
            new ValueType.OfTensor(ElementType.INT64, List.of(new Dimension.Unknown())));
    OnnxModel model =
        throughAFile(
            new GraphBuilder("g", 8, 17)
                .opset("org.example", 2)
                .input("x", sequence)
                .output("y", new ValueType.OfTensor(ElementType.BOOL, null))
                .value("z", ValueType.tensor(ElementType.FLOAT16, 1, 2))
                .node(node)
                .build());
    assertEquals(sequence, model.graph().inputs().getFirst().type());
    assertEquals("bool of any shape", model.graph().outputs().getFirst().type().toString());
    assertEquals("float16 [1, 2]", model.graph().values().getFirst().type().toString());
    Node read = model.graph().nodes().getFirst();
    assertEquals(node, read);
    assertEquals("org.example", read.domain());
    assertEquals(List.of(1L, -2L), read.integers("ints", List.of()));
    assertEquals("ü", read.text("text", ""));
    assertEquals(
        List.of("ints", "reals", "text", "texts", "tensor", "body"),
        List.copyOf(read.attributes().keySet()));
    assertTrue(
        read.attribute("tensor").orElseThrow() instanceof Attribute.OfTensor(StoredTensor stored)
            && stored.tensor().equals(constant));
    assertTrue(
        read.attribute("body").orElseThrow() instanceof Attribute.OfGraph(Graph inner)
            && inner.nodes().equals(body.nodes()));
    assertEquals(Attribute.ints(7), read.with("ints", Attribute.ints(7)).attributes().get("ints"));
  }

  @Test
  void a_graph_that_does_not_hang_together_is_refused() {
    GraphBuilder dangling = SmallModels.linear().node("Relu", List.of("nothing"), "z");
    assertEquals(
        "the node Relu 'z' uses 'nothing', which nothing gives before",
        assertThrows(IllegalArgumentException.class, dangling::build).getMessage());
    GraphBuilder twice = SmallModels.linear().node("Relu", List.of("x"), "y");
    assertThrows(IllegalArgumentException.class, twice::build);
    GraphBuilder sameWeight =
        SmallModels.linear().initializer("w", Tensor.ofFloats(new long[] {1}, 1));
    assertThrows(IllegalArgumentException.class, sameWeight::build);
    GraphBuilder noOutput = SmallModels.linear().output("q", ValueType.tensor(ElementType.BOOL, 1));
    assertThrows(IllegalArgumentException.class, noOutput::build);
  }

  @Test
  void writing_replaces_a_file_whole_and_leaves_nothing_beside_it() throws Exception {
    Path file = folder.resolve("m.onnx");
    Files.writeString(file, "old");
    Path link = Files.createSymbolicLink(folder.resolve("link.onnx"), file);
    SmallModels.linear().build().write(link);
    assertTrue(Files.isSymbolicLink(link));
    assertEquals(8, OnnxModel.read(file).parameterCount());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(2, files.count());
    }
  }

  @Test
  void what_cannot_be_written_is_said_in_a_sentence() throws Exception {
    OnnxModel model = SmallModels.linear().build();
    Path nowhere = folder.resolve("no/m.onnx");
    assertEquals(
        nowhere + " cannot be written: there is no folder " + folder.resolve("no") + ".",
        assertThrows(OnnxException.class, () -> model.write(nowhere)).getMessage());
    assertEquals(
        folder + " cannot be written: it is not a file.",
        assertThrows(OnnxException.class, () -> model.write(folder)).getMessage());
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void a_model_above_two_gigabytes_is_refused_before_anything_is_written() throws Exception {
    Path sparse = folder.resolve("sparse");
    long bytes = 3L << 29; // Twice one and a half gigabytes, and no memory is touched.
    try (FileChannel channel =
        FileChannel.open(
            sparse,
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      channel.write(java.nio.ByteBuffer.allocate(1), bytes - 1);
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment data = channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes, arena);
        Tensor tensor = Tensor.of(ElementType.UINT8, new long[] {bytes}, data);
        OnnxModel model =
            SmallModels.linear().initializer("p", tensor).initializer("q", tensor).build();
        OnnxException e =
            assertThrows(OnnxException.class, () -> model.write(folder.resolve("big.onnx")));
        assertTrue(e.getMessage().contains("more than the 2 GB"), e.getMessage());
      }
    }
    assertTrue(Files.notExists(folder.resolve("big.onnx")));
  }

  @Test
  void an_initializer_listed_among_the_inputs_is_not_an_input() {
    OnnxModel model =
        SmallModels.linear().input("w", ValueType.tensor(ElementType.FLOAT32, 2, 3)).build();
    assertEquals(List.of("x"), model.graph().inputs().stream().map(ValueInfo::name).toList());
  }

  @Test
  void shapes_and_scalars_are_no_parameters_and_constant_nodes_are() {
    OnnxModel model =
        SmallModels.linear()
            .initializer("shape", Tensor.ofLongs(new long[] {2}, 1, -1))
            .initializer("ratio", Tensor.ofFloats(new long[0], 0.5f))
            .node(
                Node.of("Constant", List.of(), List.of("c"))
                    .with("value", Attribute.of(Tensor.ofFloats(new long[] {4}, 1, 2, 3, 4))))
            .node("Add", List.of("y", "c"), "z")
            .build();
    assertEquals(12, model.parameterCount());
    assertArrayEquals(
        new float[] {1, 2, 3, 4}, model.graph().constant("c").orElseThrow().tensor().toFloats());
    ModelSummary summary = ModelSummary.of(model);
    assertEquals(Map.of("Gemm", 1, "Constant", 1, "Add", 1), summary.operators());
    assertEquals(new ModelSummary.Size(12, 48), summary.parameters().get(ElementType.FLOAT32));
    assertEquals(List.of(8L, 4L), summary.layers().stream().map(l -> l.parameters()).toList());
  }

  @Test
  void fields_of_a_newer_format_are_kept() throws Exception {
    byte[] model = SmallModels.linear().build().proto().toByteArray();
    byte[] newer = Arrays.copyOf(model, model.length + 5);
    // Field 26, which IR version 11 added to the model: two bytes.
    System.arraycopy(new byte[] {(byte) 0xd2, 1, 2, 0x0a, 0}, 0, newer, model.length, 5);
    Path file = Files.write(folder.resolve("newer.onnx"), newer);
    OnnxModel.read(file).withMetadata("task", "softmax").write(file);
    assertEquals(newer.length, Files.size(file));
  }

  @Test
  void sums_of_sizes_that_do_not_fit_a_number_are_said() {
    GraphBuilder builder = SmallModels.linear();
    for (String name : List.of("p", "q", "r")) {
      TensorProto huge =
          TensorProto.newBuilder()
              .setName(name)
              .setDataType(ElementType.UINT8.code())
              .addDims(Long.MAX_VALUE / 2)
              .build();
      builder.initializer(new StoredTensor(huge, Origin.BUILT));
    }
    OnnxModel model = builder.build();
    assertThrows(OnnxException.class, model::parameterCount);
    assertThrows(OnnxException.class, () -> ModelSummary.of(model));
  }

  @Test
  void a_constant_without_an_output_is_nothing() {
    Node node =
        Node.of("Constant", List.of(), List.of())
            .with("value", Attribute.of(Tensor.ofFloats(new long[] {1}, 1)));
    assertEquals(8, SmallModels.linear().node(node).build().parameterCount());
  }
}
