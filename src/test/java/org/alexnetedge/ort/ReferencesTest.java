package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnetedge.SharedData;
import org.alexnetedge.alexnet.AlexNet;
import org.alexnetedge.alexnet.NetworkGraph;
import org.alexnetedge.alexnet.Parameter;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.weights.Npy;
import org.junit.jupiter.api.Test;

/** A narrow AlexNet whose logits PyTorch computed. */
class ReferencesTest {
  private static final double RELATIVE = 1e-5;

  @Test
  void models_that_pytorch_exported_give_its_logits() {
    Path folder = SharedData.at("references/torchvision-narrow");
    for (String name : List.of("model.onnx", "model-ts.onnx")) {
      try (Session session =
          Session.open(ModelFixture.environment(), folder.resolve(name), SessionOptions.DEFAULT)) {
        assertGivesLogits(folder, session);
      }
    }
  }

  @Test
  void the_same_weights_in_the_projects_own_graph_give_the_same_logits() {
    Path folder = SharedData.at("references/torchvision-narrow");
    var network = AlexNet.torchvision(new AlexNet.Widths(List.of(8, 24, 48, 32, 32), 128), 10);
    var initializers = OnnxModel.read(folder.resolve("model.onnx")).graph().initializers();
    Map<String, Tensor> weights = new LinkedHashMap<>();
    for (Parameter parameter : network.parameters()) {
      weights.put(parameter.name(), initializers.get(parameter.name()).tensor());
    }
    try (Session session = ModelFixture.open(NetworkGraph.of(network, weights).build())) {
      assertEquals("[input: float[batch,3,224,224]]", session.inputs().toString());
      assertEquals("[logits: float[batch,10]]", session.outputs().toString());
      assertGivesLogits(folder, session);
    }
  }

  /** To 1e-5 of the largest logit, since a logit near 0 has no relative precision of its own. */
  private static void assertGivesLogits(Path folder, Session session) {
    Tensor logits = Npy.read(folder.resolve("logits.npy"));
    double largest = 0;
    for (float logit : logits.toFloats()) {
      largest = Math.max(largest, Math.abs(logit));
    }
    Stored.assertGives(
        session,
        List.of(Npy.read(folder.resolve("input.npy"))),
        List.of(logits),
        0,
        RELATIVE * largest);
  }
}
