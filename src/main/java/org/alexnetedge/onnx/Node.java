package org.alexnetedge.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One operation of a graph. The {@code with} methods give a changed copy, so a node is written as
 *
 * <pre>{@code
 * Node.of("Conv", List.of("x", "w"), List.of("y")).with("strides", Attribute.ints(4, 4))
 * }</pre>
 */
public final class Node {
  private final NodeProto proto;
  private final Origin origin;

  Node(NodeProto proto, Origin origin) {
    this.proto = proto;
    this.origin = origin;
  }

  /**
   * A node of the standard operators, named after its first output.
   *
   * @param inputs names of values; "" where an optional one is left out
   * @param outputs names of values; "" where an optional one is left out
   */
  public static Node of(String op, List<String> inputs, List<String> outputs) {
    return new Node(
        NodeProto.newBuilder()
            .setOpType(op)
            .setName(outputs.isEmpty() ? "" : outputs.getFirst())
            .addAllInput(inputs)
            .addAllOutput(outputs)
            .build(),
        Origin.BUILT);
  }

  /** May be empty, and need not be unique. */
  public String name() {
    return proto.getName();
  }

  /** The operator, for instance {@code Conv}. */
  public String op() {
    return proto.getOpType();
  }

  /** The operator set; "" is ONNX's own (also written {@code ai.onnx}). */
  public String domain() {
    return proto.getDomain().equals("ai.onnx") ? "" : proto.getDomain();
  }

  public List<String> inputs() {
    return Collections.unmodifiableList(proto.getInputList());
  }

  public List<String> outputs() {
    return Collections.unmodifiableList(proto.getOutputList());
  }

  /** All attributes in the file's order. */
  public Map<String, Attribute> attributes() {
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    for (AttributeProto attribute : proto.getAttributeList()) {
      attributes.put(attribute.getName(), AttributeCodec.decode(attribute, origin));
    }
    return Collections.unmodifiableMap(attributes);
  }

  public Optional<Attribute> attribute(String name) {
    for (AttributeProto attribute : proto.getAttributeList()) {
      if (attribute.getName().equals(name)) {
        return Optional.of(AttributeCodec.decode(attribute, origin));
      }
    }
    return Optional.empty();
  }

  /** An integer attribute, or the operator's default when it is absent. */
  public long integer(String name, long otherwise) {
    return attribute(name).orElse(null) instanceof Attribute.Int(long value) ? value : otherwise;
  }

  /** A float attribute, or the operator's default when it is absent. */
  public float real(String name, float otherwise) {
    return attribute(name).orElse(null) instanceof Attribute.Real(float value) ? value : otherwise;
  }

  /** A string attribute, or the operator's default when it is absent. */
  public String text(String name, String otherwise) {
    return attribute(name).orElse(null) instanceof Attribute.Text(String value) ? value : otherwise;
  }

  /** A list of integers, or the operator's default when it is absent. */
  public List<Long> integers(String name, List<Long> otherwise) {
    return attribute(name).orElse(null) instanceof Attribute.Ints(List<Long> values)
        ? values
        : otherwise;
  }

  /** The tensor of a Constant node, when it is given as one. */
  public Optional<StoredTensor> constant() {
    return op().equals("Constant")
            && domain().isEmpty()
            && attribute("value").orElse(null) instanceof Attribute.OfTensor(StoredTensor tensor)
        ? Optional.of(tensor)
        : Optional.empty();
  }

  /** With this attribute added or replaced. */
  public Node with(String name, Attribute value) {
    NodeProto.Builder changed = without(name).proto.toBuilder();
    return new Node(changed.addAttribute(AttributeCodec.encode(name, value)).build(), origin);
  }

  public Node without(String attribute) {
    NodeProto.Builder changed = proto.toBuilder();
    for (int i = changed.getAttributeCount() - 1; i >= 0; i--) {
      if (changed.getAttribute(i).getName().equals(attribute)) {
        changed.removeAttribute(i);
      }
    }
    return new Node(changed.build(), origin);
  }

  public Node withName(String name) {
    return new Node(proto.toBuilder().setName(name).build(), origin);
  }

  /** Another operator with the same attributes. */
  public Node withOp(String op) {
    return new Node(proto.toBuilder().setOpType(op).build(), origin);
  }

  /** In another operator set, for instance {@code com.microsoft}. */
  public Node withDomain(String domain) {
    return new Node(proto.toBuilder().setDomain(domain).build(), origin);
  }

  public Node withInputs(List<String> inputs) {
    return new Node(proto.toBuilder().clearInput().addAllInput(inputs).build(), origin);
  }

  public Node withOutputs(List<String> outputs) {
    return new Node(proto.toBuilder().clearOutput().addAllOutput(outputs).build(), origin);
  }

  NodeProto proto() {
    return proto;
  }

  Origin origin() {
    return origin;
  }

  /** Independent of the file it came from. */
  NodeProto embedded() {
    return ExternalData.embed(proto, origin);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Node that && proto.equals(that.proto);
  }

  @Override
  public int hashCode() {
    return 31 * op().hashCode() + outputs().hashCode();
  }

  @Override
  public String toString() {
    return op() + "(" + String.join(", ", inputs()) + ") -> " + String.join(", ", outputs());
  }
}
