package org.alexnetedge.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.Arrays;
import java.util.Optional;

/**
 * A tensor as a model holds it: weights, constants. Nothing is read or converted before {@link
 * #tensor()} is called.
 */
public final class StoredTensor {
  private final TensorProto proto;
  private final Origin origin;
  private final ElementType type;
  private final long[] shape;
  private final long size;

  StoredTensor(TensorProto proto, Origin origin) {
    this.proto = proto;
    this.origin = origin;
    this.type =
        ElementType.of(proto.getDataType())
            .orElseThrow(
                () ->
                    origin.problem(
                        "has a tensor '"
                            + proto.getName()
                            + "' of element type "
                            + proto.getDataType()
                            + ", which is unknown here."));
    this.shape = new long[proto.getDimsCount()];
    Arrays.setAll(shape, proto::getDims);
    try {
      this.size = Tensor.size(shape);
      type.byteSize(size);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw origin.problem(
          "has a tensor '"
              + proto.getName()
              + "' of the impossible shape "
              + Arrays.toString(shape)
              + ".");
    }
  }

  public String name() {
    return proto.getName();
  }

  public ElementType type() {
    return type;
  }

  /** A copy of the dimensions; empty for a scalar. */
  public long[] shape() {
    return shape.clone();
  }

  public int rank() {
    return shape.length;
  }

  /** Number of elements: 1 for a scalar. */
  public long size() {
    return size;
  }

  /** Size in bytes of the elements as {@link Tensor#data()} gives them; 0 for strings. */
  public long byteSize() {
    return type.byteSize(size);
  }

  /** The file beside the model that holds the elements, as the model names it. */
  public Optional<String> externalFile() {
    return ExternalData.isExternal(proto)
        ? Optional.of(ExternalData.location(proto))
        : Optional.empty();
  }

  /**
   * The elements, without a copy where they stand in the file as bytes; they then live as long as
   * the memory the model was read into. Elements in typed fields or in an external file are copied
   * or read by each call.
   *
   * @throws OnnxException when there are fewer or more elements than the shape says, or the
   *     external file is missing, too short or outside the model's folder
   */
  public Tensor tensor() {
    return TensorCodec.decode(proto, origin);
  }

  TensorProto proto() {
    return proto;
  }

  Origin origin() {
    return origin;
  }

  @Override
  public String toString() {
    return name() + " " + type + Arrays.toString(shape);
  }
}
