package org.alexnetedge.onnx;

import java.util.Arrays;
import java.util.List;

/** The value of a node's attribute. */
public sealed interface Attribute {

  record Int(long value) implements Attribute {}

  record Real(float value) implements Attribute {}

  record Text(String value) implements Attribute {}

  record Ints(List<Long> values) implements Attribute {
    public Ints {
      values = List.copyOf(values);
    }
  }

  record Reals(List<Float> values) implements Attribute {
    public Reals {
      values = List.copyOf(values);
    }
  }

  record Texts(List<String> values) implements Attribute {
    public Texts {
      values = List.copyOf(values);
    }
  }

  record OfTensor(StoredTensor value) implements Attribute {}

  /** A body, as If and Loop have them. */
  record OfGraph(Graph value) implements Attribute {}

  /** A kind that is only passed on: lists of tensors or graphs, sparse tensors, types. */
  record Other(String kind) implements Attribute {}

  static Attribute of(long value) {
    return new Int(value);
  }

  static Attribute of(float value) {
    return new Real(value);
  }

  static Attribute of(String value) {
    return new Text(value);
  }

  static Attribute of(Tensor value) {
    return new OfTensor(new StoredTensor(TensorCodec.encode("", value), Origin.BUILT));
  }

  static Attribute ints(long... values) {
    return new Ints(Arrays.stream(values).boxed().toList());
  }

  static Attribute reals(List<Float> values) {
    return new Reals(values);
  }

  static Attribute texts(String... values) {
    return new Texts(List.of(values));
  }
}
