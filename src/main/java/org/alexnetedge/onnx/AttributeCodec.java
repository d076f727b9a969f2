package org.alexnetedge.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import com.google.protobuf.ByteString;

/** Between {@link Attribute} and protobuf. */
final class AttributeCodec {
  private AttributeCodec() {}

  static Attribute decode(AttributeProto proto, Origin origin) {
    return switch (type(proto)) {
      case INT -> new Attribute.Int(proto.getI());
      case FLOAT -> new Attribute.Real(proto.getF());
      case STRING -> new Attribute.Text(proto.getS().toStringUtf8());
      case INTS -> new Attribute.Ints(proto.getIntsList());
      case FLOATS -> new Attribute.Reals(proto.getFloatsList());
      case STRINGS ->
          new Attribute.Texts(
              proto.getStringsList().stream().map(ByteString::toStringUtf8).toList());
      case TENSOR -> new Attribute.OfTensor(new StoredTensor(proto.getT(), origin));
      case GRAPH -> new Attribute.OfGraph(new Graph(proto.getG(), origin));
      default ->
          new Attribute.Other(
              proto.hasRefAttrName()
                  ? "reference to " + proto.getRefAttrName()
                  : type(proto).name().toLowerCase(java.util.Locale.ROOT));
    };
  }

  /** Files of IR version 1 do not say the type; the field that is set does. */
  private static AttributeType type(AttributeProto proto) {
    if (proto.getType() != AttributeType.UNDEFINED || proto.hasRefAttrName()) {
      return proto.getType();
    }
    if (proto.hasI()) {
      return AttributeType.INT;
    } else if (proto.hasF()) {
      return AttributeType.FLOAT;
    } else if (proto.hasS()) {
      return AttributeType.STRING;
    } else if (proto.hasT()) {
      return AttributeType.TENSOR;
    } else if (proto.hasG()) {
      return AttributeType.GRAPH;
    } else if (proto.getIntsCount() > 0) {
      return AttributeType.INTS;
    } else if (proto.getFloatsCount() > 0) {
      return AttributeType.FLOATS;
    } else if (proto.getStringsCount() > 0) {
      return AttributeType.STRINGS;
    }
    return AttributeType.UNDEFINED;
  }

  static AttributeProto encode(String name, Attribute attribute) {
    AttributeProto.Builder proto = AttributeProto.newBuilder().setName(name);
    switch (attribute) {
      case Attribute.Int(long value) -> proto.setType(AttributeType.INT).setI(value);
      case Attribute.Real(float value) -> proto.setType(AttributeType.FLOAT).setF(value);
      case Attribute.Text(String value) ->
          proto.setType(AttributeType.STRING).setS(ByteString.copyFromUtf8(value));
      case Attribute.Ints(var values) -> proto.setType(AttributeType.INTS).addAllInts(values);
      case Attribute.Reals(var values) -> proto.setType(AttributeType.FLOATS).addAllFloats(values);
      case Attribute.Texts(var values) -> {
        proto.setType(AttributeType.STRINGS);
        values.forEach(value -> proto.addStrings(ByteString.copyFromUtf8(value)));
      }
      case Attribute.OfTensor(StoredTensor value) ->
          proto
              .setType(AttributeType.TENSOR)
              .setT(ExternalData.embed(value.proto(), value.origin()));
      case Attribute.OfGraph(Graph value) ->
          proto.setType(AttributeType.GRAPH).setG(value.embedded());
      case Attribute.Other(String kind) ->
          throw new IllegalArgumentException("an attribute of kind " + kind + " cannot be made");
    }
    return proto.build();
  }
}
