package org.alexnetedge.draw;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.alexnetedge.SharedData;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.Tensor;
import org.junit.jupiter.api.Test;

class BlocksPictureTest {
  private static Scene readable(OnnxModel model) throws DrawException {
    Scene scene = BlocksPicture.of(LayerGraph.of(model), "a title");
    Readable.check(scene);
    return scene;
  }

  private static GraphBuilder chain() {
    return Networks.graph()
        .removeInitializer("w")
        .initializer("v", Tensor.ofFloats(new long[] {6, 1, 5, 3}, new float[90]))
        .initializer("k", Tensor.ofFloats(new long[] {6, 4}, new float[24]))
        .node(
            Node.of("Conv", List.of("x", "v"), List.of("a"))
                .with("group", Attribute.of(2))
                .with("strides", Attribute.ints(2, 1)))
        .node("LRN", List.of("a"), "n")
        .node("GlobalAveragePool", List.of("n"), "p")
        .node("Flatten", List.of("p"), "f")
        .node("Gemm", List.of("f", "k"), "y");
  }

  @Test
  void a_chain_is_slabs_with_their_sizes_and_windows() throws Exception {
    Scene scene = readable(Networks.ended(chain(), "y"));
    // Heights 1 + (8 - 5) / 2 = 2, widths 1 + (8 - 3) / 1 = 6
    assertEquals(
        List.of(
            "a title",
            "114 parameters",
            "8 × 8 × 2",
            "input",
            "5×3",
            "stride 2×1",
            "2 × 6 × 6",
            "a",
            "Conv",
            "2 groups",
            "1 × 1 × 6",
            "p",
            "GlobalAveragePool",
            "4",
            "y",
            "Gemm"),
        Readable.texts(scene));
    // Three faces of each slab, and the window.
    assertEquals(4 * 3 + 1, Readable.all(scene, Scene.Polygon.class).size());
  }

  @Test
  void slabs_shrink_with_the_maps() throws Exception {
    List<Double> heights =
        Volume.chain(LayerGraph.of(Networks.ended(chain(), "y"))).along().stream()
            .filter(Volume::isMap)
            .map(volume -> Slab.of(volume, null, 100).height())
            .toList();
    assertEquals(3, heights.size());
    assertTrue(heights.get(0) > heights.get(1) && heights.get(1) > heights.get(2), "" + heights);
  }

  @Test
  void branches_are_left_out_and_counted() throws Exception {
    Scene scene = readable(Networks.inception(2));
    assertEquals(
        "36 parameters · along the longest path; 12 layers beside it not drawn",
        Readable.texts(scene).get(1));
    assertFalse(Readable.texts(scene).contains("b0/3/0"));
    assertTrue(Readable.texts(scene).contains("b0/4/3"));
  }

  @Test
  void many_equal_layers_are_one_slab_and_many_different_ones_go_on_in_rows() throws Exception {
    Scene equal = readable(Networks.residual(30));
    assertTrue(Readable.texts(equal).contains("and 59 more layers"), "" + Readable.texts(equal));
    GraphBuilder graph = Networks.graph();
    String at = "x";
    for (int i = 0; i < 40; i++) {
      String weights = "w" + i;
      long from = i == 0 ? 2 : i + 2;
      graph
          .initializer(
              weights,
              Tensor.ofFloats(new long[] {i + 3, from, 1, 1}, new float[(int) ((i + 3) * from)]))
          .node("Conv", List.of(at, weights), "conv" + i);
      at = "conv" + i;
    }
    Scene rows = readable(Networks.ended(graph, at));
    assertTrue(rows.width() < 2300 && rows.height() > 400, rows.width() + " x " + rows.height());
    assertTrue(Readable.texts(rows).contains("8 × 8 × 42"));
  }

  @Test
  void a_graph_without_known_maps_is_refused_with_what_to_do() {
    OnnxModel unknown = Networks.ended(Networks.graph().node("Whatever", List.of("x"), "y"), "y");
    DrawException refused = assertThrows(DrawException.class, () -> readable(unknown));
    assertTrue(refused.getMessage().contains("--style layers"), refused.getMessage());
  }

  @Test
  void real_networks_are_readable() throws Exception {
    Scene squeezenet = readable(OnnxModel.read(SharedData.at("data/onnx/squeezenet_v1.0.onnx")));
    assertTrue(Readable.texts(squeezenet).contains("54 × 54 × 128"));
    Scene alexnet =
        readable(OnnxModel.read(SharedData.at("data/onnx/light/light_bvlc_alexnet.onnx")));
    assertTrue(
        Readable.texts(alexnet)
            .containsAll(List.of("224 × 224 × 3", "11×11", "stride 4", "6 × 6 × 256", "4,096")));
  }
}
