package org.alexnetedge.artifacts;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.ort.ModelFixture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactsTest {
  private static final Optimizer ADAMW = Optimizer.AdamW.defaults();

  /** A convolution, a hidden layer with bias by MatMul and Add, and a head: 3 classes. */
  private static GraphBuilder network() {
    return ModelFixture.graph("small")
        .input("x", ModelFixture.floats("batch", 1, 4, 4))
        .output("logits", ModelFixture.floats("batch", 3))
        .initializer("conv.weight", counting(2, 1, 3, 3))
        .initializer("conv.bias", counting(2))
        .initializer("bn.weight", counting(2))
        .initializer("bn.bias", counting(2))
        .initializer("bn.mean", counting(2))
        .initializer("bn.var", counting(2))
        .initializer("hidden.weight", counting(8, 4))
        .initializer("hidden.bias", counting(4))
        .initializer("head.weight", counting(3, 4))
        .initializer("head.bias", counting(3))
        .node("Conv", List.of("x", "conv.weight", "conv.bias"), "conv")
        .node(
            "BatchNormalization",
            List.of("conv", "bn.weight", "bn.bias", "bn.mean", "bn.var"),
            "bn")
        .node("Relu", List.of("bn"), "relu")
        .node("Flatten", List.of("relu"), "flat")
        .node("MatMul", List.of("flat", "hidden.weight"), "product")
        .node("Add", List.of("product", "hidden.bias"), "hidden")
        .node(
            Node.of("Gemm", List.of("hidden", "head.weight", "head.bias"), List.of("logits"))
                .with("transB", Attribute.of(1)));
  }

  /** Values 0.01, 0.02, ... */
  private static Tensor counting(long... shape) {
    int size = 1;
    for (long length : shape) {
      size *= (int) length;
    }
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (i + 1) / 100f;
    }
    return Tensor.ofFloats(shape, values);
  }

  private static Map<String, Tensor> inputs() {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("x", counting(2, 1, 4, 4));
    inputs.put("targets", TrainingModel.oneHot(new long[] {0, 2}, 3));
    inputs.put("weights", TrainingModel.ones(2));
    return inputs;
  }

  private static Artifacts artifacts(Trainable trainable) {
    return Artifacts.of(network().build(), ArtifactOptions.of(trainable, ADAMW));
  }

  @Test
  void what_is_trained_can_be_chosen_by_part_or_by_name() {
    List<String> head = List.of("head.weight", "head.bias");
    List<String> classifier = List.of("hidden.weight", "hidden.bias", "head.weight", "head.bias");
    assertEquals(head, artifacts(Trainable.head()).trainableParameters());
    assertEquals(classifier, artifacts(Trainable.classifier()).trainableParameters());
    assertEquals(
        List.of("conv.weight", "conv.bias", "bn.weight", "bn.bias", "hidden.weight"),
        artifacts(Trainable.all()).trainableParameters().subList(0, 5));
    assertEquals(List.of("bn.mean", "bn.var"), artifacts(Trainable.all()).frozenParameters());
    assertEquals(
        List.of("conv.weight", "hidden.weight", "hidden.bias"),
        artifacts(Trainable.parse("hidden.*, conv.w?ight")).trainableParameters());
    assertEquals(Trainable.classifier(), Trainable.parse("classifier"));
  }

  @Test
  void a_pattern_that_matches_nothing_is_refused_with_the_names_there_are() {
    ArtifactException e =
        assertThrows(ArtifactException.class, () -> artifacts(Trainable.matching("fc*")));
    assertTrue(
        e.getMessage().startsWith("No float32 parameter of the model is called 'fc*'; it has "),
        e.getMessage());
    assertTrue(e.getMessage().contains("head.weight"), e.getMessage());
  }

  @Test
  void training_and_eval_model_take_inputs_and_parameters_in_the_same_order() {
    Artifacts artifacts = artifacts(Trainable.classifier());
    List<String> shared =
        List.of(
            "x",
            "targets",
            "weights",
            "hidden.weight",
            "hidden.bias",
            "head.weight",
            "head.bias",
            "conv.weight",
            "conv.bias",
            "bn.weight",
            "bn.bias",
            "bn.mean",
            "bn.var");
    try (TrainingModel training = TrainingModel.training(artifacts);
        TrainingModel eval = TrainingModel.eval(artifacts)) {
      assertEquals(shared, eval.inputs());
      assertEquals(shared, training.inputs().subList(0, shared.size()));
      assertEquals(
          List.of(
              "hidden.weight_grad.accumulation.buffer",
              "hidden.bias_grad.accumulation.buffer",
              "head.weight_grad.accumulation.buffer",
              "head.bias_grad.accumulation.buffer",
              "lazy_reset_grad"),
          training.inputs().subList(shared.size(), training.inputs().size()));
      assertEquals(List.of("loss", "logits"), eval.outputs());
      assertEquals(List.of("loss", "logits"), training.outputs().subList(0, 2));
      assertArrayEquals(training.run(inputs()).logits(), eval.run(inputs()).logits());
    }
  }

  @Test
  void nothing_is_computed_backwards_in_a_frozen_part() {
    Set<String> operators =
        artifacts(Trainable.head()).training().graph().nodes().stream()
            .map(Node::op)
            .collect(Collectors.toSet());
    assertTrue(
        Stream.of("ConvGrad", "ReluGrad", "BatchNormalizationGrad").noneMatch(operators::contains),
        operators.toString());
    assertTrue(operators.contains("BatchNormalization"));
  }

  @Test
  void an_operator_without_gradient_is_named_with_what_to_freeze() {
    GraphBuilder graph = network();
    List<Node> nodes = new ArrayList<>(graph.build().graph().nodes());
    nodes.set(2, Node.of("Softplus", List.of("bn"), List.of("relu")).withName("odd"));
    OnnxModel model = graph.nodes(nodes).build();
    ArtifactException e =
        assertThrows(
            ArtifactException.class,
            () -> Artifacts.of(model, ArtifactOptions.of(Trainable.all(), ADAMW)));
    assertEquals(
        "The gradient has to pass the node 'odd' (Softplus), which has no gradient here. Freeze"
            + " what lies before it: conv.weight, conv.bias, bn.weight, bn.bias.",
        e.getMessage());
    Artifacts.of(model, ArtifactOptions.of(Trainable.classifier(), ADAMW));
  }

  @Test
  void averages_follow_the_weights_once_for_each_update_and_are_what_eval_uses() {
    Artifacts artifacts =
        Artifacts.of(
            network().build(), ArtifactOptions.of(Trainable.head(), ADAMW).withAverageDecay(0.75f));
    assertEquals(
        Map.of("head.weight", "ema.head.weight", "head.bias", "ema.head.bias"),
        artifacts.averages());
    try (TrainingModel training = TrainingModel.training(artifacts);
        TrainingModel eval = TrainingModel.eval(artifacts)) {
      training.set("head.bias", 0, 1.01f);
      training.run(inputs());
      assertEquals(0.01 + 0.25, training.parameter("ema.head.bias")[0], 1e-6);
      training.reset(false);
      training.run(inputs());
      assertEquals(0.01 + 0.25, training.parameter("ema.head.bias")[0], 1e-6);
      training.reset(true);
      training.run(inputs());
      assertEquals(0.01 + 0.4375, training.parameter("ema.head.bias")[0], 1e-6);
      assertEquals(0.02f, training.parameter("ema.head.bias")[1]);

      float before = eval.run(inputs()).logits()[0];
      eval.set("head.bias", 0, 5);
      assertEquals(before, eval.run(inputs()).logits()[0]);
      eval.set("ema.head.bias", 0, 5);
      assertEquals(before + 4.99, eval.run(inputs()).logits()[0], 1e-5);
    }
  }

  @Test
  void a_training_session_shows_loss_and_logits_and_counts_statistics_and_averages_along(
      @TempDir Path folder) {
    Optimizer optimizer = new Optimizer.Sgd(0);
    Artifacts artifacts =
        Artifacts.of(
            network().build(),
            ArtifactOptions.of(Trainable.all(), optimizer).withAverageDecay(0.5f));
    try (Learning learning = new Learning(artifacts, optimizer, 0.125, folder)) {
      List<String> inputs = List.of("x", "targets", "weights");
      assertEquals(inputs, learning.session.trainingInputs());
      assertEquals(inputs, learning.session.evalInputs());
      assertEquals(List.of("loss", "logits"), learning.session.trainingOutputs());
      assertEquals(List.of("loss", "logits"), learning.session.evalOutputs());
      learning.gather(inputs());
      learning.update();
      float start = learning.parameter("ema.head.bias")[0];
      float updated = learning.parameter("head.bias")[0];
      assertEquals(0.01f, start);
      assertTrue(Math.abs(updated - start) > 1e-3);
      // Of the first channel: momentum 0.9, and the convolution's mean over both pictures.
      double mean = 0;
      for (int i = 0; i < 9; i++) {
        mean += (i + 1) / 100.0 * (11.5 + 4 * (i / 3) + i % 3) / 100;
      }
      assertEquals(0.9 * 0.01 + 0.1 * (mean + 0.01), learning.parameter("bn.mean")[0], 1e-6);
      learning.gather(inputs());
      assertEquals((start + updated) / 2, learning.parameter("ema.head.bias")[0], 1e-6);
    }
  }

  @Test
  void l2_decay_is_added_to_the_gradient_once_for_each_update() {
    ArtifactOptions plain = ArtifactOptions.of(Trainable.head(), new Optimizer.Sgd(0));
    ArtifactOptions decayed = ArtifactOptions.of(Trainable.head(), new Optimizer.Sgd(0.5f));
    OnnxModel model = network().build();
    try (TrainingModel without = TrainingModel.training(Artifacts.of(model, plain));
        TrainingModel with = TrainingModel.training(Artifacts.of(model, decayed))) {
      for (boolean first : new boolean[] {true, false}) {
        without.reset(first);
        with.reset(first);
        without.run(inputs());
        with.run(inputs());
      }
      for (int i = 0; i < 12; i++) {
        assertEquals(
            without.gradient("head.weight")[i] + 0.5 * (i + 1) / 100,
            with.gradient("head.weight")[i],
            1e-6);
      }
    }
  }

  @Test
  void dropout_scales_what_it_keeps_and_stops_the_gradient_where_it_zeroes() {
    OnnxModel model =
        ModelFixture.graph("dropout")
            .input("x", ModelFixture.floats("batch", 64))
            .output("y", ModelFixture.floats("batch", 64))
            .initializer("p", Tensor.ofFloats(new long[] {64}, new float[64]))
            .node("Add", List.of("x", "p"), "v")
            .node("Identity", List.of("v"), "y")
            .metadata("dropout", "{\"v\": 0.75}")
            .build();
    ArtifactOptions options = ArtifactOptions.of(Trainable.matching("p"), ADAMW);
    float[] ones = new float[64];
    Arrays.fill(ones, 1);
    long[] label = {3};
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("x", Tensor.ofFloats(new long[] {1, 64}, ones));
    inputs.put("targets", TrainingModel.oneHot(label, 64));
    inputs.put("weights", TrainingModel.ones(1));
    for (float rate : new float[] {0.75f, 0.5f, 0}) {
      Artifacts artifacts =
          Artifacts.of(model, rate == 0.75f ? options : options.withDropout(rate));
      try (TrainingModel training = TrainingModel.training(artifacts);
          TrainingModel eval = TrainingModel.eval(artifacts)) {
        float[] logits = training.run(inputs).logits();
        double sum = 0;
        int kept = 0;
        for (float logit : logits) {
          sum += Math.exp(logit);
          kept += logit == 0 ? 0 : 1;
        }
        assertTrue(rate == 0 ? kept == 64 : kept > 2 && kept < 62, kept + " of 64 are kept");
        for (int i = 0; i < 64; i++) {
          assertTrue(logits[i] == 0 || Math.abs(logits[i] - 1 / (1 - rate)) < 1e-6);
          double error = Math.exp(logits[i]) / sum - (i == label[0] ? 1 : 0);
          assertEquals(logits[i] * error, training.gradient("p")[i], 1e-6);
        }
        assertArrayEquals(ones, eval.run(inputs).logits());
      }
    }
  }

  @Test
  void a_node_of_dropout_is_taken_for_what_it_is() {
    OnnxModel model =
        ModelFixture.graph("dropout")
            .input("x", ModelFixture.floats("batch", 64))
            .output("y", ModelFixture.floats("batch", 64))
            .initializer("p", Tensor.ofFloats(new long[] {64}, new float[64]))
            .initializer("rate", Tensor.ofFloats(new long[0], 0.25f))
            .node("Add", List.of("x", "p"), "v")
            .node("Dropout", List.of("v", "rate"), "y")
            .build();
    ForwardGraph forward = ForwardGraph.of(model);
    assertEquals(Map.of("y", 0.25f), forward.dropout());
    assertEquals(List.of("Add", "Identity"), forward.nodes().stream().map(Node::op).toList());
  }

  @Test
  void a_checkpoint_is_the_flatbuffer_of_onnx_runtime(@TempDir Path folder) throws IOException {
    Artifacts artifacts =
        Artifacts.of(
            network().build(), ArtifactOptions.of(Trainable.head(), ADAMW).withAverageDecay(0.9f));
    artifacts.write(folder);
    assertEquals(
        Set.of("training_model.onnx", "eval_model.onnx", "optimizer_model.onnx", "checkpoint"),
        Set.of(folder.toFile().list()));
    FlatTable checkpoint = FlatTable.root(Files.readAllBytes(folder.resolve("checkpoint")), "ODTC");
    assertEquals(2, checkpoint.integer(0));
    FlatTable state = checkpoint.table(1);
    assertEquals(
        artifacts.trainableParameters(),
        state.tables(0).stream().map(tensor -> tensor.text(0)).toList());
    List<String> frozen = state.tables(1).stream().map(tensor -> tensor.text(0)).toList();
    assertEquals(
        Stream.concat(artifacts.frozenParameters().stream(), artifacts.averages().values().stream())
            .toList(),
        frozen);
    FlatTable weight = state.tables(0).getFirst();
    assertEquals(List.of(3L, 4L), weight.longs(2));
    assertEquals(1, weight.integer(3));
    float[] values = new float[12];
    ByteBuffer bytes = weight.bytes(4);
    assertEquals(48, bytes.remaining());
    bytes.asFloatBuffer().get(values);
    assertArrayEquals(counting(3, 4).toFloats(), values);
  }

  /** Reads FlatBuffers by their format's description; offsets and alignment are checked. */
  private record FlatTable(ByteBuffer buffer, int at) {
    static FlatTable root(byte[] bytes, String identifier) {
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      assertEquals(identifier, new String(bytes, 4, 4, StandardCharsets.US_ASCII));
      return new FlatTable(buffer, buffer.getInt(0));
    }

    private int field(int index) {
      assertEquals(0, at % 4);
      int fields = at - buffer.getInt(at);
      int size = buffer.getShort(fields);
      assertTrue(4 + 2 * index < size);
      return at + buffer.getShort(fields + 4 + 2 * index);
    }

    int integer(int index) {
      return buffer.getInt(field(index));
    }

    private int target(int index) {
      int field = field(index);
      return field + buffer.getInt(field);
    }

    FlatTable table(int index) {
      return new FlatTable(buffer, target(index));
    }

    List<FlatTable> tables(int index) {
      int vector = target(index);
      return IntStream.range(0, buffer.getInt(vector))
          .map(i -> vector + 4 + 4 * i)
          .mapToObj(place -> new FlatTable(buffer, place + buffer.getInt(place)))
          .toList();
    }

    ByteBuffer bytes(int index) {
      int vector = target(index);
      return buffer.slice(vector + 4, buffer.getInt(vector)).order(ByteOrder.LITTLE_ENDIAN);
    }

    String text(int index) {
      ByteBuffer bytes = bytes(index);
      assertEquals(0, buffer.get(target(index) + 4 + bytes.remaining()), "not terminated");
      return StandardCharsets.UTF_8.decode(bytes).toString();
    }

    List<Long> longs(int index) {
      int vector = target(index);
      assertEquals(0, (vector + 4) % 8);
      return IntStream.range(0, buffer.getInt(vector))
          .mapToObj(i -> buffer.getLong(vector + 4 + 8 * i))
          .toList();
    }
  }

  @Test
  void a_model_of_an_old_operator_set_and_of_one_picture_is_trained_in_batches() {
    OnnxModel model =
        new GraphBuilder("old", 3, 9)
            .input("x", ModelFixture.floats(1, 1, 4, 4))
            .output("probabilities", ModelFixture.floats(1, 3, 1, 1))
            .initializer("w", counting(3, 1, 2, 2))
            .node(
                Node.of("Dropout", List.of("x"), List.of("dropped"))
                    .with("ratio", Attribute.of(0.1f)))
            .node("Conv", List.of("dropped", "w"), "conv")
            .node(
                Node.of("Clip", List.of("conv"), List.of("clipped"))
                    .with("max", Attribute.of(2.5f)))
            .node("GlobalAveragePool", List.of("clipped"), "logits")
            .node("Softmax", List.of("logits"), "probabilities")
            .build();
    Artifacts artifacts =
        Artifacts.of(model, ArtifactOptions.of(Trainable.all(), ADAMW).withDropout(0f));
    try (TrainingModel training = TrainingModel.training(artifacts)) {
      TrainingModel.Step step = training.run(inputs());
      assertEquals(6, step.logits().length);
      // 0.01 w summed over the windows of the first picture: means of x are 8.5 -+ 2.5, +- 0.5.
      double mean = (0.01 * 0.06 + 0.02 * 0.07 + 0.03 * 0.1 + 0.04 * 0.11);
      assertEquals(mean, step.logits()[0], 1e-6);
      assertTrue(TrainingModel.relative(training.gradient("w"), new float[12]) > 0);
    }
  }

  @Test
  void models_that_cannot_be_trained_are_refused_with_a_sentence() {
    OnnxModel twice =
        ModelFixture.linear()
            .node("Sigmoid", List.of("y"), "probabilities")
            .clearOutputs()
            .output("probabilities", ModelFixture.floats("batch", 2))
            .build();
    assertRefused(
        twice,
        "The model ends in a sigmoid over 2 classes; one output that tells two classes apart can be"
            + " trained, or a softmax.");
    OnnxModel reserved =
        ModelFixture.graph("reserved")
            .input("x", ModelFixture.floats("batch", 3))
            .output("y", ModelFixture.floats("batch", 2))
            .initializer("weights", counting(3, 2))
            .node("MatMul", List.of("x", "weights"), "y")
            .build();
    assertRefused(
        reserved,
        "The model has an input or a weight called 'weights', a name that training needs for"
            + " itself. Rename it.");
    assertRefused(
        ModelFixture.add("batch", 3),
        "The model has no float32 parameters that could be trained as 'all'.");
  }

  private static void assertRefused(OnnxModel model, String sentence) {
    ArtifactException e =
        assertThrows(
            ArtifactException.class,
            () -> Artifacts.of(model, ArtifactOptions.of(Trainable.all(), ADAMW)));
    assertEquals(sentence, e.getMessage());
  }
}
