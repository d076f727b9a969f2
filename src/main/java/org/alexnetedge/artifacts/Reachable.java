package org.alexnetedge.artifacts;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Node;

/** Which nodes a value needs. */
final class Reachable {
  private Reachable() {}

  /** The nodes that a value is computed from, in their order. */
  static List<Node> from(String value, List<Node> nodes) {
    Set<String> needed = new HashSet<>(Set.of(value));
    List<Node> found = new ArrayList<>();
    for (Node node : nodes.reversed()) {
      if (node.outputs().stream().anyMatch(needed::contains)) {
        found.addFirst(node);
        needed.addAll(inputs(node));
      }
    }
    return found;
  }

  /** The values that a node uses, those inside the bodies of If and Loop included. */
  static Set<String> inputs(Node node) {
    Set<String> inputs = new HashSet<>(node.inputs());
    inputs.remove("");
    for (Attribute attribute : node.attributes().values()) {
      if (attribute instanceof Attribute.OfGraph(var body)) {
        // Names that a body gives itself are no values outside, so they do no harm here.
        body.nodes().forEach(inside -> inputs.addAll(inputs(inside)));
        body.outputs().forEach(output -> inputs.add(output.name()));
      }
    }
    return inputs;
  }
}
