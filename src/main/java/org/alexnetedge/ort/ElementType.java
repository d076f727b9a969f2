package org.alexnetedge.ort;

/**
 * Element types of tensors, by {@code ONNXTensorElementDataType} of onnxruntime_c_api.h, whose
 * values are those of ONNX's {@code TensorProto.DataType}.
 */
public enum ElementType {
  /** IEEE 754, 32 bits: {@code float}. */
  FLOAT(1, 32),
  /** 0 to 255: {@code byte}. */
  UINT8(2, 8),
  /** {@code byte}. */
  INT8(3, 8),
  /** 0 to 65,535: {@code short} or {@code char}. */
  UINT16(4, 16),
  /** {@code short}. */
  INT16(5, 16),
  /** {@code int}. */
  INT32(6, 32),
  /** {@code long}. */
  INT64(7, 64),
  /** Elements are not in the tensor's memory; see {@link Tensor#strings}. */
  STRING(8, 0),
  /** One byte each, 0 or 1. */
  BOOL(9, 8),
  /** IEEE 754, 16 bits; see {@link Float#float16ToFloat}. */
  FLOAT16(10, 16),
  /** IEEE 754, 64 bits: {@code double}. */
  DOUBLE(11, 64),
  /** Without a sign: {@link Integer#toUnsignedLong}. */
  UINT32(12, 32),
  /** Without a sign: {@link Long#toUnsignedString(long)}. */
  UINT64(13, 64),
  /** Two floats each. */
  COMPLEX64(14, 64),
  /** Two doubles each. */
  COMPLEX128(15, 128),
  /** The upper half of a float; see {@link BFloat16}. */
  BFLOAT16(16, 16),
  /** 4 bits of exponent, 3 of fraction; no infinities. */
  FLOAT8E4M3FN(17, 8),
  /** 4 bits of exponent, 3 of fraction; no infinities, no negative zero. */
  FLOAT8E4M3FNUZ(18, 8),
  /** 5 bits of exponent, 2 of fraction. */
  FLOAT8E5M2(19, 8),
  /** 5 bits of exponent, 2 of fraction; no infinities, no negative zero. */
  FLOAT8E5M2FNUZ(20, 8),
  /** Two in a byte, the first in the low half. */
  UINT4(21, 4),
  /** Two in a byte, the first in the low half. */
  INT4(22, 4),
  /** Two in a byte, the first in the low half. */
  FLOAT4E2M1(23, 4);

  private static final ElementType[] BY_CODE = byCode();

  private final int code;
  private final int bits;

  ElementType(int code, int bits) {
    this.code = code;
    this.bits = bits;
  }

  /** The type with a number of onnxruntime_c_api.h. */
  public static ElementType of(int code) {
    if (code <= 0 || code >= BY_CODE.length) {
      throw new OrtException("Element type number " + code + " is not known to this version.");
    }
    return BY_CODE[code];
  }

  private static ElementType[] byCode() {
    ElementType[] types = new ElementType[values().length + 1];
    for (ElementType type : values()) {
      types[type.code] = type;
    }
    return types;
  }

  /** The number in onnxruntime_c_api.h. */
  public int code() {
    return code;
  }

  /** Size of one element; 0 for strings, 4 for the types that lie two in a byte. */
  public int bits() {
    return bits;
  }

  /** Bytes that so many elements take, rounded up. */
  public long bytes(long elements) {
    return Math.ceilDiv(Math.multiplyExact(elements, (long) bits), 8L);
  }
}
