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
  private final List<String> names;
  private final OrtValue[] values;

  private Outputs(List<String> names, OrtValue[] values) {
    this.names = names;
    this.values = values;
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
    OrtValue[] values = new OrtValue[names.size()];
    int taken = 0;
    try {
      while (taken < values.length) {
        long handle = handles.getAtIndex(JAVA_LONG, taken);
        values[taken++] = OrtValue.take(environment, handle, borrowed, allocators);
      }
      return new Outputs(List.copyOf(names), values);
    } catch (Throwable t) {
      for (int i = 0; i < values.length; i++) {
        if (values[i] != null) {
          values[i].close();
        } else if (i >= taken) {
          environment.api().plain(Function.ReleaseValue, handles.getAtIndex(JAVA_LONG, i));
        }
      }
      throw t;
    }
  }

  /** All values by name, in the order asked for. */
  public Map<String, OrtValue> values() {
    Map<String, OrtValue> map = LinkedHashMap.newLinkedHashMap(values.length);
    for (int i = 0; i < values.length; i++) {
      map.put(names.get(i), values[i]);
    }
    return Collections.unmodifiableMap(map);
  }

  /**
   * A value.
   *
   * @throws IllegalArgumentException when there is no output of that name
   */
  public OrtValue value(String name) {
    int i = names.indexOf(name);
    if (i < 0) {
      throw new IllegalArgumentException("There is no output '" + name + "' among " + names + ".");
    }
    return values[i];
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
    for (OrtValue value : values) {
      value.close();
    }
  }
}
