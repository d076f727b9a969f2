package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Collection;
import java.util.ConcurrentModificationException;
import java.util.Map;

/**
 * The arrays of names and values that Run and RunAsync take, checked against the session. The names
 * belong to the session, the values are kept by {@link Uses}.
 *
 * @param memory four arrays of pointers, one after another: names and values of the inputs, names
 *     and values of the outputs
 */
record RunArguments(MemorySegment memory, int inputs, int outputs) {

  /**
   * An absent value is given by leaving its input out: ONNX Runtime reads the memory of all that it
   * is given, and ends the process over one that has none.
   *
   * @throws IllegalArgumentException when a name is not the session's, or an output is asked for
   *     twice
   */
  static RunArguments of(
      Session session,
      Map<String, ? extends OrtValue> inputs,
      Collection<String> outputs,
      Uses uses,
      SegmentAllocator allocator) {
    int given = 0;
    for (OrtValue value : inputs.values()) {
      given += value instanceof AbsentValue ? 0 : 1;
    }
    int asked = outputs.size();
    MemorySegment memory = allocator.allocate(JAVA_LONG, 2L * given + 2L * asked + 1);
    int i = 0;
    for (Map.Entry<String, ? extends OrtValue> input : inputs.entrySet()) {
      long name = session.inputName(input.getKey());
      long value = uses.enter(input.getValue());
      if (!(input.getValue() instanceof AbsentValue)) {
        checkUnchanged(i < given);
        memory.setAtIndex(JAVA_LONG, i, name);
        memory.setAtIndex(JAVA_LONG, given + i++, value);
      }
    }
    checkUnchanged(i == given);
    session.checkMaps(
        name -> inputs.get(name) != null && !(inputs.get(name) instanceof AbsentValue));
    long start = 2L * given;
    i = 0;
    for (String output : outputs) {
      checkUnchanged(i < asked);
      long name = session.outputName(output);
      for (int before = 0; before < i; before++) {
        if (memory.getAtIndex(JAVA_LONG, start + before) == name) {
          throw new IllegalArgumentException("The output '" + output + "' is asked for twice.");
        }
      }
      memory.setAtIndex(JAVA_LONG, start + i++, name);
    }
    checkUnchanged(i == asked);
    return new RunArguments(memory, given, asked);
  }

  /** Else another thread would decide which pointers ONNX Runtime reads. */
  private static void checkUnchanged(boolean unchanged) {
    if (!unchanged) {
      throw new ConcurrentModificationException(
          "The inputs or outputs of a run were changed while it began.");
    }
  }

  long inputNames() {
    return memory.address();
  }

  long inputValues() {
    return memory.address() + inputs * JAVA_LONG.byteSize();
  }

  long outputNames() {
    return memory.address() + 2 * inputs * JAVA_LONG.byteSize();
  }

  /** Where the run puts its values; zeros before. */
  MemorySegment outputValues() {
    return memory.asSlice((2L * inputs + outputs) * JAVA_LONG.byteSize());
  }
}
