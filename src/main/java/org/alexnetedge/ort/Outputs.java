package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a run gave, in the order asked for. Closing it closes all values. Not thread-safe. */
public final class Outputs implements AutoCloseable {
  private final Map<String, OrtValue> values;

  private Outputs(Map<String, OrtValue> values) {
    this.values = Collections.unmodifiableMap(values);
  }

  /**
   * Takes over the values of a run.
   *
   * @param borrowed memory of callers' that the run worked with
   * @param allocators of sessions, that made its inputs
   */
  static Outputs take(
      OrtEnvironment environment,
      Collection<String> names,
      MemorySegment handles,
      List<MemorySegment> borrowed,
      List<SessionAllocator> allocators) {
    Map<String, OrtValue> values = LinkedHashMap.newLinkedHashMap(names.size());
    int i = 0;
    try {
      for (String name : names) {
        values.put(
            name,
            OrtValue.take(environment, handles.getAtIndex(JAVA_LONG, i++), borrowed, allocators));
      }
    } catch (Throwable t) {
      values.values().forEach(OrtValue::close);
      for (; i < names.size(); i++) {
        environment.api().plain(Function.ReleaseValue, handles.getAtIndex(JAVA_LONG, i));
      }
      throw t;
    }
    return new Outputs(values);
  }

  /** All values by name. */
  public Map<String, OrtValue> values() {
    return values;
  }

  /**
   * A value.
   *
   * @throws IllegalArgumentException when there is no output of that name
   */
  public OrtValue value(String name) {
    OrtValue value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "There is no output '" + name + "' among " + values.keySet() + ".");
    }
    return value;
  }

  /**
   * A dense tensor.
   *
   * @throws IllegalArgumentException when there is no output of that name
   * @throws IllegalStateException when it is something else
   */
  public Tensor tensor(String name) {
    return as(Tensor.class, name, "tensor");
  }

  /**
   * A sequence.
   *
   * @throws IllegalArgumentException when there is no output of that name
   * @throws IllegalStateException when it is something else
   */
  public SequenceValue sequence(String name) {
    return as(SequenceValue.class, name, "sequence");
  }

  /**
   * A map.
   *
   * @throws IllegalArgumentException when there is no output of that name
   * @throws IllegalStateException when it is something else
   */
  public MapValue map(String name) {
    return as(MapValue.class, name, "map");
  }

  /**
   * A sparse tensor.
   *
   * @throws IllegalArgumentException when there is no output of that name
   * @throws IllegalStateException when it is something else
   */
  public SparseTensor sparse(String name) {
    return as(SparseTensor.class, name, "sparse tensor");
  }

  private <T extends OrtValue> T as(Class<T> type, String name, String kind) {
    OrtValue value = value(name);
    if (!type.isInstance(value)) {
      throw new IllegalStateException(
          "The output '" + name + "' is no " + kind + " but this: " + value.kind() + ".");
    }
    return type.cast(value);
  }

  /** Closes all values. Does nothing the second time. */
  @Override
  public void close() {
    values.values().forEach(OrtValue::close);
  }
}
