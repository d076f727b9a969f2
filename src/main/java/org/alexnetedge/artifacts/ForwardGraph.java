package org.alexnetedge.artifacts;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Graph;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.ShapeInference;
import org.alexnetedge.onnx.StoredTensor;
import org.alexnetedge.onnx.ValueInfo;
import org.alexnetedge.onnx.ValueType;
import org.jspecify.annotations.Nullable;

/**
 * A model for inference, up to its logits: what all three graphs begin with.
 *
 * @param model what it was made from, with operators of {@link OperatorSet#OLDEST} or newer
 * @param inputs of the model, for any batch
 * @param nodes all that the logits need, in the order of computation; Dropout is an Identity
 * @param logits name of the value before softmax or sigmoid, [batch, classes]
 * @param classes number of logits of a picture; -1 when the model does not say
 * @param parameters float32 tensors of one axis or more that the nodes use: the initializers, and
 *     the Constant nodes, which are no longer among the nodes
 * @param constants the other initializers
 * @param dropout probability of zeroing by the name of the value, where the model has dropout
 */
record ForwardGraph(
    OnnxModel model,
    List<ValueInfo> inputs,
    List<Node> nodes,
    String logits,
    long classes,
    Map<String, StoredTensor> parameters,
    Map<String, StoredTensor> constants,
    Map<String, Float> dropout) {

  /** Names that the graphs for training use themselves. */
  static final Set<String> RESERVED =
      Set.of(
          Loss.TARGETS,
          Loss.WEIGHTS,
          Loss.TEACHER,
          Loss.LOSS,
          Loss.LOGITS,
          TrainingGraph.LAZY_RESET_GRAD);

  /** ONNX's name for the length of the batch in all graphs made here. */
  static final Dimension BATCH = Dimension.of("batch");

  private static final Set<String> RESHAPING =
      Set.of("Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze");

  /** One sigmoid output tells two classes apart. */
  boolean isBinary() {
    return classes == 1;
  }

  /** Means and variances of batch normalisation. */
  Set<String> runningStatistics() {
    Set<String> statistics = new HashSet<>();
    for (Node node : nodes) {
      if (node.op().equals("BatchNormalization") && node.inputs().size() >= 5) {
        statistics.addAll(node.inputs().subList(3, 5));
      }
    }
    return statistics;
  }

  /**
   * Takes a model apart.
   *
   * @throws ArtifactException when it cannot be trained whatever is frozen
   */
  static ForwardGraph of(OnnxModel given) {
    OnnxModel model = OperatorSet.lift(given);
    Graph graph = model.graph();
    if (graph.outputs().isEmpty()) {
      throw new ArtifactException("The model has no output.");
    }
    String output = graph.outputs().getFirst().name();
    Node activation = activation(graph, output);
    String logits = activation == null ? output : activation.inputs().getFirst();
    List<Dimension> shape = ShapeInference.of(graph).get(logits);
    List<Node> nodes = new ArrayList<>(Reachable.from(logits, graph.nodes()));
    Set<String> names = names(graph);
    if (shape != null && shape.size() != 2) {
      String flat = fresh(logits + "_flat", names);
      nodes.add(Node.of("Flatten", List.of(logits), List.of(flat)));
      logits = flat;
    }
    long classes = classes(shape);
    checkActivation(activation, classes);

    Map<String, Float> dropout = new LinkedHashMap<>(DropoutSites.ofMetadata(model, names));
    DropoutSites.replace(nodes, graph, dropout);
    Map<String, StoredTensor> parameters = new LinkedHashMap<>();
    Map<String, StoredTensor> constants = new LinkedHashMap<>(graph.initializers());
    for (Node node : List.copyOf(nodes)) {
      if (node.constant().isPresent() && isParameter(node.constant().get())) {
        constants.put(node.outputs().getFirst(), node.constant().get());
        nodes.remove(node);
      }
    }
    Set<String> used = new HashSet<>();
    nodes.forEach(node -> used.addAll(Reachable.inputs(node)));
    constants.keySet().retainAll(used);
    constants.forEach(
        (name, tensor) -> {
          if (isParameter(tensor)) {
            parameters.put(name, tensor);
          }
        });
    constants.keySet().removeAll(parameters.keySet());
    List<ValueInfo> inputs =
        graph.inputs().stream()
            .filter(input -> used.contains(input.name()))
            .map(ForwardGraph::anyBatch)
            .toList();
    return new ForwardGraph(model, inputs, nodes, logits, classes, parameters, constants, dropout)
        .renamed(names);
  }

  private static boolean isParameter(StoredTensor tensor) {
    return tensor.type() == ElementType.FLOAT32 && tensor.rank() > 0;
  }

  /** The last softmax or sigmoid, behind which values are at most arranged; else null. */
  private static @Nullable Node activation(Graph graph, String output) {
    String value = output;
    while (true) {
      Node node = graph.producer(value).orElse(null);
      if (node == null || !node.domain().isEmpty()) {
        return null;
      }
      switch (node.op()) {
        case "Softmax", "LogSoftmax", "Sigmoid" -> {
          return node;
        }
        default -> {
          if (!RESHAPING.contains(node.op())) {
            return null;
          }
          value = node.inputs().getFirst();
        }
      }
    }
  }

  private static long classes(@Nullable List<Dimension> shape) {
    long classes = 1;
    if (shape == null || shape.size() < 2) {
      return -1;
    }
    for (Dimension dimension : shape.subList(1, shape.size())) {
      if (!(dimension instanceof Dimension.Fixed(long length))) {
        return -1;
      }
      classes *= length;
    }
    return classes;
  }

  private static void checkActivation(@Nullable Node activation, long classes) {
    if (activation == null) {
      return;
    }
    boolean sigmoid = activation.op().equals("Sigmoid");
    if (sigmoid && classes > 1) {
      throw new ArtifactException(
          "The model ends in a sigmoid over "
              + classes
              + " classes; one output that tells two classes apart can be trained, or a softmax.");
    }
    if (!sigmoid && classes == 1) {
      throw new ArtifactException(
          "The model ends in a softmax over one class, which is always 1; it needs a sigmoid.");
    }
  }

  /** With a batch of any size where the model says one. */
  private static ValueInfo anyBatch(ValueInfo input) {
    if (input.type() instanceof ValueType.OfTensor(ElementType element, List<Dimension> shape)
        && shape != null
        && !shape.isEmpty()) {
      List<Dimension> free = new ArrayList<>(shape);
      free.set(0, BATCH);
      return new ValueInfo(input.name(), new ValueType.OfTensor(element, free));
    }
    return input;
  }

  private static Set<String> names(Graph graph) {
    Set<String> names = new HashSet<>(RESERVED);
    graph.inputs().forEach(input -> names.add(input.name()));
    names.addAll(graph.initializers().keySet());
    graph.nodes().forEach(node -> names.addAll(node.outputs()));
    return names;
  }

  /** All names in use, of values and of nodes. */
  Set<String> names() {
    Set<String> names = new HashSet<>(RESERVED);
    inputs.forEach(input -> names.add(input.name()));
    names.addAll(parameters.keySet());
    names.addAll(constants.keySet());
    nodes.forEach(node -> names.addAll(Reachable.inputs(node)));
    nodes.forEach(node -> names.addAll(node.outputs()));
    nodes.forEach(node -> names.add(node.name()));
    return names;
  }

  private static String fresh(String wanted, Set<String> names) {
    String name = wanted;
    while (!names.add(name)) {
      name += "_";
    }
    return name;
  }

  /** Values inside the graph make way for the reserved names. */
  private ForwardGraph renamed(Set<String> names) {
    for (String name : RESERVED) {
      boolean fixed =
          parameters.containsKey(name)
              || constants.containsKey(name)
              || inputs.stream().anyMatch(input -> input.name().equals(name));
      if (fixed) {
        throw new ArtifactException(
            "The model has an input or a weight called '"
                + name
                + "', a name that training needs for itself. Rename it.");
      }
    }
    Map<String, String> renamed = new LinkedHashMap<>();
    for (Node node : nodes) {
      for (String output : node.outputs()) {
        if (RESERVED.contains(output)) {
          renamed.put(output, fresh(output + "_value", names));
        }
      }
    }
    if (renamed.isEmpty()) {
      return this;
    }
    UnaryOperator<String> name = value -> renamed.getOrDefault(value, value);
    List<Node> changed = new ArrayList<>();
    for (Node node : nodes) {
      if (node.attributes().values().stream().anyMatch(Attribute.OfGraph.class::isInstance)) {
        for (String used : Reachable.inputs(node)) {
          if (renamed.containsKey(used) && !node.inputs().contains(used)) {
            throw new ArtifactException(
                "A body in the model uses the value '"
                    + used
                    + "', a name that training needs for itself. Rename it.");
          }
        }
      }
      changed.add(
          node.withInputs(node.inputs().stream().map(name).toList())
              .withOutputs(node.outputs().stream().map(name).toList()));
    }
    Map<String, Float> sites = new LinkedHashMap<>();
    dropout.forEach((site, rate) -> sites.put(name.apply(site), rate));
    return new ForwardGraph(
        model, inputs, changed, name.apply(logits), classes, parameters, constants, sites);
  }
}
