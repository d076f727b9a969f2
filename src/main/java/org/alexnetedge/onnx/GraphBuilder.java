package org.alexnetedge.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Makes a model, or a changed copy of one. Order of calls matters only among nodes, which must come
 * in the order of computation. Not thread-safe.
 */
public final class GraphBuilder {
  private final ModelProto.Builder model;
  private final GraphProto.Builder graph;

  /** A builder must not mix tensors that point into different folders; see {@link #own}. */
  private final Origin origin;

  private GraphBuilder(ModelProto model, Origin origin) {
    this.model = model.toBuilder();
    this.graph = model.getGraph().toBuilder();
    this.origin = origin;
  }

  /**
   * An empty model.
   *
   * @param name of the graph
   * @param irVersion version of the file format, see {@link OnnxModel#irVersion}
   * @param opset version of ONNX's operator set
   */
  public GraphBuilder(String name, long irVersion, long opset) {
    this(
        ModelProto.newBuilder()
            .setIrVersion(irVersion)
            .setGraph(GraphProto.newBuilder().setName(name))
            .build(),
        Origin.BUILT);
    opset("", opset);
  }

  /** Everything that the model has, to be changed. The model itself stays as it is. */
  public static GraphBuilder of(OnnxModel model) {
    return new GraphBuilder(model.proto(), model.origin());
  }

  /** Declares an operator set, for instance {@code com.microsoft} 1, or changes its version. */
  public GraphBuilder opset(String domain, long version) {
    for (int i = model.getOpsetImportCount() - 1; i >= 0; i--) {
      if (model.getOpsetImport(i).getDomain().equals(domain)) {
        model.removeOpsetImport(i);
      }
    }
    model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(domain).setVersion(version));
    return this;
  }

  /** Declares another version of the file format, see {@link OnnxModel#irVersion}. */
  public GraphBuilder irVersion(long version) {
    model.setIrVersion(version);
    return this;
  }

  public GraphBuilder producer(String name, String version) {
    model.setProducerName(name).setProducerVersion(version);
    return this;
  }

  public GraphBuilder doc(String text) {
    model.setDocString(text);
    return this;
  }

  /** Sets an entry of metadata_props. */
  public GraphBuilder metadata(String key, String value) {
    for (int i = model.getMetadataPropsCount() - 1; i >= 0; i--) {
      if (model.getMetadataProps(i).getKey().equals(key)) {
        model.removeMetadataProps(i);
      }
    }
    model.addMetadataProps(StringStringEntryProto.newBuilder().setKey(key).setValue(value));
    return this;
  }

  public GraphBuilder input(String name, ValueType type) {
    graph.addInput(new ValueInfo(name, type).proto());
    return this;
  }

  public GraphBuilder output(String name, ValueType type) {
    graph.addOutput(new ValueInfo(name, type).proto());
    return this;
  }

  /** Declares the type of a value between, which shape inference may need. */
  public GraphBuilder value(String name, ValueType type) {
    graph.addValueInfo(new ValueInfo(name, type).proto());
    return this;
  }

  /** Adds a weight or constant. It is not copied, so its memory must live until the last write. */
  public GraphBuilder initializer(String name, Tensor tensor) {
    graph.addInitializer(TensorCodec.encode(name, tensor));
    return this;
  }

  /** Adds a tensor of another model under its own name, without reading it. */
  public GraphBuilder initializer(StoredTensor tensor) {
    TensorProto proto = tensor.proto();
    graph.addInitializer(own(tensor.origin()) ? proto : ExternalData.embed(proto, tensor.origin()));
    return this;
  }

  /** Adds a node of ONNX's own operators with one output. */
  public GraphBuilder node(String op, List<String> inputs, String output) {
    return node(Node.of(op, inputs, List.of(output)));
  }

  public GraphBuilder node(Node node) {
    graph.addNode(own(node.origin()) ? node.proto() : node.embedded());
    return this;
  }

  /** Replaces all nodes. */
  public GraphBuilder nodes(List<Node> nodes) {
    graph.clearNode();
    nodes.forEach(this::node);
    return this;
  }

  public GraphBuilder clearInputs() {
    graph.clearInput();
    return this;
  }

  public GraphBuilder clearOutputs() {
    graph.clearOutput();
    return this;
  }

  /** Forgets the declared types between, which a change of the graph may have made wrong. */
  public GraphBuilder clearValues() {
    graph.clearValueInfo();
    return this;
  }

  public GraphBuilder removeInitializer(String name) {
    for (int i = graph.getInitializerCount() - 1; i >= 0; i--) {
      if (graph.getInitializer(i).getName().equals(name)) {
        graph.removeInitializer(i);
      }
    }
    return this;
  }

  /** Whether a part with that origin finds its external data from this builder's model. */
  private boolean own(Origin other) {
    return other.file() == null || other.equals(origin);
  }

  /**
   * The model as it stands now.
   *
   * @throws IllegalArgumentException when a name is given twice, or a node or output uses a value
   *     that nothing before it gives
   */
  public OnnxModel build() {
    Set<String> known = new HashSet<>();
    Set<String> initializers = new HashSet<>();
    for (TensorProto tensor : graph.getInitializerList()) {
      if (!initializers.add(tensor.getName())) {
        throw new IllegalArgumentException(
            "two initializers are called '" + tensor.getName() + "'");
      }
    }
    graph.getSparseInitializerList().forEach(sparse -> known.add(sparse.getValues().getName()));
    for (var input : graph.getInputList()) {
      // An input may have an initializer as its default.
      if (!known.add(input.getName())) {
        throw new IllegalArgumentException("two inputs are called '" + input.getName() + "'");
      }
    }
    known.addAll(initializers);
    for (NodeProto node : graph.getNodeList()) {
      for (String input : node.getInputList()) {
        require(known, input, "the node " + node.getOpType() + " '" + node.getName() + "'");
      }
      for (String output : node.getOutputList()) {
        if (!output.isEmpty() && !known.add(output)) {
          throw new IllegalArgumentException("two nodes or inputs give '" + output + "'");
        }
      }
    }
    for (var output : graph.getOutputList()) {
      require(known, output.getName(), "the graph's output");
    }
    return new OnnxModel(model.setGraph(graph.build()).build(), origin);
  }

  private static void require(Set<String> known, String name, String user) {
    if (!name.isEmpty() && !known.contains(name)) {
      throw new IllegalArgumentException(user + " uses '" + name + "', which nothing gives before");
    }
  }
}
