package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a run gave, in the order asked for. Closing it closes all values. Not thread-safe. */
public final class Outputs implements AutoCloseable {
  private final Map<String, OrtValue> values;

  private Outputs(Map<String, OrtValue> values) {
    this.values = Collections.unmodifiableMap(values);
  }

  static Outputs take(
      OrtEnvironment environment,
      Collection<String> names,
      MemorySegment handles,
      Iterable<Tensor> lenders) {
    Map<String, OrtValue> values = new LinkedHashMap<>();
    int i = 0;
    try {
      for (String name : names) {
        values.put(name, Tensor.take(environment, handles.getAtIndex(JAVA_LONG, i++), lenders));
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
   * A dense tensor.
   *
   * @throws IllegalArgumentException when there is no output of that name
   */
  public Tensor tensor(String name) {
    OrtValue value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "There is no output '" + name + "' among " + values.keySet() + ".");
    }
    return (Tensor) value;
  }

  @Override
  public void close() {
    values.values().forEach(OrtValue::close);
  }
}
