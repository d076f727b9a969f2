package org.alexnetedge.onnx;

import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Between {@link ValueType} and protobuf. */
final class TypeCodec {
  private TypeCodec() {}

  static ValueType decode(TypeProto type) {
    return switch (type.getValueCase()) {
      case TENSOR_TYPE -> {
        TypeProto.Tensor tensor = type.getTensorType();
        Optional<ElementType> element = ElementType.of(tensor.getElemType());
        yield element.isPresent()
            ? new ValueType.OfTensor(
                element.get(), tensor.hasShape() ? decode(tensor.getShape()) : null)
            : new ValueType.Other("tensor of the unknown element type " + tensor.getElemType());
      }
      case SEQUENCE_TYPE -> new ValueType.OfSequence(decode(type.getSequenceType().getElemType()));
      case MAP_TYPE -> new ValueType.Other("map");
      case OPTIONAL_TYPE -> new ValueType.Other("optional value");
      case SPARSE_TENSOR_TYPE -> new ValueType.Other("sparse tensor");
      case OPAQUE_TYPE -> new ValueType.Other("opaque value");
      case VALUE_NOT_SET -> new ValueType.Other("value of undeclared type");
    };
  }

  private static List<Dimension> decode(TensorShapeProto shape) {
    List<Dimension> dimensions = new ArrayList<>();
    for (TensorShapeProto.Dimension dimension : shape.getDimList()) {
      dimensions.add(
          switch (dimension.getValueCase()) {
            case DIM_VALUE -> new Dimension.Fixed(dimension.getDimValue());
            case DIM_PARAM ->
                dimension.getDimParam().isEmpty()
                    ? new Dimension.Unknown()
                    : new Dimension.Symbolic(dimension.getDimParam());
            case VALUE_NOT_SET -> new Dimension.Unknown();
          });
    }
    return dimensions;
  }

  static TypeProto encode(ValueType type) {
    return switch (type) {
      case ValueType.OfTensor(ElementType element, List<Dimension> shape) -> {
        TypeProto.Tensor.Builder tensor = TypeProto.Tensor.newBuilder().setElemType(element.code());
        if (shape != null) {
          TensorShapeProto.Builder dimensions = tensor.getShapeBuilder();
          for (Dimension dimension : shape) {
            TensorShapeProto.Dimension.Builder one = dimensions.addDimBuilder();
            switch (dimension) {
              case Dimension.Fixed(long length) -> one.setDimValue(length);
              case Dimension.Symbolic(String name) -> one.setDimParam(name);
              case Dimension.Unknown() -> {}
            }
          }
        }
        yield TypeProto.newBuilder().setTensorType(tensor).build();
      }
      case ValueType.OfSequence(ValueType element) ->
          TypeProto.newBuilder()
              .setSequenceType(TypeProto.Sequence.newBuilder().setElemType(encode(element)))
              .build();
      case ValueType.Other(String description) ->
          throw new IllegalArgumentException("a " + description + " cannot be declared");
    };
  }
}
