package org.alexnetedge.onnx;

/** One dimension of a value's shape, as a model declares it. */
public sealed interface Dimension {

  /** A dimension of one length. */
  record Fixed(long length) implements Dimension {
    @Override
    public String toString() {
      return Long.toString(length);
    }
  }

  /** A length that is known only when the model runs; equal names mean equal lengths. */
  record Symbolic(String name) implements Dimension {
    @Override
    public String toString() {
      return name;
    }
  }

  /** A length that is known only when the model runs, and has no name. */
  record Unknown() implements Dimension {
    @Override
    public String toString() {
      return "?";
    }
  }

  static Dimension of(long length) {
    return new Fixed(length);
  }

  static Dimension of(String name) {
    return new Symbolic(name);
  }
}
