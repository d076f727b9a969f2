package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The type of a model's input or output. Immutable. */
public sealed interface ValueType {
  /**
   * A tensor.
   *
   * @param element type of its elements
   * @param shape outermost axis first; empty for a scalar
   * @param sparse true for a sparse tensor
   */
  record OfTensor(ElementType element, List<Dimension> shape, boolean sparse) implements ValueType {
    /** Copies the shape. */
    public OfTensor {
      shape = List.copyOf(shape);
    }

    @Override
    public String toString() {
      return (sparse ? "sparse " : "")
          + element.name().toLowerCase(Locale.ROOT)
          + shape.stream().map(Dimension::toString).collect(Collectors.joining(",", "[", "]"));
    }
  }

  /** A sequence of values of one type. */
  record OfSequence(ValueType element) implements ValueType {
    @Override
    public String toString() {
      return "sequence(" + element + ")";
    }
  }

  /** A map from keys of a simple type to values. */
  record OfMap(ElementType key, ValueType value) implements ValueType {
    @Override
    public String toString() {
      return "map(" + key.name().toLowerCase(Locale.ROOT) + "," + value + ")";
    }
  }

  /** A value that may be absent. */
  record OfOptional(ValueType contained) implements ValueType {
    @Override
    public String toString() {
      return "optional(" + contained + ")";
    }
  }

  /** Something that only the model's custom operators understand. */
  record Opaque() implements ValueType {
    @Override
    public String toString() {
      return "opaque";
    }
  }

  /** Reads an {@code OrtTypeInfo}, which stays the caller's. */
  static ValueType read(Api api, long typeInfo) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment kind = arena.allocate(JAVA_INT);
      api.call(Function.GetOnnxTypeFromTypeInfo, typeInfo, kind.address());
      // enum ONNXType. What the casts return belongs to the type info.
      return switch (kind.get(JAVA_INT, 0)) {
        case 1 -> readTensor(api, api.make(Function.CastTypeInfoToTensorInfo, typeInfo), false);
        case 2 -> {
          long sequence = api.make(Function.CastTypeInfoToSequenceTypeInfo, typeInfo);
          yield new OfSequence(take(api, api.make(Function.GetSequenceElementType, sequence)));
        }
        case 3 -> {
          long map = api.make(Function.CastTypeInfoToMapTypeInfo, typeInfo);
          MemorySegment key = arena.allocate(JAVA_INT);
          api.call(Function.GetMapKeyType, map, key.address());
          yield new OfMap(
              ElementType.of(key.get(JAVA_INT, 0)),
              take(api, api.make(Function.GetMapValueType, map)));
        }
        case 5 -> readTensor(api, api.make(Function.CastTypeInfoToTensorInfo, typeInfo), true);
        case 6 -> {
          long optional = api.make(Function.CastTypeInfoToOptionalTypeInfo, typeInfo);
          yield new OfOptional(
              take(api, api.make(Function.GetOptionalContainedTypeInfo, optional)));
        }
        default -> new Opaque();
      };
    }
  }

  /** As {@link #read}, and releases it. */
  static ValueType take(Api api, long typeInfo) {
    try {
      return read(api, typeInfo);
    } finally {
      api.plain(Function.ReleaseTypeInfo, typeInfo);
    }
  }

  private static OfTensor readTensor(Api api, long info, boolean sparse) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment element = arena.allocate(JAVA_INT);
      api.call(Function.GetTensorElementType, info, element.address());
      MemorySegment count = arena.allocate(JAVA_LONG);
      api.call(Function.GetDimensionsCount, info, count.address());
      long rank = count.get(JAVA_LONG, 0);
      MemorySegment sizes = arena.allocate(JAVA_LONG, Math.max(1, rank));
      MemorySegment symbols = arena.allocate(JAVA_LONG, Math.max(1, rank));
      api.call(Function.GetDimensions, info, sizes.address(), rank);
      api.call(Function.GetSymbolicDimensions, info, symbols.address(), rank);
      List<Dimension> shape = new ArrayList<>();
      for (int i = 0; i < rank; i++) {
        shape.add(
            new Dimension(
                sizes.getAtIndex(JAVA_LONG, i), CStrings.read(symbols.getAtIndex(JAVA_LONG, i))));
      }
      return new OfTensor(ElementType.of(element.get(JAVA_INT, 0)), shape, sparse);
    }
  }
}
