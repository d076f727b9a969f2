package org.alexnetedge.artifacts;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.Node;
import org.jspecify.annotations.Nullable;

/**
 * The walk from the gradient of the logits back to the parameters that are trained. It goes only
 * where such a parameter lies behind: never into a frozen part, nor to the network's input.
 */
final class Backward {
  /** Names that a message lists. */
  private static final int NAMED = 12;

  private final GraphPart graph;
  private final Map<String, List<Dimension>> shapes;

  /** Values that depend on a trained parameter, and those parameters. */
  private final Set<String> wanted;

  /** Names of gradients by value, of which the sum counts. */
  private final Map<String, List<String>> gradients = new HashMap<>();

  private final List<String> trained;
  private List<Node> forward = List.of();

  /** The node whose gradients are being added. */
  private @Nullable Node current;

  /**
   * @param graph where the gradients are added
   * @param shapes of the values of the forward graph
   * @param trained names of the parameters
   */
  Backward(GraphPart graph, Map<String, List<Dimension>> shapes, List<String> trained) {
    this.graph = graph;
    this.shapes = shapes;
    this.trained = List.copyOf(trained);
    this.wanted = new HashSet<>(trained);
  }

  /** All values that depend on a trained parameter, and those parameters. */
  static Set<String> dependents(List<Node> forward, List<String> trained) {
    Set<String> dependents = new HashSet<>(trained);
    for (Node node : forward) {
      if (Reachable.inputs(node).stream().anyMatch(dependents::contains)) {
        dependents.addAll(node.outputs());
      }
    }
    dependents.remove("");
    return dependents;
  }

  /**
   * Adds the gradients of all trained parameters.
   *
   * @param forward the nodes as they stand in the training graph, in the order of computation
   * @param logits name of a value
   * @param gradient name of its gradient
   * @throws ArtifactException when an operator on the way has no gradient here
   */
  void walk(List<Node> forward, String logits, String gradient) {
    this.forward = forward;
    wanted.addAll(dependents(forward, trained));
    give(logits, gradient);
    for (Node node : forward.reversed()) {
      current = node;
      if (node.outputs().stream().noneMatch(gradients::containsKey)) {
        continue;
      }
      GradientRule rule = GradientRules.of(node);
      if (rule == null) {
        throw problem("which has no gradient here");
      }
      if (node.outputs().stream().skip(1).anyMatch(gradients::containsKey)) {
        throw problem("of which a second output is used");
      }
      rule.add(node, this);
    }
    current = null;
  }

  GraphPart graph() {
    return graph;
  }

  /** Whether a gradient of this value is needed; rules leave out the others. */
  boolean wants(String value) {
    return wanted.contains(value);
  }

  /** Whether a gradient of this input of the current node is needed. */
  boolean wants(Node node, int input) {
    return input < node.inputs().size() && wants(node.inputs().get(input));
  }

  /** Notes a gradient of a value, beside those that it has from its other uses. */
  void give(String value, String gradient) {
    if (wants(value)) {
      gradients.computeIfAbsent(value, name -> new ArrayList<>()).add(gradient);
    }
  }

  /** Adds a node that computes a gradient of a value, and notes it. */
  void give(String value, Node node) {
    if (wants(value)) {
      give(value, graph.add(node, value + "_grad"));
    }
  }

  /** The gradient of a node's first output. */
  String of(Node node) {
    return of(node.outputs().getFirst());
  }

  /**
   * The gradient of a value: the sum over all its uses.
   *
   * @throws ArtifactException when no gradient comes as far
   */
  String of(String value) {
    List<String> parts = gradients.get(value);
    if (parts == null) {
      throw new ArtifactException(
          "The parameter '"
              + value
              + "' cannot be trained: the model does not use it in a way that has a gradient.");
    }
    if (parts.size() > 1) {
      String sum = graph.add("Sum", List.copyOf(parts), value + "_grad_sum");
      parts.clear();
      parts.add(sum);
    }
    return parts.getFirst();
  }

  /** Whether the lengths of a value's axes from the given one on are known and fixed. */
  boolean isFixed(String value, int from, int rank) {
    List<Dimension> shape = shapes.get(value);
    return shape != null
        && shape.size() == rank
        && shape.subList(from, rank).stream().allMatch(Dimension.Fixed.class::isInstance);
  }

  /**
   * The dimensions of a value of the forward graph.
   *
   * @throws ArtifactException when not even their number is known
   */
  List<Dimension> shape(String value) {
    List<Dimension> shape = shapes.get(value);
    if (shape == null) {
      throw problem("where the shape of '" + value + "' is not known, which its gradient needs");
    }
    return shape;
  }

  /**
   * The lengths of a value's axes from the given one on.
   *
   * @throws ArtifactException when one of them is known only when the model runs
   */
  long[] lengths(String value, int from) {
    List<Dimension> shape = shape(value);
    long[] lengths = new long[Math.max(0, shape.size() - from)];
    for (int i = 0; i < lengths.length; i++) {
      if (!(shape.get(from + i) instanceof Dimension.Fixed(long length))) {
        throw problem(
            "where '"
                + value
                + "' has the shape "
                + shape
                + "; its gradient needs lengths that are fixed");
      }
      lengths[i] = length;
    }
    return lengths;
  }

  /** An error about the current node, with what to freeze. */
  ArtifactException problem(String why) {
    Node node = Objects.requireNonNull(current);
    Set<String> before = new HashSet<>();
    for (Node each : Reachable.from(node.outputs().getFirst(), forward)) {
      before.addAll(each.inputs());
    }
    String name = node.name().isEmpty() ? node.outputs().getFirst() : node.name();
    return new ArtifactException(
        "The gradient has to pass the node '"
            + name
            + "' ("
            + (node.domain().isEmpty() ? node.op() : node.domain() + "." + node.op())
            + "), "
            + why
            + ". Freeze what lies before it: "
            + some(trained.stream().filter(before::contains).toList())
            + ".");
  }

  private static String some(List<String> names) {
    String first = String.join(", ", names.subList(0, Math.min(NAMED, names.size())));
    return names.size() > NAMED ? first + " and " + (names.size() - NAMED) + " more" : first;
  }
}
