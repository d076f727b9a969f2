package org.alexnetedge.artifacts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.onnx.ValueType;

/**
 * Nodes, constants and declared types that are being added to a graph, under names of their own.
 */
final class GraphPart {
  /** Operators that ONNX Runtime adds to ONNX's. */
  static final String MICROSOFT = "com.microsoft";

  private final Set<String> names;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final Map<String, ValueType> types = new LinkedHashMap<>();

  /**
   * @param names in use in the graph
   */
  GraphPart(Set<String> names) {
    this.names = new HashSet<>(names);
  }

  /** A name that nothing has yet, and now belongs to the caller. */
  String fresh(String wanted) {
    String name = wanted;
    for (int i = 2; !names.add(name); i++) {
      name = wanted + "_" + i;
    }
    return name;
  }

  /** Adds a node as it is. */
  void add(Node node) {
    nodes.add(node);
  }

  /** Adds a node of ONNX's own with one output, whose name begins as wanted. */
  String add(String op, List<String> inputs, String wanted) {
    return add(Node.of(op, inputs, List.of()), wanted);
  }

  /** Adds a node after giving it one output, whose name begins as wanted. */
  String add(Node node, String wanted) {
    String output = fresh(wanted);
    nodes.add(node.withOutputs(List.of(output)).withName(output));
    return output;
  }

  /** A float32 scalar. */
  String scalar(float value) {
    return constant("constant_" + value, Tensor.ofFloats(new long[0], value));
  }

  /** An int64 scalar. */
  String index(long value) {
    return constant("index_" + value, Tensor.ofLongs(new long[0], value));
  }

  /** An int64 list, such as axes or a shape. */
  String longs(long... values) {
    String name = "constant_" + Arrays.toString(values).replaceAll("[\\[\\] ]", "");
    return constant(name.replace(',', '_'), Tensor.ofLongs(new long[] {values.length}, values));
  }

  /** A constant of any kind; the same one when it is there already. */
  String constant(String wanted, Tensor value) {
    for (Map.Entry<String, Tensor> there : constants.entrySet()) {
      if (there.getValue().equals(value)) {
        return there.getKey();
      }
    }
    String name = fresh(wanted);
    constants.put(name, value);
    return name;
  }

  /** BOOL [1], which is what the accumulator takes. */
  String alwaysTrue() {
    Tensor one = Tensor.ofLongs(new long[] {1}, 1);
    return constant(
        "always", Tensor.of(ElementType.BOOL, new long[] {1}, one.data().asSlice(0, 1)));
  }

  /** Declares the type of a value, where ONNX Runtime cannot infer it. */
  void declare(String value, ValueType type) {
    types.put(value, type);
  }

  List<Node> nodes() {
    return Collections.unmodifiableList(nodes);
  }

  /** Adds all to a graph. */
  void addTo(GraphBuilder graph) {
    nodes.forEach(graph::node);
    constants.forEach(graph::initializer);
    types.forEach(graph::value);
  }
}
