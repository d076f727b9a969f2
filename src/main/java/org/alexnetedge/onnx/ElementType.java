package org.alexnetedge.onnx;

import java.util.Optional;

/** What a tensor's elements are: {@code TensorProto.DataType} of onnx.proto. */
public enum ElementType {
  /** A type that the model leaves open. */
  UNDEFINED(0, "undefined", 0, Kind.OTHER),
  FLOAT32(1, "float32", 32, Kind.FLOATING),
  UINT8(2, "uint8", 8, Kind.INTEGER),
  INT8(3, "int8", 8, Kind.INTEGER),
  UINT16(4, "uint16", 16, Kind.INTEGER),
  INT16(5, "int16", 16, Kind.INTEGER),
  INT32(6, "int32", 32, Kind.INTEGER),
  INT64(7, "int64", 64, Kind.INTEGER),
  STRING(8, "string", 0, Kind.OTHER),
  /** One byte an element, 0 or 1. */
  BOOL(9, "bool", 8, Kind.OTHER),
  FLOAT16(10, "float16", 16, Kind.FLOATING),
  FLOAT64(11, "float64", 64, Kind.FLOATING),
  UINT32(12, "uint32", 32, Kind.INTEGER),
  UINT64(13, "uint64", 64, Kind.INTEGER),
  /** Two float32: real, imaginary. */
  COMPLEX64(14, "complex64", 64, Kind.OTHER),
  /** Two float64: real, imaginary. */
  COMPLEX128(15, "complex128", 128, Kind.OTHER),
  BFLOAT16(16, "bfloat16", 16, Kind.FLOATING),
  FLOAT8E4M3FN(17, "float8e4m3fn", 8, Kind.FLOATING),
  FLOAT8E4M3FNUZ(18, "float8e4m3fnuz", 8, Kind.FLOATING),
  FLOAT8E5M2(19, "float8e5m2", 8, Kind.FLOATING),
  FLOAT8E5M2FNUZ(20, "float8e5m2fnuz", 8, Kind.FLOATING),
  /** Two elements a byte, the first in the low half; so are the other types below one byte. */
  UINT4(21, "uint4", 4, Kind.INTEGER),
  INT4(22, "int4", 4, Kind.INTEGER),
  FLOAT4E2M1(23, "float4e2m1", 4, Kind.FLOATING),
  FLOAT8E8M0(24, "float8e8m0", 8, Kind.FLOATING),
  UINT2(25, "uint2", 2, Kind.INTEGER),
  INT2(26, "int2", 2, Kind.INTEGER);

  private enum Kind {
    FLOATING,
    INTEGER,
    OTHER
  }

  private final int code;
  private final String label;
  private final int bits;
  private final Kind kind;

  ElementType(int code, String label, int bits, Kind kind) {
    this.code = code;
    this.label = label;
    this.bits = bits;
    this.kind = kind;
  }

  /** The type with this number in ONNX files (ONNX Runtime uses the same numbers). */
  public static Optional<ElementType> of(int code) {
    // The numbers are 0 to 26 without a gap, in the order of declaration.
    return code >= 0 && code < values().length ? Optional.of(values()[code]) : Optional.empty();
  }

  /** The number in ONNX files. */
  public int code() {
    return code;
  }

  /** Lower-case name with the width, for instance {@code float32}. */
  public String label() {
    return label;
  }

  /** Size of one element in bits; 0 for strings and the undefined type. */
  public int bits() {
    return bits;
  }

  public boolean isFloating() {
    return kind == Kind.FLOATING;
  }

  public boolean isInteger() {
    return kind == Kind.INTEGER;
  }

  /**
   * Size of a tensor's data in bytes; 0 for strings.
   *
   * @throws ArithmeticException when it does not fit a long
   */
  public long byteSize(long elements) {
    return bits >= 8
        ? Math.multiplyExact(elements, bits / 8)
        : Math.addExact(Math.multiplyExact(elements, bits), 7) / 8;
  }

  @Override
  public String toString() {
    return label;
  }
}
