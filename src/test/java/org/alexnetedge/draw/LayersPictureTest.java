package org.alexnetedge.draw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.alexnetedge.SharedData;
import org.alexnetedge.draw.Scene.Box;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayersPictureTest {
  @TempDir private Path folder;

  private static Scene draw(OnnxModel model) throws DrawException {
    return LayersPicture.of(LayerGraph.of(model), "a title");
  }

  private static Scene readable(OnnxModel model) throws DrawException {
    Scene scene = draw(model);
    Readable.check(scene);
    return scene;
  }

  @Test
  void each_layer_is_a_box_with_what_there_is_to_say() throws Exception {
    // 1 + (8 + 1 + 0 - 3) / 2 = 4; 5 * 2 * 3 * 3 + 5 = 95; ceil mode 1 + ceil((4 - 3) / 2) = 2
    OnnxModel model =
        Networks.graph()
            .removeInitializer("w")
            .initializer("v", Tensor.ofFloats(new long[] {5, 2, 3, 3}, new float[90]))
            .initializer("c", Tensor.ofFloats(new long[] {5}, new float[5]))
            .initializer("k", Tensor.ofFloats(new long[] {20, 7}, new float[140]))
            .node(
                Node.of("Conv", List.of("x", "v", "c"), List.of("a"))
                    .withName("first")
                    .with("pads", Attribute.ints(1, 1, 0, 0))
                    .with("strides", Attribute.ints(2, 2)))
            .node("Relu", List.of("a"), "b")
            .node(
                Node.of("MaxPool", List.of("b"), List.of("p"))
                    .with("kernel_shape", Attribute.ints(3, 3))
                    .with("strides", Attribute.ints(2, 2))
                    .with("ceil_mode", Attribute.of(1)))
            .node("Flatten", List.of("p"), "f")
            .node("Gemm", List.of("f", "k"), "g")
            .node("Softmax", List.of("g"), "y")
            .output(
                "y",
                org.alexnetedge.onnx.ValueType.tensor(
                    org.alexnetedge.onnx.ElementType.FLOAT32, 1, 7))
            .build();
    Scene scene = readable(model);
    assertEquals(6, Readable.boxes(scene).size()); // x, first, p, f, g, y
    assertEquals(
        List.of(
            "a title",
            "4 layers · 235 parameters",
            "x",
            "input",
            "[n, 2, 8, 8]",
            "first",
            "Conv + Relu",
            "3×3, stride 2, padding 1, 1, 0, 0",
            "95 parameters",
            "[n, 5, 4, 4]",
            "p",
            "MaxPool",
            "3×3, stride 2",
            "[n, 5, 2, 2]",
            "f",
            "Flatten",
            "[n, 20]",
            "g",
            "Gemm + Softmax",
            "140 parameters",
            "[n, 7]",
            "y",
            "output",
            "[n, 7]"),
        Readable.texts(scene));
    assertEquals(5, Readable.all(scene, Scene.Path.class).size());
    assertEquals(5, Readable.all(scene, Scene.Polygon.class).size());
  }

  @Test
  void branches_and_joins_have_arrows_that_go_through_no_box() throws Exception {
    Scene scene = readable(Networks.inception(3));
    assertEquals(3 * 11 + 2, Readable.boxes(scene).size());
    // 4 branches into each first layer, 6 within branches, 4 into the sum; and to the output
    assertEquals(3 * 14 + 1, Readable.all(scene, Scene.Polygon.class).size());
    readable(Networks.dense(9));
    readable(Networks.residual(4));
  }

  @Test
  void a_long_network_is_folded_into_columns() throws Exception {
    Scene scene = readable(Networks.residual(60)); // 300 nodes
    assertEquals(60 * 3 + 2, Readable.boxes(scene).size());
    assertTrue(scene.width() / scene.height() > 1 && scene.width() / scene.height() < 2.5);
    Scene small = readable(Networks.residual(3));
    assertEquals(1, Readable.boxes(small).stream().map(Box::x).distinct().count());
  }

  @Test
  void a_network_of_two_thousand_nodes_is_drawn() throws Exception {
    assertEquals(400 * 3 + 2, Readable.boxes(draw(Networks.residual(400))).size());
    assertEquals(180 * 11 + 2, Readable.boxes(draw(Networks.inception(180))).size());
  }

  @Test
  void real_networks_are_readable() throws Exception {
    Scene squeezenet = readable(OnnxModel.read(SharedData.at("data/onnx/squeezenet_v1.0.onnx")));
    assertTrue(Readable.texts(squeezenet).contains("39 layers · 1,248,424 parameters"));
    // fire2's 1x1: 96 * 16 + 16
    assertTrue(Readable.texts(squeezenet).contains("1,552 parameters"));
    readable(OnnxModel.read(SharedData.at("references/torchvision-narrow/model.onnx")));
    readable(OnnxModel.read(SharedData.at("data/onnx/light/light_bvlc_alexnet.onnx")));
  }

  @Test
  void what_is_computed_from_weights_alone_is_no_layer_but_its_parameters_count() throws Exception {
    OnnxModel model =
        Networks.ended(
            Networks.graph()
                .node("Neg", List.of("w"), "minus")
                .node("Identity", List.of("minus"), "same")
                .node("Conv", List.of("x", "same"), "y"),
            "y");
    Scene scene = readable(model);
    assertEquals(3, Readable.boxes(scene).size());
    assertTrue(Readable.texts(scene).contains("36 parameters"));
  }

  @Test
  void an_activation_that_others_see_the_input_of_is_its_own_layer() throws Exception {
    OnnxModel model =
        Networks.ended(
            Networks.graph()
                .node(Networks.conv("x", "a"))
                .node("Sigmoid", List.of("a"), "s")
                .node("Mul", List.of("a", "s"), "y"),
            "y");
    assertEquals(5, Readable.boxes(readable(model)).size());
  }

  @Test
  void attributes_are_written_for_people() throws Exception {
    OnnxModel model =
        Networks.ended(
            Networks.graph()
                .node(
                    Node.of("LRN", List.of("x"), List.of("n"))
                        .with("size", Attribute.of(5))
                        .with("alpha", Attribute.of(5 * 1e-4f / 5 * 5))
                        .with("bias", Attribute.of(2f)))
                .node(
                    Networks.conv("n", "y")
                        .with("pads", Attribute.ints(0, 1, 0, 1))
                        .with("dilations", Attribute.ints(1, 2))),
            "y");
    List<String> texts = Readable.texts(readable(model));
    assertTrue(texts.contains("size 5, alpha 0.0005, beta 0.75, bias 2"), texts.toString());
    assertTrue(texts.contains("3×3, padding 0×1, dilation 1×2"), texts.toString());
  }

  @Test
  void unknown_operators_and_shapes_are_drawn_as_far_as_they_are_known() throws Exception {
    OnnxModel model =
        Networks.ended(
            Networks.graph()
                .opset("com.example", 1)
                .node(Node.of("Strange", List.of("x"), List.of("a", "b")).withDomain("com.example"))
                .node("Whatever", List.of("a", "b"), "c")
                .node("Relu", List.of("c"), "y"),
            "y");
    Scene scene = readable(model);
    List<String> texts = Readable.texts(scene);
    assertTrue(texts.contains("com.example.Strange"), texts.toString());
    assertTrue(texts.contains("unknown shape and 1 more"), texts.toString());
    assertTrue(texts.contains("Whatever + Relu"), texts.toString());
    assertEquals(4, Readable.boxes(scene).size());
  }

  @Test
  void hostile_names_stay_in_their_boxes() throws Exception {
    GraphBuilder graph = Networks.graph();
    String at = "x";
    for (String name : SvgPictureTest.HOSTILE) {
      graph.node(Networks.conv(at, name + at.length()).withName(name));
      at = name + at.length();
    }
    readable(Networks.ended(graph, at));
  }

  @Test
  void an_empty_graph_is_a_page_that_says_so() throws Exception {
    Scene scene = readable(new GraphBuilder("g", 8, 17).build());
    assertEquals(List.of("a title", "The graph is empty."), Readable.texts(scene));
    Scene through = readable(Networks.ended(Networks.graph(), "x"));
    assertEquals(2, Readable.boxes(through).size());
    assertEquals(1, Readable.all(through, Scene.Polygon.class).size());
  }

  @Test
  void nodes_in_a_circle_are_refused_and_nodes_in_disorder_drawn() throws Exception {
    OnnxModel circle = raw(node("b", "a"), node("a", "b"));
    DrawException refused = assertThrows(DrawException.class, () -> LayerGraph.of(circle));
    assertTrue(refused.getMessage().contains("in a circle"), refused.getMessage());
    Scene disorder = readable(raw(node("b", "c"), node("a", "b")));
    assertEquals(
        List.of("b", "c"),
        Readable.texts(disorder).stream().filter(List.of("b", "c")::contains).toList());
    assertEquals(1, Readable.all(disorder, Scene.Polygon.class).size());
  }

  private static NodeProto node(String from, String to) {
    return NodeProto.newBuilder()
        .setOpType("Add")
        .addInput(from)
        .addInput(from)
        .addOutput(to)
        .build();
  }

  private OnnxModel raw(NodeProto... nodes) throws Exception {
    Path file = folder.resolve("raw.onnx");
    ModelProto.Builder model = ModelProto.newBuilder().setIrVersion(8);
    model.addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17));
    model.setGraph(GraphProto.newBuilder().setName("g").addAllNode(List.of(nodes)));
    Files.write(file, model.build().toByteArray());
    return OnnxModel.read(file);
  }

  @Test
  void all_text_has_the_contrast_that_accessibility_asks_for() throws Exception {
    for (Kind kind : Kind.values()) {
      for (String ink : List.of(Scene.INK, kind.stroke())) {
        double contrast = (luminance(kind.fill()) + 0.05) / (luminance(ink) + 0.05);
        assertTrue(contrast >= 4.5, kind + " " + ink + " " + contrast); // WCAG 2.2, 1.4.3
      }
    }
    assertTrue(1.05 / (luminance(Scene.PALE_INK) + 0.05) >= 7);
  }

  /** Relative luminance as WCAG 2.2 defines it. */
  private static double luminance(String color) {
    double sum = 0;
    double[] parts = {0.2126, 0.7152, 0.0722};
    for (int i = 0; i < 3; i++) {
      double c = Integer.parseInt(color, 1 + 2 * i, 3 + 2 * i, 16) / 255.0;
      sum += parts[i] * (c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
  }
}
