package org.alexnetedge.artifacts;

import static org.alexnetedge.ort.ModelFixture.floats;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.ort.ModelFixture;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.Session;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small graphs, whose features are computed by hand. */
class NewHeadTest {
  private static final List<String> ABC = List.of("a", "b", "c");

  /** Two pictures of 2 channels and 2 x 2 pixels; some are negative. */
  private static final float[] MAPS = {1, 2, 3, 4, 10, 20, -30, 40, 0, 0, 0, 8, -1, -1, -1, -1};

  /** The means of their channels. */
  private static final float[] MEANS = {2.5f, 10, 2, -1};

  private static float[] run(OnnxModel model, float[] x, long... shape) {
    try (Session session = ModelFixture.open(model);
        var input = ModelFixture.tensor(x, shape);
        Outputs outputs = session.run(Map.of(session.inputs().getFirst().name(), input))) {
      assertEquals(1, session.outputs().size());
      return outputs.tensor(session.outputs().getFirst().name()).toFloatArray();
    }
  }

  private static float[] weight(OnnxModel model, String name) {
    return model.graph().initializers().get(name).tensor().toFloats();
  }

  /** Features times the new weights plus the new bias, in Java. */
  private static float[] logits(NewHead cut, float[] features) {
    float[] weight = weight(cut.whole(), NewHead.WEIGHT);
    float[] bias = weight(cut.whole(), NewHead.BIAS);
    int f = cut.features();
    float[] logits = new float[features.length / f * cut.classes()];
    for (int i = 0; i < logits.length; i++) {
      int c = i % cut.classes();
      logits[i] = bias[c];
      for (int k = 0; k < f; k++) {
        logits[i] += weight[c * f + k] * features[i / cut.classes() * f + k];
      }
    }
    return logits;
  }

  /** Checks the three models against features that were computed by hand. */
  private static void assertFeatures(NewHead cut, float[] features, float[] x, long... shape) {
    assertArrayEquals(features, run(cut.frozen(), x, shape), 1e-6f);
    float[] logits = logits(cut, features);
    assertArrayEquals(logits, run(cut.whole(), x, shape), 1e-5f);
    assertArrayEquals(logits, run(cut.head(), features, shape[0], cut.features()), 1e-5f);
  }

  /** As SqueezeNet ends: dropout, a padded convolution, ReLU, average; with a map before. */
  private static GraphBuilder likeSqueezeNet() {
    return ModelFixture.graph("squeeze")
        .metadata("preprocessing", "{}")
        .metadata("labels", "[\"old\"]")
        .metadata("provenance", "somewhere")
        .input("x", floats("batch", 2, 2, 2))
        .output("y", floats("batch", 5))
        .initializer("rate", Tensor.ofFloats(new long[0], 0.25f))
        .initializer("w", Tensor.ofFloats(new long[] {5, 2, 1, 1}, new float[10]))
        .initializer("b", Tensor.ofFloats(new long[] {5}, new float[5]))
        .initializer("never used", Tensor.ofFloats(new long[] {1}, 1))
        .value("map", floats("batch", 2, 2, 2))
        .value("conv", floats("batch", 5, 4, 4))
        .node("Identity", List.of("x"), "map")
        .node("Dropout", List.of("map", "rate"), "dropped")
        .node(
            Node.of("Conv", List.of("dropped", "w", "b"), List.of("conv"))
                .with("pads", Attribute.ints(1, 1, 1, 1)))
        .node("Relu", List.of("conv"), "relu")
        .node("GlobalAveragePool", List.of("relu"), "pool")
        .node("Flatten", List.of("pool"), "y");
  }

  @Test
  void a_map_before_a_last_convolution_is_averaged_over_space() {
    NewHead cut = NewHead.of(likeSqueezeNet().build(), ABC, 3, 1);
    assertEquals(2, cut.features());
    assertEquals(3, cut.classes());
    assertFeatures(cut, MEANS, MAPS, 2, 2, 2, 2);
  }

  @Test
  void what_nothing_uses_any_more_is_gone() {
    NewHead cut = NewHead.of(likeSqueezeNet().build(), ABC, 3, 1);
    assertEquals(
        List.of("GlobalAveragePool", "Flatten", "Gemm"),
        cut.whole().graph().nodes().stream().map(Node::op).toList());
    assertEquals(
        List.of("head.weight", "head.bias"),
        List.copyOf(cut.whole().graph().initializers().keySet()));
    assertEquals(Map.of(), cut.frozen().graph().initializers());
  }

