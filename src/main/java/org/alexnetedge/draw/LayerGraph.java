package org.alexnetedge.draw;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.Graph;
import org.alexnetedge.onnx.LayerSummary;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.ShapeInference;
import org.alexnetedge.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/**
 * What there is to draw of a model: its layers and which uses which. Inputs and outputs of the
 * graph are layers too. What follows a layer, is used by nobody else, has no weights and leaves the
 * shape as it is (activations, dropout, identity) is part of that layer; flattening changes the
 * shape and is a layer of its own. Initializers and what is computed from them alone are no layers;
 * their elements count as parameters of the layer that uses them first.
 *
 * @param layers each after those that it uses
 * @param edges each once
 * @param parameters of the whole model, as {@code inspect} counts them
 * @param trainable those that training changes
 */
public record LayerGraph(List<Layer> layers, Set<Edge> edges, long parameters, long trainable) {

  /**
   * A layer.
   *
   * @param name the node's, else of its first output
   * @param nodes the one that gives it its kind, then those that follow; none for inputs and
   *     outputs of the graph
   * @param input shape of the first input; null when it is unknown
   * @param shape of what the layer gives; null when it is unknown
   * @param kernel height and width of a window's weights, where the node does not say it itself
   * @param values how many values it gives that somebody may use
   */
  public record Layer(
      String name,
      Kind kind,
      List<Node> nodes,
      @Nullable List<Dimension> input,
      @Nullable List<Dimension> shape,
      List<Dimension> kernel,
      int values,
      long parameters) {
    public Layer {
      nodes = List.copyOf(nodes);
      input = input == null ? null : List.copyOf(input);
      shape = shape == null ? null : List.copyOf(shape);
      kernel = List.copyOf(kernel);
    }

    private Layer followedBy(Node node) {
      List<Node> all = new ArrayList<>(nodes);
      all.add(node);
      return new Layer(name, kind, all, input, shape, kernel, values, parameters);
    }
  }

  /** From a layer to one that uses what it gives; indexes of {@link LayerGraph#layers}. */
  public record Edge(int from, int to) {}

  public LayerGraph {
    layers = List.copyOf(layers);
    edges = new LinkedHashSet<>(edges);
  }

  /**
   * Looks at all nodes; no weights are read.
   *
   * @throws DrawException when the nodes use each other in a circle
   * @throws org.alexnetedge.onnx.OnnxException when the shapes of the weights are impossible
   */
  public static LayerGraph of(OnnxModel model) throws DrawException {
    return new Builder(model).build();
  }

  /** The layers that stand for nodes. */
  long count() {
    return layers.stream().filter(layer -> !layer.nodes().isEmpty()).count();
  }

  private static final class Builder {
    private final OnnxModel model;
    private final Graph graph;
    private final Map<String, List<Dimension>> shapes;

    /** Elements of weights that no layer has used yet, by the value that they are. */
    private final Map<String, Long> unplaced = new HashMap<>();

    private final Set<String> constants;
    private final Map<String, Integer> uses = new HashMap<>();
    private final Map<String, Integer> layerOf = new HashMap<>();

    /** The value that the layer's last node gives first. */
    private final List<String> ends = new ArrayList<>();

    private final List<Layer> layers = new ArrayList<>();
    private final Set<Edge> edges = new LinkedHashSet<>();

    Builder(OnnxModel model) {
      this.model = model;
      graph = model.graph();
      shapes = ShapeInference.of(graph);
      constants = new HashSet<>(graph.initializers().keySet());
      model.parameters().forEach((name, tensor) -> unplaced.put(name, tensor.size()));
    }

    LayerGraph build() throws DrawException {
      long parameters = model.parameterCount();
      long trainable =
          parameters
              - LayerSummary.of(model).stream()
                  .mapToLong(l -> l.parameters() - l.trainable())
                  .sum();
      for (ValueInfo input : graph.inputs()) {
        layerOf.put(input.name(), layers.size());
        addEnd(Kind.INPUT, input.name());
      }
      List<Node> nodes = inOrder(graph.nodes());
      nodes.forEach(node -> used(node).forEach(name -> uses.merge(name, 1, Integer::sum)));
      graph.outputs().forEach(output -> uses.merge(output.name(), 1, Integer::sum));
      nodes.forEach(this::add);
      for (ValueInfo output : graph.outputs()) {
        Integer from = layerOf.get(output.name());
        if (from != null) {
          edges.add(new Edge(from, layers.size()));
        }
        addEnd(Kind.OUTPUT, output.name());
      }
      return new LayerGraph(layers, edges, parameters, trainable);
    }

    private void addEnd(Kind kind, String value) {
      ends.add(value);
      List<Dimension> shape = shapes.get(value);
      layers.add(new Layer(value, kind, List.of(), shape, shape, List.of(), 1, 0));
    }

