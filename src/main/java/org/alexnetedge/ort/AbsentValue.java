package org.alexnetedge.ort;

import java.util.List;

/**
 * An optional value that holds nothing. It comes out of models with optional outputs, and can go
 * into models with optional inputs; the C API offers no other way to make one.
 */
public final class AbsentValue extends OrtValue {
  AbsentValue(OrtEnvironment environment, long handle) {
    super(environment, handle, "absent value", List.of(), List.of());
  }

  @Override
  public String toString() {
    return "absent";
  }
}