  @Test
  void metadata_speak_of_the_new_model() {
    NewHead cut = NewHead.of(likeSqueezeNet().build(), ABC, 3, 1);
    Map<String, String> said =
        Map.of(
            "alexnet.version", "1",
            "preprocessing", "{}",
            "labels", "[\"a\",\"b\",\"c\"]",
            "task", "softmax",
            "output", "logits",
            "dropout", "{\"features\":0.25}");
    assertEquals(said, cut.whole().metadata());
    assertEquals(Map.of("alexnet.version", "1", "preprocessing", "{}"), cut.frozen().metadata());
    assertEquals("{\"features\":0.25}", cut.head().metadata().get("dropout"));
    assertNull(cut.head().metadata().get("preprocessing"));
  }

  /** Two layers: h = ReLU(x W1), then a second layer of the caller's, then its ending. */
  private static GraphBuilder perceptron() {
    return ModelFixture.graph("perceptron")
        .input("x", floats("batch", 2))
        .output("y", floats("batch", 2))
        .initializer("w1", Tensor.ofFloats(new long[] {3, 2}, 1, 0, 0, 1, -1, -1))
        .initializer("w2", Tensor.ofFloats(new long[] {2, 3}, 1, 2, 3, 4, 5, 6))
        .initializer("w2t", Tensor.ofFloats(new long[] {3, 2}, 1, 4, 2, 5, 3, 6))
        .initializer("b2", Tensor.ofFloats(new long[] {2}, 0.5f, -0.5f))
        .node(Node.of("Gemm", List.of("x", "w1"), List.of("h1")).with("transB", Attribute.of(1)))
        .node("Relu", List.of("h1"), "h");
  }

  private static final float[] X = {1, 2, -3, 1};

  /** ReLU of (x1, x2, -x1 - x2). */
  private static final float[] H = {1, 2, 0, 0, 1, 2};

  private static GraphBuilder endingInSoftmax() {
    return perceptron()
        .metadata("labels", "[\"no\",\"yes\"]")
        .metadata("task", "softmax")
        .metadata("dropout", "{\"h1\":0.1,\"h\":0.5,\"logit\":0.3}")
        .node(
            Node.of("Gemm", List.of("h", "w2", "b2"), List.of("logit"))
                .with("transB", Attribute.of(1)))
        .node("Softmax", List.of("logit"), "y");
  }

  @Test
  void the_input_of_a_last_gemm_is_the_features_as_it_is() {
    NewHead cut = NewHead.of(endingInSoftmax().build(), ABC, 3, 1);
    assertEquals(3, cut.features());
    assertFeatures(cut, H, X, 2, 2);
    assertEquals(
        "[Gemm(x, w1) -> h1, Relu(h1) -> features,"
            + " Gemm(features, head.weight, head.bias) -> logits]",
        cut.whole().graph().nodes().toString());
  }

  @Test
  void dropout_stays_where_its_value_stays() {
    NewHead cut = NewHead.of(endingInSoftmax().build(), ABC, 3, 1);
    assertEquals("{\"h1\":0.1,\"features\":0.5}", cut.whole().metadata().get("dropout"));
    assertEquals("{\"h1\":0.1}", cut.frozen().metadata().get("dropout"));
    assertEquals("{\"features\":0.5}", cut.head().metadata().get("dropout"));
  }

  @Test
  void a_matmul_with_an_add_and_a_sigmoid_behind_it_is_a_last_layer_too() {
    OnnxModel model =
        perceptron()
            .node("Identity", List.of("h"), "same")
            .node("MatMul", List.of("same", "w2t"), "product")
            .node("Add", List.of("product", "b2"), "sum")
            .node("Sigmoid", List.of("sum"), "y")
            .build();
    assertFeatures(NewHead.of(model, ABC, 3, 1), H, X, 2, 2);
  }

  @Test
  void a_map_with_channels_last_is_averaged_before_a_last_matmul() {
    for (long opset : new long[] {13, 18}) {
      OnnxModel model =
          new GraphBuilder("last", 8, opset)
              .input("x", floats("batch", 2, 2, 2))
              .output("y", floats("batch", 2, 2, 3))
              .initializer("w", Tensor.ofFloats(new long[] {2, 3}, new float[6]))
              .node("Neg", List.of("x"), "map")
              .node("MatMul", List.of("map", "w"), "y")
              .build();
      // [2,2,2,2] with channels last: each picture's even numbers, then its odd ones.
      float[] means = {4, -16.5f, 0.5f, -1.5f};
      assertFeatures(NewHead.of(model, ABC, 3, 1), means, MAPS, 2, 2, 2, 2);
    }
  }

  @Test
  void a_last_layer_on_the_input_itself_leaves_the_input_as_features() {
    OnnxModel model = ModelFixture.linear().build();
    assertFeatures(
        NewHead.of(model, ABC, 3, 1), new float[] {1, 2, 3}, new float[] {1, 2, 3}, 1, 3);
  }

