package org.alexnetedge.ort;

/**
 * An input or output of a model.
 *
 * @param name its name in the graph
 * @param type what goes in or comes out
 */
public record ValueInfo(String name, ValueType type) {
  @Override
  public String toString() {
    return name + ": " + type;
  }
}
