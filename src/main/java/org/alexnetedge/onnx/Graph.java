package org.alexnetedge.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a model computes: nodes in the order of computation, and the values they name. */
public final class Graph {
  private final GraphProto proto;
  private final Origin origin;
  private final List<Node> nodes;
  private final Map<String, StoredTensor> initializers;

  Graph(GraphProto proto, Origin origin) {
    this.proto = proto;
    this.origin = origin;
    List<Node> nodes = new ArrayList<>(proto.getNodeCount());
    for (NodeProto node : proto.getNodeList()) {
      nodes.add(new Node(node, origin));
    }
    this.nodes = Collections.unmodifiableList(nodes);
    Map<String, StoredTensor> initializers = LinkedHashMap.newLinkedHashMap(nodes.size());
    for (TensorProto tensor : proto.getInitializerList()) {
      initializers.put(tensor.getName(), new StoredTensor(tensor, origin));
    }
    this.initializers = Collections.unmodifiableMap(initializers);
  }

  public String name() {
    return proto.getName();
  }

  /** Each after those whose outputs it uses. */
  public List<Node> nodes() {
    return nodes;
  }

  /**
   * What a caller has to give: without the initializers, which older files (IR version 3) list
   * among their inputs.
   */
  public List<ValueInfo> inputs() {
    return values(proto.getInputList()).stream()
        .filter(input -> !initializers.containsKey(input.name()))
        .toList();
  }

  public List<ValueInfo> outputs() {
    return values(proto.getOutputList());
  }

  /** Values between whose type the file declares; often none. */
  public List<ValueInfo> values() {
    return values(proto.getValueInfoList());
  }

  private static List<ValueInfo> values(List<ValueInfoProto> values) {
    return values.stream().map(ValueInfo::of).toList();
  }

  /** Weights and constants by name, in the file's order. */
  public Map<String, StoredTensor> initializers() {
    return initializers;
  }

  /** The node that computes a value; empty for inputs, initializers and unknown names. */
  public Optional<Node> producer(String value) {
    return nodes.stream().filter(node -> node.outputs().contains(value)).findFirst();
  }

  /**
   * The nodes of this graph that use a value; uses inside the bodies of If and Loop not counted.
   */
  public List<Node> consumers(String value) {
    return nodes.stream().filter(node -> node.inputs().contains(value)).toList();
  }

  /**
   * The tensor of that name where the graph knows it: an initializer, or the output of a Constant
   * node.
   */
  public Optional<StoredTensor> constant(String value) {
    StoredTensor initializer = initializers.get(value);
    if (initializer != null) {
      return Optional.of(initializer);
    }
    return producer(value).flatMap(Node::constant);
  }

  GraphProto proto() {
    return proto;
  }

  /** Independent of the file it came from. */
  GraphProto embedded() {
    return ExternalData.embed(proto, origin);
  }
}