  @Test
  void half_precision_becomes_float32_at_the_features() {
    OnnxModel model =
        ModelFixture.graph("half")
            .input("x", floats("batch", 2))
            .output("y", ModelFixture.type(ElementType.FLOAT16, "batch", 1))
            .initializer(
                "w", Tensor.of(ElementType.FLOAT16, new long[] {2, 1}, Arena.ofAuto().allocate(4)))
            .node(Node.of("Cast", List.of("x"), List.of("half")).with("to", Attribute.of(10)))
            .node("MatMul", List.of("half", "w"), "y")
            .build();
    assertFeatures(
        NewHead.of(model, ABC, 3, 1), new float[] {1.5f, -2}, new float[] {1.5f, -2}, 1, 2);
  }

  @Test
  void names_that_the_head_needs_are_taken_from_others() {
    OnnxModel model =
        ModelFixture.graph("names")
            .metadata("dropout", "{\"logits\":0.125}")
            .input("x", floats("batch", 2))
            .output("y", floats("batch", 1))
            .initializer("head.weight", Tensor.ofFloats(new long[] {2}, 3, 5))
            .initializer("w", Tensor.ofFloats(new long[] {2, 1}, 1, 1))
            .node("Mul", List.of("x", "head.weight"), "features")
            .node("Neg", List.of("features"), "logits")
            .node("Abs", List.of("logits"), "h")
            .node("MatMul", List.of("h", "w"), "y")
            .build();
    NewHead cut = NewHead.of(model, ABC, 3, 1);
    assertFeatures(cut, new float[] {3, 10}, new float[] {-1, 2}, 1, 2);
    assertEquals("{\"logits_\":0.125}", cut.whole().metadata().get("dropout"));
  }

  @Test
  void the_whole_model_can_get_a_new_head_again() {
    NewHead first = NewHead.of(endingInSoftmax().build(), ABC, 3, 1);
    NewHead second = NewHead.of(first.whole(), List.of("no", "yes"), 1, 2);
    assertFeatures(second, H, X, 2, 2);
    assertEquals("sigmoid", second.whole().metadata().get("task"));
    assertEquals(
        first.whole().graph().nodes().toString(), second.whole().graph().nodes().toString());
    assertEquals(first.frozen().metadata(), second.frozen().metadata());
  }

  @Test
  void files_of_the_oldest_version_list_their_weights_as_inputs() {
    OnnxModel model =
        new GraphBuilder("old", 3, 9)
            .input("x", floats("batch", 2))
            .input("w1", floats(2, 2))
            .input("w2", floats(2, 2))
            .output("y", floats("batch", 2))
            .initializer("w1", Tensor.ofFloats(new long[] {2, 2}, 1, 0, 0, 2))
            .initializer("w2", Tensor.ofFloats(new long[] {2, 2}, 1, 0, 0, 2))
            .node("MatMul", List.of("x", "w1"), "h")
            .node("MatMul", List.of("h", "w2"), "y")
            .build();
    NewHead cut = NewHead.of(model, ABC, 3, 1);
    assertFeatures(cut, new float[] {1, 4}, new float[] {1, 2}, 1, 2);
    assertEquals(1, cut.whole().graph().inputs().size());
  }

  @Test
  void the_first_weights_follow_from_the_seed_and_are_uniform_as_pytorchs() {
    OnnxModel model = endingInSoftmax().build();
    float[] one = weight(NewHead.of(model, ABC, 3, 1).head(), NewHead.WEIGHT);
    assertArrayEquals(one, weight(NewHead.of(model, ABC, 3, 1).whole(), NewHead.WEIGHT));
    assertFalse(Arrays.equals(one, weight(NewHead.of(model, ABC, 3, 2).head(), NewHead.WEIGHT)));
    double bound = 1 / Math.sqrt(3);
    for (float value : one) {
      assertTrue(Math.abs(value) < bound, () -> value + " is beyond " + bound);
    }
    // Random(1).nextFloat() is 0.7308782, by the formula of its documentation.
    assertEquals((2 * 0.7308782 - 1) * bound, one[0], 1e-6);
  }