    private void add(Node node) {
      Set<String> used = used(node);
      long parameters = 0;
      for (String value : used) {
        Long elements = constants.contains(value) ? unplaced.remove(value) : null;
        parameters += elements == null ? 0 : elements;
      }
      if (constants.containsAll(used) && !node.op().startsWith("Random")) {
        constants.addAll(node.outputs());
        if (parameters > 0 && !node.outputs().isEmpty()) {
          unplaced.merge(node.outputs().getFirst(), parameters, Long::sum);
        }
        return;
      }
      String first = node.inputs().isEmpty() ? "" : node.inputs().getFirst();
      Integer before = layerOf.get(first);
      int layer;
      if (before != null && parameters == 0 && follows(node, used, before)) {
        layer = before;
        layers.set(layer, layers.get(layer).followedBy(node));
        ends.set(layer, node.outputs().getFirst());
      } else {
        layer = layers.size();
        layers.add(layer(node, parameters));
        ends.add(node.outputs().isEmpty() ? "" : node.outputs().getFirst());
        for (String value : used) {
          Integer from = layerOf.get(value);
          if (from != null) {
            edges.add(new Edge(from, layer));
          }
        }
      }
      node.outputs().stream()
          .filter(output -> !output.isEmpty())
          .forEach(output -> layerOf.putIfAbsent(output, layer));
    }

    private boolean follows(Node node, Set<String> used, int before) {
      String first = node.inputs().getFirst();
      return !layers.get(before).nodes().isEmpty()
          && !node.outputs().isEmpty()
          && node.domain().isEmpty()
          && (LayerSummary.isActivation(node)
              || node.op().equals("Dropout")
              || node.op().equals("Identity"))
          && ends.get(before).equals(first)
          && uses.getOrDefault(first, 0) == 1
          && used.stream().allMatch(value -> value.equals(first) || constants.contains(value));
    }

    private Layer layer(Node node, long parameters) {
      List<String> outputs = node.outputs().stream().filter(o -> !o.isEmpty()).toList();
      Kind kind = Kind.of(node);
      List<Dimension> kernel = List.of();
      if (kind == Kind.CONVOLUTION && node.inputs().size() > 1) {
        // [M, C/groups, kH, kW]
        List<Dimension> weights = shapes.getOrDefault(node.inputs().get(1), List.of());
        kernel = weights.size() > 2 ? weights.subList(2, weights.size()) : List.of();
      }
      return new Layer(
          !node.name().isEmpty() || outputs.isEmpty() ? node.name() : outputs.getFirst(),
          kind,
          List.of(node),
          node.inputs().isEmpty() ? null : shapes.get(node.inputs().getFirst()),
          outputs.isEmpty() ? null : shapes.get(outputs.getFirst()),
          kernel,
          (int) outputs.stream().filter(uses::containsKey).count(),
          parameters);
    }

    /** The nodes as ONNX asks for, each after those that it uses; else as they stand. */
    private static List<Node> inOrder(List<Node> nodes) throws DrawException {
      Map<String, Integer> producer = new HashMap<>();
      for (int i = 0; i < nodes.size(); i++) {
        for (String output : nodes.get(i).outputs()) {
          producer.putIfAbsent(output, i);
        }
      }
      producer.remove("");
      int[] waiting = new int[nodes.size()];
      List<List<Integer>> users = new ArrayList<>();
      nodes.forEach(node -> users.add(new ArrayList<>()));
      PriorityQueue<Integer> ready = new PriorityQueue<>();
      for (int i = 0; i < nodes.size(); i++) {
        for (String value : used(nodes.get(i))) {
          Integer from = producer.get(value);
          if (from != null) {
            users.get(from).add(i);
            waiting[i]++;
          }
        }
        if (waiting[i] == 0) {
          ready.add(i);
        }
      }
      List<Node> ordered = new ArrayList<>();
      while (!ready.isEmpty()) {
        int next = ready.remove();
        ordered.add(nodes.get(next));
        for (int user : users.get(next)) {
          if (--waiting[user] == 0) {
            ready.add(user);
          }
        }
      }
      if (ordered.size() < nodes.size()) {
        for (int i = 0; i < waiting.length; i++) {
          if (waiting[i] > 0) {
            Node node = nodes.get(i);
            throw new DrawException(
                "The nodes use each other in a circle, of which "
                    + node.op()
                    + " '"
                    + node.name()
                    + "' is a part or a consequence; that is not valid ONNX.");
          }
        }
      }
      return ordered;
    }

    /** The values that a node uses, those of its bodies (If, Loop) included. */
    private static Set<String> used(Node node) {
      Set<String> used = new LinkedHashSet<>(node.inputs());
      used.remove("");
      for (Attribute attribute : node.attributes().values()) {
        if (attribute instanceof Attribute.OfGraph(Graph body)) {
          Set<String> own = new HashSet<>(body.initializers().keySet());
          body.inputs().forEach(value -> own.add(value.name()));
          body.nodes().forEach(each -> own.addAll(each.outputs()));
          for (Node inner : body.nodes()) {
            used(inner).stream().filter(name -> !own.contains(name)).forEach(used::add);
          }
          body.outputs().stream()
              .map(ValueInfo::name)
              .filter(name -> !own.contains(name))
              .forEach(used::add);
        }
      }
      return used;
    }
  }
}
