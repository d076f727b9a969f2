package org.alexnetedge.onnx;

import ai.onnx.proto.OnnxMl.ValueInfoProto;

/**
 * A named value of a graph: an input, an output or something between.
 *
 * @param name unique in its graph
 * @param type what it is
 */
public record ValueInfo(String name, ValueType type) {

  static ValueInfo of(ValueInfoProto proto) {
    return new ValueInfo(proto.getName(), TypeCodec.decode(proto.getType()));
  }

  ValueInfoProto proto() {
    return ValueInfoProto.newBuilder().setName(name).setType(TypeCodec.encode(type)).build();
  }
}