  @Test
  void a_head_for_the_same_labels_can_be_kept() {
    List<String> labels = List.of("no", "yes");
    NewHead kept = NewHead.kept(endingInSoftmax().build(), labels).orElseThrow();
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, weight(kept.head(), NewHead.WEIGHT));
    // h W2' + b2 of both rows.
    assertArrayEquals(new float[] {5.5f, 13.5f, 8.5f, 16.5f}, run(kept.whole(), X, 2, 2), 1e-6f);
    assertEquals("logits", kept.whole().metadata().get("output"));
    assertTrue(NewHead.kept(endingInSoftmax().build(), List.of("yes", "no")).isEmpty());
    assertTrue(NewHead.kept(likeSqueezeNet().build(), List.of("old")).isEmpty());
  }

  @Test
  void a_matmul_with_an_add_and_a_plain_convolution_can_be_kept() {
    OnnxModel matmul =
        perceptron()
            .metadata("labels", "[\"no\",\"yes\"]")
            .node("MatMul", List.of("h", "w2t"), "product")
            .node("Add", List.of("b2", "product"), "y")
            .build();
    NewHead kept = NewHead.kept(matmul, List.of("no", "yes")).orElseThrow();
    assertArrayEquals(run(matmul, X, 2, 2), run(kept.whole(), X, 2, 2), 1e-6f);
    OnnxModel conv =
        ModelFixture.graph("conv")
            .metadata("labels", "[\"a\",\"b\",\"c\"]")
            .input("x", floats("batch", 2, 2, 2))
            .output("y", floats("batch", 3))
            .initializer("w", Tensor.ofFloats(new long[] {3, 2, 1, 1}, 1, 2, 3, 4, 5, 6))
            .initializer("b", Tensor.ofFloats(new long[] {3}, 1, 2, 3))
            .node("Conv", List.of("x", "w", "b"), "conv")
            .node("GlobalAveragePool", List.of("conv"), "pool")
            .node("Flatten", List.of("pool"), "y")
            .build();
    NewHead average = NewHead.kept(conv, ABC).orElseThrow();
    assertArrayEquals(run(conv, MAPS, 2, 2, 2, 2), run(average.whole(), MAPS, 2, 2, 2, 2), 1e-5f);
  }

  @Test
  void external_weights_are_taken_in_when_the_parts_are_written(@TempDir Path folder)
      throws IOException {
    NewHead cut = NewHead.of(OnnxModel.read(external(folder)), ABC, 3, 1);
    Path written = folder.resolve("elsewhere.onnx");
    cut.whole().write(written);
    Files.delete(folder.resolve("weights.data"));
    assertArrayEquals(
        logits(cut, new float[] {1, 4}),
        run(OnnxModel.read(written), new float[] {1, 2}, 1, 2),
        1e-6f);
  }

  /** h = x W1 with W1 = (1 0; 0 2) in a file of its own; y = h W2. */
  private static Path external(Path folder) throws IOException {
    Path file = folder.resolve("model.onnx");
    ModelFixture.graph("external")
        .input("x", floats("batch", 2))
        .output("y", floats("batch", 2))
        .initializer("w1", Tensor.ofFloats(new long[] {2, 2}, 1, 0, 0, 2))
        .initializer("w2", Tensor.ofFloats(new long[] {2, 2}, 1, 0, 0, 2))
        .node("MatMul", List.of("x", "w1"), "h")
        .node("MatMul", List.of("h", "w2"), "y")
        .build()
        .write(file);
    ModelProto.Builder model = ModelProto.parseFrom(Files.readAllBytes(file)).toBuilder();
    TensorProto.Builder weight = model.getGraphBuilder().getInitializerBuilder(0);
    Files.write(folder.resolve("weights.data"), weight.getRawData().toByteArray());
    weight.clearRawData().setDataLocation(TensorProto.DataLocation.EXTERNAL);
    weight.addExternalDataBuilder().setKey("location").setValue("weights.data");
    return Files.write(file, model.build().toByteArray());
  }

  @Test
  void models_without_a_layer_to_replace_are_refused_with_a_sentence() {
    OnnxModel none = ModelFixture.identity(org.alexnetedge.ort.ElementType.FLOAT, "batch", 2);
    assertMessage("has no layer with weights (Gemm, MatMul or Conv) before its output 'y'", none);
    OnnxModel round =
        perceptron()
            .initializer("square", Tensor.ofFloats(new long[] {3, 3}, new float[9]))
            .node("MatMul", List.of("h", "square"), "product")
            .node("Add", List.of("product", "h"), "y")
            .build();
    assertMessage("another way leads round it", round);
    OnnxModel einsum =
        perceptron()
            .node(
                Node.of("Einsum", List.of("h", "w2t"), List.of("y"))
                    .with("equation", Attribute.of("ij,jk->ik")))
            .build();
    assertMessage("'y', is a Einsum", einsum);
  }

  private static void assertMessage(String part, OnnxModel model) {
    String message =
        assertThrows(ArtifactException.class, () -> NewHead.of(model, ABC, 3, 1)).getMessage();
    assertTrue(message.contains(part), message);
  }
}
