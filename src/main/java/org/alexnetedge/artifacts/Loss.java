package org.alexnetedge.artifacts;

import java.util.List;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.ValueType;
import org.jspecify.annotations.Nullable;

/**
 * {@code loss = sum over n of weights[n] * l_n / N}, N being the number of pictures. With targets t
 * and logits z of a picture, l is the cross-entropy {@code -sum_c t_c log softmax(z)_c}, or with
 * one sigmoid output {@code softplus(z) - t z}; with a teacher as {@link Distillation} says.
 *
 * <p>Label smoothing, class weights, mixup and cutmix are targets and weights, and need no graph of
 * their own.
 */
final class Loss {
  /** float32 [N, classes]; with one sigmoid output the probability of the second class, [N, 1]. */
  static final String TARGETS = "targets";

  /** float32 [N]. */
  static final String WEIGHTS = "weights";

  /** float32 [N, classes]: a teacher's logits. */
  static final String TEACHER = "teacher";

  /** float32 scalar. */
  static final String LOSS = "loss";

  /** float32 [N, classes]: before softmax or sigmoid. */
  static final String LOGITS = "logits";

  private final GraphPart graph;
  private final boolean binary;
  private final @Nullable Distillation distillation;

  /** Each picture's weight divided by N: float32 [N, 1]. */
  private final String share;

  private Loss(GraphPart graph, boolean binary, @Nullable Distillation distillation) {
    this.graph = graph;
    this.binary = binary;
    this.distillation = distillation;
    String pictures =
        graph.add(
            Node.of("Cast", List.of(graph.add("Size", List.of(WEIGHTS), "pictures")), List.of())
                .with("to", Attribute.of(ElementType.FLOAT32.code())),
            "pictures");
    String each = graph.add("Div", List.of(WEIGHTS, pictures), "weight_each");
    this.share = graph.add("Unsqueeze", List.of(each, graph.longs(1)), "weight_column");
  }

  /** Declares the user inputs beside the model's own: {@code targets}, {@code weights}, ... */
  static void declareInputs(GraphBuilder graph, ForwardGraph forward, @Nullable Distillation by) {
    Dimension classes =
        forward.classes() < 0 ? Dimension.of("classes") : Dimension.of(forward.classes());
    ValueType rows = ValueType.tensor(ElementType.FLOAT32, ForwardGraph.BATCH, classes);
    graph.input(TARGETS, rows);
    graph.input(WEIGHTS, ValueType.tensor(ElementType.FLOAT32, ForwardGraph.BATCH));
    if (by != null) {
      graph.input(TEACHER, rows);
    }
  }

  static void declareOutputs(GraphBuilder graph, ForwardGraph forward) {
    Dimension classes =
        forward.classes() < 0 ? Dimension.of("classes") : Dimension.of(forward.classes());
    graph.output(LOSS, ValueType.tensor(ElementType.FLOAT32, new long[0]));
    graph.output(LOGITS, ValueType.tensor(ElementType.FLOAT32, ForwardGraph.BATCH, classes));
  }

  /**
   * Adds {@code loss} and {@code logits}.
   *
   * @param logits name of the value that the network gives
   */
  static Loss add(
      GraphPart graph, String logits, boolean binary, @Nullable Distillation distillation) {
    graph.add(named(graph, Node.of("Identity", List.of(logits), List.of(LOGITS))));
    Loss loss = new Loss(graph, binary, distillation);
    String each = loss.crossEntropy();
    if (distillation != null) {
      float temperature = distillation.temperature();
      each = loss.blend(each, loss.divergence(), distillation.share() * temperature * temperature);
    }
    String weighted = graph.add("Mul", List.of(each, loss.share), "loss_each");
    graph.add(
        named(
            graph,
            Node.of("ReduceSum", List.of(weighted), List.of(LOSS))
                .with("keepdims", Attribute.of(0))));
    return loss;
  }

  /** The model's own node may have the output's name. */
  private static Node named(GraphPart graph, Node node) {
    return node.withName(graph.fresh(node.outputs().getFirst() + "_output"));
  }

  /** [N, 1] or, before the sum over classes, nothing else. */
  private String crossEntropy() {
    if (binary) {
      return binaryCrossEntropy(LOGITS, TARGETS);
    }
    String log = graph.add(overClasses("LogSoftmax", LOGITS), "log_probabilities");
    String sum = sumOverClasses(graph.add("Mul", List.of(TARGETS, log), "target_log"));
    return graph.add("Neg", List.of(sum), "cross_entropy");
  }

  private String binaryCrossEntropy(String logits, String targets) {
    String soft = graph.add("Softplus", List.of(logits), "softplus");
    String hit = graph.add("Mul", List.of(targets, logits), "target_logit");
    return graph.add("Sub", List.of(soft, hit), "cross_entropy");
  }

  /** Kullback-Leibler divergence from the teacher's probabilities, [N, 1]. */
  private String divergence() {
    String student = cooled(LOGITS);
    String teacher = cooled(TEACHER);
    String wanted = probabilities(teacher);
    if (binary) {
      return graph.add(
          "Sub",
          List.of(binaryCrossEntropy(student, wanted), binaryCrossEntropy(teacher, wanted)),
          "divergence");
    }
    String difference =
        graph.add(
            "Sub",
            List.of(
                graph.add(overClasses("LogSoftmax", teacher), "teacher_log"),
                graph.add(overClasses("LogSoftmax", student), "student_log")),
            "log_ratio");
    return sumOverClasses(graph.add("Mul", List.of(wanted, difference), "divergence_each"));
  }

  /**
   * Adds the gradient of the loss: {@code (p * sum(t) - t) * weight / N}, p being the softmax or
   * sigmoid; the sum of targets is 1 as a rule.
   *
   * @return name of a value [N, classes]
   */
  String gradient() {
    String targets = TARGETS;
    String probabilities = probabilities(LOGITS);
    if (!binary) {
      probabilities =
          graph.add("Mul", List.of(probabilities, sumOverClasses(targets)), "probabilities");
    }
    String each = graph.add("Sub", List.of(probabilities, targets), "logits_error");
    if (distillation != null) {
      String error =
          graph.add(
              "Sub",
              List.of(probabilities(cooled(LOGITS)), probabilities(cooled(TEACHER))),
              "teacher_error");
      each = blend(each, error, distillation.share() * distillation.temperature());
    }
    return graph.add("Mul", List.of(each, share), "logits_gradient");
  }

  /** {@code (1 - share) * own + factor * teacher}. */
  private String blend(String own, String teacher, float factor) {
    float rest = distillation == null ? 1 : 1 - distillation.share();
    return graph.add(
        "Add",
        List.of(
            graph.add("Mul", List.of(own, graph.scalar(rest)), "own_share"),
            graph.add("Mul", List.of(teacher, graph.scalar(factor)), "teacher_share")),
        "blend");
  }

  /** Divided by the temperature. */
  private String cooled(String logits) {
    float temperature = distillation == null ? 1 : distillation.temperature();
    return graph.add("Div", List.of(logits, graph.scalar(temperature)), logits + "_cooled");
  }

  private String probabilities(String logits) {
    return binary
        ? graph.add("Sigmoid", List.of(logits), "probabilities")
        : graph.add(overClasses("Softmax", logits), "probabilities");
  }

  private static Node overClasses(String op, String value) {
    return Node.of(op, List.of(value), List.of()).with("axis", Attribute.of(1));
  }

  private String sumOverClasses(String value) {
    return graph.add("ReduceSum", List.of(value, graph.longs(1)), value + "_sum");
  }
}
