package org.alexnetedge.alexnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnetedge.SharedData;
import org.alexnetedge.alexnet.AlexNet.Widths;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.Graph;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.ShapeInference;
import org.alexnetedge.onnx.Tensor;
import org.junit.jupiter.api.Test;

class NetworkGraphTest {
  private static final Widths NARROW_WIDTHS = new Widths(List.of(8, 24, 48, 32, 32), 128);
  private static final Network NARROW = AlexNet.torchvision(NARROW_WIDTHS, 10);

  @Test
  void the_graph_is_a_chain_from_input_to_logits() {
    OnnxModel model = NetworkGraph.of(NARROW, InitialWeights.of(NARROW, 0, Arena.ofAuto())).build();
    Graph graph = model.graph();
    assertEquals(8, model.irVersion());
    assertEquals(Map.of("", 17L), model.opsets());
    assertEquals("input", graph.inputs().getFirst().name());
    assertEquals("float32 [batch, 3, 224, 224]", graph.inputs().getFirst().type().toString());
    assertEquals("logits", graph.outputs().getFirst().name());
    assertEquals("float32 [batch, 10]", graph.outputs().getFirst().type().toString());
    String value = "input";
    for (Node node : graph.nodes()) {
      assertEquals(value, node.inputs().getFirst());
      value = node.outputs().getFirst();
    }
    assertEquals("logits", value);
    assertEquals(206_642, model.parameterCount());
  }

  @Test
  void pytorchs_own_export_has_the_same_operations_and_takes_the_same_weights() {
    Path file = SharedData.at("references/torchvision-narrow/model-ts.onnx");
    OnnxModel reference = OnnxModel.read(file);
    Map<String, Tensor> weights = new LinkedHashMap<>();
    reference.parameters().forEach((name, stored) -> weights.put(name, stored.tensor()));

    OnnxModel model = NetworkGraph.of(NARROW, weights).build();
    assertEquals(operations(reference), operations(model));
    weights.forEach(
        (name, tensor) ->
            assertEquals(tensor, model.graph().initializers().get(name).tensor(), name));
  }

  /** Operators with weights and attributes, where a 1 x 1 average is nothing. */
  private static List<String> operations(OnnxModel model) {
    List<String> operations = new ArrayList<>();
    for (Node node : model.graph().nodes()) {
      if (node.op().equals("AveragePool")) {
        continue;
      }
      operations.add(
          node.op()
              + node.inputs().subList(1, node.inputs().size())
              + node.integers("kernel_shape", List.of())
              + node.integers("strides", List.of(1L, 1L))
              + node.integers("pads", List.of(0L, 0L, 0L, 0L))
              + node.integers("dilations", List.of(1L, 1L))
              + node.integer("group", 1)
              + node.integer("transB", 0)
              + node.integer("axis", 1));
    }
    return operations;
  }

  @Test
  void weights_that_do_not_fit_are_refused_by_name() {
    Map<String, Tensor> weights = new LinkedHashMap<>(InitialWeights.of(NARROW, 0, Arena.ofAuto()));
    Tensor bias = weights.remove("classifier.6.bias");
    assertRefused("the weight 'classifier.6.bias' is missing", weights);
    weights.put("classifier.6.bias", bias.reshaped(1, 10));
    assertRefused(
        "the weight 'classifier.6.bias' is float32[1,10], where float32[10] is needed", weights);
    weights.put("classifier.6.bias", bias);
    weights.put("extra", bias);
    assertRefused("the network has no weights [extra]", weights);
  }

  private static void assertRefused(String message, Map<String, Tensor> weights) {
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> NetworkGraph.of(NARROW, weights))
            .getMessage());
  }

  @Test
  void dropout_is_left_to_the_metadata() {
    Network keras =
        AlexNet.of(Configuration.of(Variant.KERAS).withWidths(NARROW_WIDTHS).withDropout(0.3f));
    OnnxModel model = NetworkGraph.of(keras, InitialWeights.of(keras, 0, Arena.ofAuto())).build();
    assertEquals("{\"relu6\":0.3,\"relu7\":0.3}", model.metadata().get("dropout"));
    assertEquals("probabilities", model.graph().outputs().getFirst().name());
    assertEquals("float32 [batch, 1]", model.graph().outputs().getFirst().type().toString());
    assertEquals(List.of("Sigmoid"), ops(model, "Sigmoid", "Dropout"));
    OnnxModel plain = NetworkGraph.of(NARROW, InitialWeights.of(NARROW, 0, Arena.ofAuto())).build();
    assertEquals("{\"flatten\":0.5,\"classifier.2\":0.5}", plain.metadata().get("dropout"));
  }

  private static List<String> ops(OnnxModel model, String... wanted) {
    return model.graph().nodes().stream().map(Node::op).filter(List.of(wanted)::contains).toList();
  }

  @Test
  void the_graphs_shapes_are_those_of_the_layers() {
    for (Variant variant : Variant.values()) {
      Network network =
          AlexNet.of(
              Configuration.of(variant)
                  .withWidths(NARROW_WIDTHS)
                  .withGroups(2)
                  .withInput(variant.input() + 32));
      Graph graph =
          NetworkGraph.of(network, InitialWeights.of(network, 0, Arena.ofAuto())).build().graph();
      Map<String, List<Dimension>> shapes = ShapeInference.of(graph);
      boolean flat = false;
      for (Network.Step step : network.steps()) {
        FeatureMap map = step.output();
        flat |= step.layer() instanceof Layer.Flatten;
        String expected =
            flat
                ? "[batch, " + map.channels() + "]"
                : "[batch, " + map.channels() + ", " + map.height() + ", " + map.width() + "]";
        boolean last = step.equals(network.steps().getLast());
        String value = last ? NetworkGraph.output(network) : step.layer().name();
        if (!(step.layer() instanceof Layer.Dropout)) {
          assertEquals(expected, String.valueOf(shapes.get(value)), value);
        }
      }
    }
  }

  @Test
  void adaptive_pooling_of_an_even_multiple_is_plain_pooling() {
    Node node = pooled(12).nodes().getFirst();
    assertEquals("AveragePool", node.op());
    assertEquals(List.of(2L, 2L), node.integers("kernel_shape", List.of()));
    assertEquals(1, pooled(6).nodes().size());
    assertThrows(IllegalArgumentException.class, () -> pooled(14));
  }

  private static Graph pooled(int side) {
    Network network =
        new Network(
            "pool",
            new FeatureMap(2, side, side),
            List.of(new Layer.AdaptiveAvgPool("pool", 6), new Layer.Relu("relu")));
    return NetworkGraph.of(network, Map.of()).build().graph();
  }
}
