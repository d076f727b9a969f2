package org.alexnetedge.artifacts;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Graph;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.ShapeInference;
import org.alexnetedge.onnx.StoredTensor;
import org.alexnetedge.onnx.ValueInfo;
import org.alexnetedge.onnx.ValueType;

/**
 * The last layer with weights of a classifier: a Gemm, MatMul or Conv through which all its scores
 * pass. What it takes are the features of a picture.
 *
 * @param node the layer
 * @param output the graph's output that it decides
 * @param cut the value that it takes, as it was before Dropout and Identity nodes
 * @param passed names of the cut's copies behind those nodes, the layer's input last
 * @param dropout rate of the Dropout nodes passed; 0 without one
 * @param features number of features, F
 * @param rank number of the cut's axes: 2 for [N,F]
 * @param channelsLast whether a cut of more axes is [N,...,F]; else it is [N,F,...]
 */
record LastLayer(
    Node node,
    ValueInfo output,
    String cut,
    List<String> passed,
    float dropout,
    int features,
    int rank,
    boolean channelsLast) {

  /** Their result depends on the shape of what they take, not on its elements. */
  private static final Set<String> SHAPES = Set.of("Shape", "Size");

  /**
   * Finds it.
   *
   * @throws ArtifactException when there is none, or the scores do not all pass through it
   */
  static LastLayer of(Graph graph) {
    ValueInfo output = scores(graph);
    Map<String, List<Dimension>> shapes = ShapeInference.of(graph);
    Set<String> constants = constants(graph);
    Set<String> needed = new HashSet<>(Set.of(output.name()));
    Node last = null;
    for (Node node : graph.nodes().reversed()) {
      if (node.outputs().stream().noneMatch(needed::contains)) {
        continue;
      }
      if (last == null && isWeighted(node, constants)) {
        last = node; // What it takes is followed no further: other ways round it are looked for.
      } else if (last == null && takesMatrix(node, constants, shapes)) {
        throw new ArtifactException(
            "The last layer with weights, %s, is a %s; a new head can take the place of a Gemm,"
                    .formatted(named(node), node.op())
                + " MatMul or Conv with weights of its own. Take the model as it was before it was"
                + " quantised or optimised.");
      } else if (!SHAPES.contains(node.op())) {
        needed.addAll(uses(node));
      }
    }
    if (last == null) {
      throw new ArtifactException(
          "The model has no layer with weights (Gemm, MatMul or Conv) before its output '"
              + output.name()
              + "', so there is nothing that a new head could replace.");
    }
    for (ValueInfo input : graph.inputs()) {
      if (needed.contains(input.name())) {
        throw new ArtifactException(
            "The output '%s' depends on more than the last layer with weights, %s: another way"
                    .formatted(output.name(), named(last))
                + " leads round it, so no single value holds the features of a picture.");
      }
    }
    return of(graph, output, last, shapes);
  }

  private static LastLayer of(
      Graph graph, ValueInfo output, Node node, Map<String, List<Dimension>> shapes) {
    long[] weight = weightShape(node, shapes);
    long features =
        switch (node.op()) {
          case "Conv" -> weight[1] * node.integer("group", 1);
          case "Gemm" -> weight[node.integer("transB", 0) != 0 ? 1 : 0];
          default -> weight[weight.length - 2];
        };
    String cut = node.inputs().getFirst();
    List<String> passed = new ArrayList<>();
    float dropout = 0;
    for (Node before = graph.producer(cut).orElse(null);
        before != null && passesOn(before);
        before = graph.producer(cut).orElse(null)) {
      dropout = Math.max(dropout, dropoutRate(before, graph));
      passed.addFirst(cut);
      cut = before.inputs().getFirst();
    }
    int rank =
        switch (node.op()) {
          case "Conv" -> weight.length;
          case "Gemm" -> 2;
          default -> shapes.containsKey(cut) ? shapes.get(cut).size() : 2;
        };
    if (rank < 2) {
      throw new ArtifactException(
          "The last layer with weights, %s, takes one row of numbers, not one for each picture."
              .formatted(named(node)));
    }
    return new LastLayer(
        node,
        output,
        cut,
        List.copyOf(passed),
        dropout,
        Math.toIntExact(features),
        rank,
        node.op().equals("MatMul"));
  }

  /** The output that a classifier's scores are: the first of floats that has a row a picture. */
  private static ValueInfo scores(Graph graph) {
    for (ValueInfo output : graph.outputs()) {
      if (output.type() instanceof ValueType.OfTensor(ElementType element, List<Dimension> shape)
          && element.isFloating()
          && (shape == null || shape.size() != 1)) {
        return output;
      }
    }
    throw new ArtifactException(
        "The model is no classifier: none of its outputs is a tensor of floats with a row for each"
            + " picture.");
  }

  /** Values that are the same whatever the model is given. */
  private static Set<String> constants(Graph graph) {
    Set<String> constants = new HashSet<>(graph.initializers().keySet());
    for (Node node : graph.nodes()) {
      if (uses(node).stream().allMatch(name -> name.isEmpty() || constants.contains(name))) {
        constants.addAll(node.outputs());
      }
    }
    return constants;
  }

  private static boolean isWeighted(Node node, Set<String> constants) {
    List<String> inputs = node.inputs();
    return node.domain().isEmpty()
        && inputs.size() >= 2
        && !constants.contains(inputs.getFirst())
        && constants.contains(inputs.get(1))
        && switch (node.op()) {
          case "Conv", "MatMul" -> true;
          case "Gemm" -> node.integer("transA", 0) == 0;
          default -> false;
        };
  }

  /** Whether a node takes a constant with two axes or more that are longer than 1. */
  private static boolean takesMatrix(
      Node node, Set<String> constants, Map<String, List<Dimension>> shapes) {
    return node.inputs().stream()
        .filter(constants::contains)
        .map(name -> shapes.getOrDefault(name, List.of()))
        .anyMatch(
            shape ->
                shape.stream().filter(d -> d instanceof Dimension.Fixed(long n) && n > 1).count()
                    >= 2);
  }

  private static long[] weightShape(Node node, Map<String, List<Dimension>> shapes) {
    List<Dimension> shape = shapes.getOrDefault(node.inputs().get(1), List.of());
    long[] lengths =
        shape.stream().mapToLong(d -> d instanceof Dimension.Fixed(long n) ? n : 0).toArray();
    boolean rank = node.op().equals("Conv") ? lengths.length >= 3 : lengths.length == 2;
    for (long length : lengths) {
      rank &= length >= 1 && length <= Integer.MAX_VALUE;
    }
    if (!rank) {
      throw new ArtifactException(
          "The weights '%s' of the last layer, %s, have the shape %s, which does not fit a %s."
              .formatted(node.inputs().get(1), named(node), shape, node.op()));
    }
    return lengths;
  }

  /** Whether a node does nothing in inference. */
  static boolean passesOn(Node node) {
    return node.domain().isEmpty() && (node.op().equals("Identity") || node.op().equals("Dropout"));
  }

  /** ONNX: an attribute before operator set 12, an input from then on, 0.5 when not given. */
  private static float dropoutRate(Node node, Graph graph) {
    if (!node.op().equals("Dropout")) {
      return 0;
    }
    float rate = node.real("ratio", 0.5f);
    if (node.inputs().size() > 1 && !node.inputs().get(1).isEmpty()) {
      StoredTensor given = graph.constant(node.inputs().get(1)).orElse(null);
      return given == null ? rate : (float) given.tensor().doubleAt(0);
    }
    return rate;
  }

  /** Names of all that a node uses; those inside its bodies too, some of which are their own. */
  static Set<String> uses(Node node) {
    Set<String> names = new HashSet<>(node.inputs());
    for (Attribute attribute : node.attributes().values()) {
      if (attribute instanceof Attribute.OfGraph(Graph body)) {
        body.nodes().forEach(inner -> names.addAll(uses(inner)));
        body.outputs().forEach(value -> names.add(value.name()));
      }
    }
    return names;
  }

  /** The nodes that some values are computed by, in their order. */
  static List<Node> upTo(Graph graph, String value) {
    Set<String> needed = new HashSet<>(Set.of(value));
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes().reversed()) {
      if (node.outputs().stream().anyMatch(needed::contains)) {
        nodes.addFirst(node);
        needed.addAll(uses(node));
      }
    }
    return nodes;
  }

  private static String named(Node node) {
    return "'" + (node.name().isEmpty() ? node.outputs().getFirst() : node.name()) + "'";
  }
}
