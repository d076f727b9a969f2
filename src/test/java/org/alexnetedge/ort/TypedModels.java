package org.alexnetedge.ort;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;

/**
 * Small models whose inputs and outputs are no plain tensors. The graph builder has no such types,
 * so they are put in by protobuf. The input is {@code x}, the output {@code y}, unless said.
 */
final class TypedModels {
  private TypedModels() {}

  static final TypeProto FLOATS = tensor(ElementType.FLOAT);
  static final TypeProto LONGS = tensor(ElementType.INT64);

  /** A tensor of any shape. */
  static TypeProto tensor(ElementType element) {
    TypeProto.Builder type = TypeProto.newBuilder();
    type.getTensorTypeBuilder().setElemType(element.code());
    return type.build();
  }

  static TypeProto sequence(TypeProto element) {
    TypeProto.Builder type = TypeProto.newBuilder();
    type.getSequenceTypeBuilder().setElemType(element);
    return type.build();
  }

  static TypeProto map(ElementType key, ElementType value) {
    TypeProto.Builder type = TypeProto.newBuilder();
    type.getMapTypeBuilder().setKeyType(key.code()).setValueType(tensor(value));
    return type.build();
  }

  static TypeProto optional(TypeProto contained) {
    TypeProto.Builder type = TypeProto.newBuilder();
    type.getOptionalTypeBuilder().setElemType(contained);
    return type.build();
  }

  static TypeProto sparse(ElementType element) {
    TypeProto.Builder type = TypeProto.newBuilder();
    type.getSparseTensorTypeBuilder().setElemType(element.code());
    return type.build();
  }

  /** One node from inputs to {@code y}, all of the types given. */
  static Session open(Node node, Map<String, TypeProto> inputs, TypeProto output) {
    GraphBuilder graph = ModelFixture.graph(node.op()).opset("ai.onnx.ml", 1);
    graph.opset("com.microsoft", 1);
    inputs.keySet().forEach(name -> graph.input(name, ModelFixture.floats()));
    graph.output("y", ModelFixture.floats()).node(node);
    return open(graph, inputs, Map.of("y", output), proto -> {});
  }

