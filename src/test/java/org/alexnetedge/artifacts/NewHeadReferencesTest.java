package org.alexnetedge.artifacts;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.alexnetedge.SharedData;
import org.alexnetedge.alexnet.AlexNet;
import org.alexnetedge.alexnet.Configuration;
import org.alexnetedge.alexnet.InitialWeights;
import org.alexnetedge.alexnet.NetworkGraph;
import org.alexnetedge.alexnet.Variant;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.ValueType;
import org.alexnetedge.ort.ModelFixture;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.Session;
import org.alexnetedge.weights.Npy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Models of others and of the project: features beside the original's own values at the cut. */
class NewHeadReferencesTest {
  private static final List<String> TWO = List.of("cat", "dog");

  private static float[] input(Path folder) {
    return Npy.read(folder.resolve("input.npy")).toFloats();
  }

  private static float[] run(OnnxModel model, String output, float[] x, long... shape) {
    try (Session session = ModelFixture.open(model);
        var input = ModelFixture.tensor(x, shape);
        Outputs outputs = session.run(Map.of(session.inputs().getFirst().name(), input))) {
      return outputs.tensor(output).toFloatArray();
    }
  }

  /** The original model's value of that name, as a further output. */
  private static float[] value(OnnxModel model, String name, float[] x, long... shape) {
    GraphBuilder graph = GraphBuilder.of(model).clearValues();
    graph.output(name, new ValueType.OfTensor(ElementType.FLOAT32, null));
    return run(graph.build(), name, x, shape);
  }

  @Test
  void squeezenets_features_are_the_averages_of_its_last_map() {
    OnnxModel model = OnnxModel.read(SharedData.at("data/onnx/squeezenet_v1.0.onnx"));
    float[] x = input(SharedData.at("references/torchvision-narrow"));
    NewHead cut = NewHead.of(model, TWO, 2, 7);
    assertEquals(512, cut.features());
    assertEquals("[input: float[batch,3,224,224]]", describe(cut.frozen(), true));
    assertEquals("[features: float[batch,512]]", describe(cut.frozen(), false));
    assertEquals("[logits: float[batch,2]]", describe(cut.whole(), false));

    float[] map = value(model, "fire9/concat", x, 4, 3, 224, 224);
    int pixels = map.length / (4 * 512);
    float[] features = new float[4 * 512];
    for (int i = 0; i < features.length; i++) {
      double sum = 0;
      for (int p = 0; p < pixels; p++) {
        sum += map[i * pixels + p];
      }
      features[i] = (float) (sum / pixels);
    }
    float[] actual = run(cut.frozen(), NewHead.FEATURES, x, 4, 3, 224, 224);
    assertArrayEquals(features, actual, 1e-3f); // They go up to 100.
    assertArrayEquals(
        run(cut.head(), NewHead.LOGITS, actual, 4, 512),
        run(cut.whole(), NewHead.LOGITS, x, 4, 3, 224, 224),
        1e-4f);
    long old = model.parameterCount();
    assertEquals(old - 513_000, cut.frozen().parameterCount());
    assertEquals(old - 513_000 + 2 * 512 + 2, cut.whole().parameterCount());
  }

  private static String describe(OnnxModel model, boolean inputs) {
    try (Session session = ModelFixture.open(model)) {
      return (inputs ? session.inputs() : session.outputs()).toString();
    }
  }

  @Test
  void pytorchs_exports_give_what_their_last_layer_took() {
    Path folder = SharedData.at("references/torchvision-narrow");
    float[] x = input(folder);
    for (String name : List.of("model.onnx", "model-ts.onnx")) {
      OnnxModel model = OnnxModel.read(folder.resolve(name));
      String last = model.graph().nodes().getLast().inputs().getFirst();
      NewHead cut = NewHead.of(model, TWO, 2, 7);
      float[] features = run(cut.frozen(), NewHead.FEATURES, x, 4, 3, 224, 224);
      assertEquals(128, cut.features());
      assertArrayEquals(value(model, last, x, 4, 3, 224, 224), features, 1e-5f);
      assertEquals(model.graph().nodes().size() - 1, cut.frozen().graph().nodes().size());
    }
  }

  @Test
  void pytorchs_own_head_can_be_kept_with_its_logits() {
    Path folder = SharedData.at("references/torchvision-narrow");
    List<String> labels = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    OnnxModel model =
        OnnxModel.read(folder.resolve("model-ts.onnx"))
            .withMetadata(
                "labels", "[\"0\",\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\"]");
    float[] expected = Npy.read(folder.resolve("logits.npy")).toFloats();
    NewHead kept = NewHead.kept(model, labels).orElseThrow();
    float[] logits = run(kept.whole(), NewHead.LOGITS, input(folder), 4, 3, 224, 224);
    float largest = 0;
    for (float logit : expected) {
      largest = Math.max(largest, Math.abs(logit));
    }
    assertArrayEquals(expected, logits, 1e-5f * largest);
  }

  @ParameterizedTest
  @EnumSource(Variant.class)
  void each_alexnet_is_cut_before_its_last_layer(Variant variant) {
    var configuration = Configuration.of(variant).withClasses(2);
    configuration = configuration.withWidths(configuration.widths().scaled(0.05).withHidden(24));
    var network = AlexNet.of(configuration);
    var input = network.input();
    OnnxModel model =
        NetworkGraph.of(network, InitialWeights.of(network, 3, Arena.ofAuto())).build();
    float[] x = new float[input.channels() * input.height() * input.width()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i % 17 - 8) / 8f;
    }
    long[] shape = {1, input.channels(), input.height(), input.width()};
    NewHead cut = NewHead.of(model, List.of("a", "b", "c"), 3, 7);
    assertEquals(24, cut.features());
    String last =
        model.graph().nodes().stream()
            .filter(node -> node.op().equals("Gemm"))
            .reduce((a, b) -> b)
            .orElseThrow()
            .inputs()
            .getFirst();
    assertArrayEquals(
        value(model, last, x, shape), run(cut.frozen(), NewHead.FEATURES, x, shape), 1e-6f);
    String dropout = model.metadata().get("dropout");
    assertEquals(
        dropout.replace("\"" + last + "\"", "\"features\""), cut.whole().metadata().get("dropout"));
  }
}
