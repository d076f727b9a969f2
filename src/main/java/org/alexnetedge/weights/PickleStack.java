package org.alexnetedge.weights;

import java.util.ArrayList;
import java.util.List;

/**
 * The stack of a pickle's machine. Marks in it say where groups of values begin; nothing below the
 * last one can be touched.
 */
final class PickleStack {
  private final String where;
  private final List<Pickled> values = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();

  /**
   * An empty stack.
   *
   * @param where for messages
   */
  PickleStack(String where) {
    this.where = where;
  }

  void clear() {
    values.clear();
    marks.clear();
  }

  void push(Pickled value) {
    values.add(value);
  }

  /** Sets a mark above the topmost value. */
  void mark() {
    marks.add(values.size());
  }

  /** Whether no value lies above the last mark. */
  boolean isAtMark() {
    return values.size() == floor();
  }

  /** Where the part of the stack begins that the last mark allows to touch. */
  private int floor() {
    return marks.isEmpty() ? 0 : marks.getLast();
  }

  Pickled top() {
    if (values.size() <= floor()) {
      throw new WeightsException(where + " is damaged: it takes a value where none is.");
    }
    return values.getLast();
  }

  Pickled pop() {
    Pickled top = top();
    values.removeLast();
    return top;
  }

  /** Takes the topmost values, the lowest first. */
  List<Pickled> pop(int count) {
    if (values.size() - floor() < count) {
      throw new WeightsException(where + " is damaged: it takes a value where none is.");
    }
    return cut(values.size() - count);
  }

  /** Takes the last mark and all values above it, the lowest first. */
  List<Pickled> popMark() {
    if (marks.isEmpty()) {
      throw new WeightsException(where + " is damaged: it goes back to a mark that was not set.");
    }
    return cut(marks.removeLast());
  }

  private List<Pickled> cut(int from) {
    List<Pickled> upper = values.subList(from, values.size());
    List<Pickled> items = List.copyOf(upper);
    upper.clear();
    return items;
  }
}