  /** A graph with other types for its inputs and outputs than the builder knows. */
  static Session open(
      GraphBuilder graph,
      Map<String, TypeProto> inputs,
      Map<String, TypeProto> outputs,
      Consumer<GraphProto.Builder> further) {
    try (Arena arena = Arena.ofConfined()) {
      ModelProto.Builder proto =
          ModelProto.parseFrom(graph.build().bytes(arena).toArray(ValueLayout.JAVA_BYTE))
              .toBuilder();
      retype(proto.getGraphBuilder().getInputBuilderList(), inputs);
      retype(proto.getGraphBuilder().getOutputBuilderList(), outputs);
      further.accept(proto.getGraphBuilder());
      MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, proto.build().toByteArray());
      return Session.open(
          ModelFixture.environment(), bytes, SessionOptions.builder().intraOpThreads(1).build());
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static void retype(List<ValueInfoProto.Builder> values, Map<String, TypeProto> types) {
    for (ValueInfoProto.Builder value : values) {
      TypeProto type = types.get(value.getName());
      if (type != null) {
        value.setType(type);
      }
    }
  }

  /** {@code y} is what goes in as {@code x}; a copy, or the same memory, as the run likes. */
  static Session identity(TypeProto type) {
    return open(Node.of("Identity", List.of("x"), List.of("y")), Map.of("x", type), type);
  }

  /** The output {@code x} is the input {@code x}, itself; beside it {@code y = -a}. */
  static Session through(TypeProto type) {
    GraphBuilder graph =
        ModelFixture.graph("through")
            .input("x", ModelFixture.floats())
            .input("a", ModelFixture.floats(1))
            .output("x", ModelFixture.floats())
            .output("y", ModelFixture.floats(1))
            .node("Neg", List.of("a"), "y");
    return open(graph, Map.of("x", type), Map.of("x", type), proto -> {});
  }

  /** {@code y} is the sequence of the float32 tensors {@code a} and {@code b}. */
  static Session sequenceOfTwo() {
    return open(
        Node.of("SequenceConstruct", List.of("a", "b"), List.of("y")),
        Map.of("a", FLOATS, "b", FLOATS),
        sequence(FLOATS));
  }

  /** {@code y} is the tensor number {@code i}, int64 scalar, of the sequence {@code x}. */
  static Session sequenceAt(TypeProto element) {
    return open(
        Node.of("SequenceAt", List.of("x", "i"), List.of("y")),
        Map.of("x", sequence(element), "i", LONGS),
        element);
  }

  /** {@code y} is all tensors of the sequence {@code x} one below another. */
  static Session concat(TypeProto element) {
    return open(
        Node.of("ConcatFromSequence", List.of("x"), List.of("y")).with("axis", Attribute.of(0)),
        Map.of("x", sequence(element)),
        element);
  }

  /** {@code y} is the sequence {@code x} with the tensor {@code a} at its end. */
  static Session append(TypeProto element) {
    return open(
        Node.of("SequenceInsert", List.of("x", "a"), List.of("y")),
        Map.of("x", sequence(element), "a", element),
        sequence(element));
  }

  /** {@code y} is a map for each row of {@code x}, float32 [n, labels], by labels of int64. */
  static Session zipMap(long... labels) {
    return open(
        Node.of("ZipMap", List.of("x"), List.of("y"))
            .withDomain("ai.onnx.ml")
            .with("classlabels_int64s", Attribute.ints(labels)),
        Map.of("x", FLOATS),
        sequence(map(ElementType.INT64, ElementType.FLOAT)));
  }

  /** As {@link #zipMap(long...)} with labels of strings. */
  static Session zipMap(String... labels) {
    return open(
        Node.of("ZipMap", List.of("x"), List.of("y"))
            .withDomain("ai.onnx.ml")
            .with("classlabels_strings", Attribute.texts(labels)),
        Map.of("x", FLOATS),
        sequence(map(ElementType.STRING, ElementType.FLOAT)));
  }

  /** {@code y} has the map's values in the order of the words, and 0 where there is none. */
  static Session dictVectorizer(ElementType value, String... words) {
    return open(
        Node.of("DictVectorizer", List.of("x"), List.of("y"))
            .withDomain("ai.onnx.ml")
            .with("string_vocabulary", Attribute.texts(words)),
        Map.of("x", map(ElementType.STRING, value)),
        tensor(value));
  }

  /** As {@link #dictVectorizer(ElementType, String...)} with int64 keys. */
  static Session dictVectorizer(ElementType value, long... words) {
    return open(
        Node.of("DictVectorizer", List.of("x"), List.of("y"))
            .withDomain("ai.onnx.ml")
            .with("int64_vocabulary", Attribute.ints(words)),
        Map.of("x", map(ElementType.INT64, value)),
        tensor(value));
  }

  /** {@code y} is [1, n] float32, the values of a map with int64 keys in the keys' order. */
  static Session castMap(ElementType value) {
    return open(
        Node.of("CastMap", List.of("x"), List.of("y"))
            .withDomain("ai.onnx.ml")
            .with("cast_to", Attribute.of("TO_FLOAT"))
            .with("map_form", Attribute.of("DENSE")),
        Map.of("x", map(ElementType.INT64, value)),
        FLOATS);
  }

  /** {@code y = x b}: sparse times dense, float32. */
  static Session sparseMatMul() {
    return open(
        Node.of("SparseToDenseMatMul", List.of("x", "b"), List.of("y")).withDomain("com.microsoft"),
        Map.of("x", sparse(ElementType.FLOAT), "b", FLOATS),
        FLOATS);
  }

  /**
   * No input; {@code y} is sparse: float32 [3,4] with the values at these places of the flat
   * tensor.
   */
  static Session sparseConstant(float[] values, long... places) {
    GraphBuilder graph = ModelFixture.graph("sparse").output("y", ModelFixture.floats(3, 4));
    SparseTensorProto.Builder constant = SparseTensorProto.newBuilder().addDims(3).addDims(4);
    TensorProto.Builder stored =
        TensorProto.newBuilder()
            .setName("y")
            .setDataType(ElementType.FLOAT.code())
            .addDims(values.length);
    for (float value : values) {
      stored.addFloatData(value);
    }
    TensorProto.Builder indices =
        TensorProto.newBuilder().setDataType(ElementType.INT64.code()).addDims(values.length);
    for (long place : places) {
      indices.addInt64Data(place);
    }
    constant.setValues(stored).setIndices(indices);
    // The builder wants somebody to give "y".
    graph.input("y", ModelFixture.floats(3, 4));
    return open(
        graph,
        Map.of(),
        Map.of("y", sparse(ElementType.FLOAT)),
        proto -> proto.clearInput().addSparseInitializer(constant));
  }

  /** {@code y} is an optional value that holds {@code x}. */
  static Session optionalOf(TypeProto contained) {
    return open(
        Node.of("Optional", List.of("x"), List.of("y")),
        Map.of("x", contained),
        optional(contained));
  }

  /** No input; {@code y} is an optional value that holds nothing. */
  static Session absent(TypeProto contained) {
    GraphBuilder graph = ModelFixture.graph("absent").output("y", ModelFixture.floats());
    graph.node(Node.of("Optional", List.of(), List.of("y")));
    return open(
        graph,
        Map.of(),
        Map.of("y", optional(contained)),
        proto ->
            proto
                .getNodeBuilder(0)
                .addAttribute(
                    AttributeProto.newBuilder()
                        .setName("type")
                        .setType(AttributeProto.AttributeType.TYPE_PROTO)
                        .setTp(contained)));
  }

  /** {@code y}, bool scalar, says whether the optional {@code x} holds something. */
  static Session hasElement(TypeProto contained) {
    return open(
        Node.of("OptionalHasElement", List.of("x"), List.of("y")),
        Map.of("x", optional(contained)),
        tensor(ElementType.BOOL));
  }

  /** {@code y} is what the optional {@code x} holds. */
  static Session getElement(TypeProto contained) {
    return open(
        Node.of("OptionalGetElement", List.of("x"), List.of("y")),
        Map.of("x", optional(contained)),
        contained);
  }
}
