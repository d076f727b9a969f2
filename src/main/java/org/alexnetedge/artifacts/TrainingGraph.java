package org.alexnetedge.artifacts;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.onnx.ValueType;

/**
 * The training model: forward with dropout and the batch's own statistics, the loss, backward, and
 * the gradients added to their buffers. Inputs: the user's, all parameters, a buffer for each
 * gradient, {@code lazy_reset_grad}; outputs: loss, logits, and a BOOL for each value that is
 * changed in place.
 */
final class TrainingGraph {
  /** BOOL [1]: whether the buffers are overwritten, as in the first step after an update. */
  static final String LAZY_RESET_GRAD = "lazy_reset_grad";

  private static final String BUFFER = "_grad.accumulation.buffer";
  private static final String DONE = "_grad.accumulation.out";

  private final ForwardGraph forward;
  private final Parameters parameters;
  private final ArtifactOptions options;
  private final GraphPart part;

  /** Shapes of all values of the forward graph. */
  private final Map<String, List<Dimension>> shapes;

  /** What stands in the training graph for a value of the forward graph: after dropout. */
  private final Map<String, String> dropped = new HashMap<>();

  /** Names of the BOOL outputs. */
  private final List<String> done = new ArrayList<>();

  private TrainingGraph(
      ForwardGraph forward,
      Parameters parameters,
      ArtifactOptions options,
      Map<String, List<Dimension>> shapes) {
    this.forward = forward;
    this.parameters = parameters;
    this.options = options;
    this.shapes = new HashMap<>(shapes);
    Set<String> names = forward.names();
    parameters
        .trained()
        .keySet()
        .forEach(name -> names.addAll(List.of(name + BUFFER, name + DONE)));
    parameters.notTrained().forEach(name -> names.addAll(List.of(name, name + DONE)));
    this.part = new GraphPart(names);
  }

  /**
   * @param shapes of the values of the forward graph
   */
  static OnnxModel of(
      ForwardGraph forward,
      Parameters parameters,
      ArtifactOptions options,
      Map<String, List<Dimension>> shapes) {
    return new TrainingGraph(forward, parameters, options, shapes).build();
  }

  private OnnxModel build() {
    List<String> trained = List.copyOf(parameters.trained().keySet());
    Set<String> passed = Backward.dependents(forward.nodes(), trained);
    Map<String, String> running = new LinkedHashMap<>();
    forward.inputs().forEach(input -> addDropout(input.name()));
    for (Node node : forward.nodes()) {
      addForward(node, passed, running);
    }
    String logits = dropped.getOrDefault(forward.logits(), forward.logits());
    List<Node> nodes = List.copyOf(part.nodes());
    Loss loss = Loss.add(part, logits, forward.isBinary(), options.distillation());
    Backward backward = new Backward(part, shapes, trained);
    backward.walk(nodes, logits, loss.gradient());

    for (String name : trained) {
      accumulate(name + BUFFER, decayed(name, backward.of(name)), LAZY_RESET_GRAD, name);
    }
    running.forEach((name, value) -> accumulate(name, value, part.alwaysTrue(), name));
    parameters.averages().forEach((name, average) -> addAverage(name, average));

    GraphBuilder graph = EvalGraph.begin(forward, parameters, options);
    parameters
        .trained()
        .forEach((name, tensor) -> graph.input(name + BUFFER, Parameters.type(tensor)));
    graph.input(LAZY_RESET_GRAD, ValueType.tensor(ElementType.BOOL, 1L));
    done.forEach(name -> graph.output(name, ValueType.tensor(ElementType.BOOL, 1L)));
    part.addTo(graph);
    return graph.build();
  }

  /**
   * Adds a node as training needs it.
   *
   * @param passed values that gradients pass
   * @param running collects the new running statistics by the name of the old ones
   */
  private void addForward(Node given, Set<String> passed, Map<String, String> running) {
    Node node =
        given.withInputs(
            given.inputs().stream().map(input -> dropped.getOrDefault(input, input)).toList());
    if (node.domain().isEmpty()) {
      switch (node.op()) {
        case "MaxPool" -> {
          if (passed.contains(given.inputs().getFirst())) {
            String values = node.outputs().getFirst();
            node = node.withOutputs(List.of(values, part.fresh(values + "_indices")));
          }
        }
        case "BatchNormalization" -> {
          // One that is frozen keeps its statistics, as in inference.
          if (node.inputs().subList(1, 3).stream().anyMatch(parameters.trained()::containsKey)) {
            node = NormalizationRules.training(node, part);
            running.put(node.inputs().get(3), node.outputs().get(1));
            running.put(node.inputs().get(4), node.outputs().get(2));
          }
        }
        default -> {}
      }
    }
    part.add(node);
    node.outputs().forEach(this::addDropout);
  }

  private void addDropout(String value) {
    Float rate = forward.dropout().get(value);
    if (rate != null && options.dropout() != null) {
      rate = options.dropout();
    }
    if (rate == null || rate == 0) {
      return;
    }
    String output = part.fresh(value + "_dropped");
    Tensor one = Tensor.ofLongs(new long[0], 1);
    String training =
        part.constant(
            "training", Tensor.of(ElementType.BOOL, new long[0], one.data().asSlice(0, 1)));
    part.add(
        Node.of(
            "Dropout",
            List.of(value, part.scalar(rate), training),
            List.of(output, part.fresh(value + "_kept"))));
    dropped.put(value, output);
    if (shapes.containsKey(value)) {
      shapes.put(output, shapes.get(value));
    }
  }

  /**
   * The gradient with the L2 decay. It is added in the first of the steps whose gradients are
   * summed, so that it counts once for each update.
   */
  private String decayed(String name, String gradient) {
    float decay = options.optimizer().l2();
    if (decay == 0) {
      return gradient;
    }
    String factor = part.add("Mul", List.of(first(), part.scalar(decay)), "decay");
    String term = part.add("Mul", List.of(name, factor), name + "_decay");
    return part.add("Add", List.of(gradient, term), name + "_grad_decayed");
  }

  private String first = "";

  /** float32 [1]: 1 in the first step after an update, else 0. */
  private String first() {
    if (first.isEmpty()) {
      first =
          part.add(
              Node.of("Cast", List.of(LAZY_RESET_GRAD), List.of())
                  .with("to", Attribute.of(ElementType.FLOAT32.code())),
              "first_step");
    }
    return first;
  }

  /** average += (1 - decay) * (parameter - average), once for each update of the parameter. */
  private void addAverage(String name, String average) {
    String share =
        part.add("Mul", List.of(first(), part.scalar(1 - options.averageDecay())), "average_share");
    String distance = part.add("Sub", List.of(name, average), average + "_distance");
    String change = part.add("Mul", List.of(distance, share), average + "_change");
    String next = part.add("Add", List.of(average, change), average + "_next");
    accumulate(average, next, part.alwaysTrue(), average);
  }

  /** Adds a value to a buffer, or puts it there when the flag is true. */
  private void accumulate(String buffer, String value, String overwrite, String name) {
    String output = name + DONE;
    part.add(
        Node.of("InPlaceAccumulatorV2", List.of(buffer, value, overwrite), List.of(output))
            .withDomain(GraphPart.MICROSOFT));
    done.add(output);
  }
}
