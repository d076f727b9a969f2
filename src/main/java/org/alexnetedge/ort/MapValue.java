package org.alexnetedge.ort;

import java.lang.reflect.Array;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A map from keys of type int64 or string to numbers or strings, as classical classifiers give
 * (label to score). The element types that ONNX Runtime knows are int64, float32, float64 and
 * string.
 */
public final class MapValue extends OrtValue {
  private static final int ONNX_TYPE_MAP = 3; // onnxruntime_c_api.h

  MapValue(OrtEnvironment environment, long handle) {
    super(environment, handle, "map", List.of(), List.of());
  }

  /**
   * A map that copies what the tensors hold.
   *
   * @param keys [n], int64 or string
   * @param values [n]
   * @throws IllegalArgumentException when their sizes differ
   * @throws OrtException when ONNX Runtime has no map of these types
   */
  public static MapValue of(OrtEnvironment environment, Tensor keys, Tensor values) {
    if (keys.elements() != values.elements()) {
      throw new IllegalArgumentException(
          "A map needs as many values as keys, not "
              + values.elements()
              + " for "
              + keys.elements()
              + ".");
    }
    try (Uses uses = new Uses(environment, "map")) {
      return new MapValue(
          environment, SequenceValue.create(uses, List.of(keys, values), ONNX_TYPE_MAP));
    }
  }

  /** The keys, [n]; the caller closes the tensor. The order is that of {@link #values}. */
  public Tensor keys() {
    return part(0);
  }

  /** The values, [n]; the caller closes the tensor. */
  public Tensor values() {
    return part(1);
  }

  private Tensor part(int index) {
    try (Uses uses = new Uses(environment(), "map")) {
      return (Tensor) SequenceValue.part(uses, uses.enter(this), index);
    }
  }

  /**
   * All entries: keys as {@link Long} or {@link String}; values as {@link Long}, {@link Float},
   * {@link Double} or {@link String}.
   */
  public Map<Object, Object> toMap() {
    try (Tensor keys = keys();
        Tensor values = values()) {
      Object keyArray = keys.toArray();
      Object valueArray = values.toArray();
      Map<Object, Object> map = new LinkedHashMap<>();
      for (int i = 0; i < keys.elements(); i++) {
        map.put(Array.get(keyArray, i), Array.get(valueArray, i));
      }
      return map;
    }
  }

  @Override
  public String toString() {
    return "map";
  }
}
