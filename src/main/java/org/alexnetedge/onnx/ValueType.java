package org.alexnetedge.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a value of a graph is: nearly always a tensor. */
public sealed interface ValueType {

  /**
   * A tensor.
   *
   * @param element type of its elements
   * @param shape its dimensions; null when not even their number is declared
   */
  record OfTensor(ElementType element, @Nullable List<Dimension> shape) implements ValueType {
    public OfTensor {
      shape = shape == null ? null : List.copyOf(shape);
    }

    /** For instance {@code float32 [batch, 3, 224, 224]}. */
    @Override
    public String toString() {
      return shape == null
          ? element.label() + " of any shape"
          : element.label()
              + shape.stream().map(Object::toString).collect(Collectors.joining(", ", " [", "]"));
    }
  }

  /** A list of values of one type; optimizer graphs take their parameters so. */
  record OfSequence(ValueType element) implements ValueType {
    @Override
    public String toString() {
      return "sequence of " + element;
    }
  }

  /** A map, an optional or sparse value, or nothing declared: told apart in words only. */
  record Other(String description) implements ValueType {
    @Override
    public String toString() {
      return description;
    }
  }

  /** A tensor with these dimensions. */
  static ValueType tensor(ElementType element, Dimension... shape) {
    return new OfTensor(element, List.of(shape));
  }

  /** A tensor of fixed shape. */
  static ValueType tensor(ElementType element, long... shape) {
    List<Dimension> dimensions = new ArrayList<>();
    for (long length : shape) {
      dimensions.add(Dimension.of(length));
    }
    return new OfTensor(element, dimensions);
  }
}
