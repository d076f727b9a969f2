package org.alexnetedge.onnx;

import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Between {@link Tensor} and protobuf's {@code TensorProto}, which has a dozen ways to hold one.
 */
final class TensorCodec {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private TensorCodec() {}

  /** The bytes are wrapped, not copied: the tensor's memory must live until the last write. */
  static TensorProto encode(String name, Tensor tensor) {
    TensorProto.Builder proto =
        TensorProto.newBuilder().setName(name).setDataType(tensor.type().code());
    for (long dimension : tensor.shape()) {
      proto.addDims(dimension);
    }
    if (tensor.type() == ElementType.STRING) {
      tensor.strings().forEach(string -> proto.addStringData(ByteString.copyFromUtf8(string)));
    } else {
      proto.setRawData(wrap(tensor.data()));
    }
    return proto.build();
  }

  static ByteString wrap(MemorySegment data) {
    if (data.byteSize() > Integer.MAX_VALUE) {
      throw new OnnxException(
          "A tensor of "
              + data.byteSize()
              + " bytes does not fit an ONNX file, which ends at 2 GB.");
    }
    return UnsafeByteOperations.unsafeWrap(data.asByteBuffer());
  }

  static Tensor decode(TensorProto proto, Origin origin) {
    StoredTensor stored = new StoredTensor(proto, origin);
    ElementType type = stored.type();
    if (proto.hasSegment()) {
      throw origin.problem("holds the tensor '" + proto.getName() + "' in pieces (segments).");
    }
    if (type == ElementType.UNDEFINED) {
      throw origin.problem("has a tensor '" + proto.getName() + "' without an element type.");
    }
    if (type == ElementType.STRING) {
      return strings(stored);
    }
    MemorySegment data;
    if (ExternalData.isExternal(proto)) {
      data = ExternalData.read(proto, stored.byteSize(), origin);
    } else if (proto.hasRawData()) {
      data = MemorySegment.ofBuffer(proto.getRawData().asReadOnlyByteBuffer());
    } else {
      data = typedFields(stored);
    }
    if (data.byteSize() != stored.byteSize()) {
      throw origin.problem(
          "has a tensor "
              + stored
              + " with "
              + data.byteSize()
              + " bytes of data, where "
              + stored.byteSize()
              + " are needed.");
    }
    if (!data.isNative()) {
      data = Arena.ofAuto().allocate(data.byteSize(), 8).copyFrom(data);
    }
    return Tensor.of(type, stored.shape(), data);
  }

  private static Tensor strings(StoredTensor stored) {
    List<String> strings = new ArrayList<>();
    for (ByteString string : stored.proto().getStringDataList()) {
      strings.add(string.toStringUtf8());
    }
    checkCount(stored, strings.size(), stored.size());
    return Tensor.ofStrings(stored.shape(), strings);
  }

  /** Elements outside raw_data, in the field that onnx.proto prescribes for their type. */
  private static MemorySegment typedFields(StoredTensor stored) {
    TensorProto proto = stored.proto();
    long elements = stored.size();
    switch (stored.type()) {
      case FLOAT32, COMPLEX64 -> {
        int count = proto.getFloatDataCount();
        checkCount(stored, count, stored.byteSize() / 4);
        MemorySegment data = Arena.ofAuto().allocate(4L * count, 8);
        for (int i = 0; i < count; i++) {
          data.set(INT, 4L * i, Float.floatToRawIntBits(proto.getFloatData(i)));
        }
        return data;
      }
      case FLOAT64, COMPLEX128 -> {
        int count = proto.getDoubleDataCount();
        checkCount(stored, count, stored.byteSize() / 8);
        MemorySegment data = Arena.ofAuto().allocate(8L * count, 8);
        for (int i = 0; i < count; i++) {
          data.set(LONG, 8L * i, Double.doubleToRawLongBits(proto.getDoubleData(i)));
        }
        return data;
      }
      case INT64 -> {
        int count = proto.getInt64DataCount();
        checkCount(stored, count, elements);
        MemorySegment data = Arena.ofAuto().allocate(8L * count, 8);
        for (int i = 0; i < count; i++) {
          data.set(LONG, 8L * i, proto.getInt64Data(i));
        }
        return data;
      }
      case UINT32, UINT64 -> {
        int count = proto.getUint64DataCount();
        checkCount(stored, count, elements);
        return packed(count, stored.type().bits() / 8, proto::getUint64Data);
      }
      default -> {
        // Everything else is in int32_data, low bytes first; types below a byte come packed.
        int bytes = Math.max(1, stored.type().bits() / 8);
        int count = proto.getInt32DataCount();
        checkCount(stored, count, stored.byteSize() / bytes);
        return packed(count, bytes, proto::getInt32Data);
      }
    }
  }

  private interface Elements {
    long at(int index);
  }

  private static MemorySegment packed(int count, int bytes, Elements elements) {
    MemorySegment data = Arena.ofAuto().allocate((long) bytes * count, 8);
    for (int i = 0; i < count; i++) {
      long element = elements.at(i);
      switch (bytes) {
        case 1 -> data.set(ValueLayout.JAVA_BYTE, i, (byte) element);
        case 2 -> data.set(SHORT, 2L * i, (short) element);
        case 4 -> data.set(INT, 4L * i, (int) element);
        default -> data.set(LONG, 8L * i, element);
      }
    }
    return data;
  }

  private static void checkCount(StoredTensor stored, long count, long expected) {
    if (count != expected) {
      throw stored
          .origin()
          .problem(
              "has a tensor "
                  + stored
                  + " with "
                  + count
                  + " values, where "
                  + expected
                  + " are needed.");
    }
  }
}
