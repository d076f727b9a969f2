package org.alexnetedge.ort;

/**
 * One axis of a shape in a model.
 *
 * @param size number of elements, or -1 when any number will do
 * @param symbol the model's name for a free axis, such as {@code batch}; empty when it has none
 */
public record Dimension(long size, String symbol) {
  /** Whether any size will do. */
  public boolean isFree() {
    return size < 0;
  }

  @Override
  public String toString() {
    return isFree() ? symbol.isEmpty() ? "?" : symbol : Long.toString(size);
  }
}
