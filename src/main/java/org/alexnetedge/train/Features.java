package org.alexnetedge.train;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Tensor;

/**
 * What a model or the frozen part of one says of each picture: float32 [N,V,F], of N pictures V
 * views with F features each. Immutable, thread-safe; the memory is off the heap and freed when
 * nothing refers to it.
 */
public final class Features {
  private final Tensor values;
  private final MemorySegment data;

  /**
   * @param values float32 [N,V,F]
   */
  Features(Tensor values) {
    if (values.type() != ElementType.FLOAT32 || values.rank() != 3) {
      throw new IllegalArgumentException(values + " are no features, which are float32 [N,V,F]");
    }
    this.values = values;
    this.data = values.data();
  }

  /** Number of pictures, N. */
  public int size() {
    return Math.toIntExact(values.shape()[0]);
  }

  /** Number of views of each, V. */
  public int views() {
    return Math.toIntExact(values.shape()[1]);
  }

  /** Number of features of a view, F. */
  public int features() {
    return Math.toIntExact(values.shape()[2]);
  }

  /** All of them. */
  public Tensor values() {
    return values;
  }

  /** Whether they are of so many pictures and views. */
  boolean isOf(FeatureRequest request) {
    return size() == request.samples().size() && views() == request.views();
  }

  /** One view's features. */
  float[] row(int picture, int view) {
    long bytes = (long) Float.BYTES * features();
    return data.asSlice(((long) picture * views() + view) * bytes, bytes)
        .toArray(ValueLayout.JAVA_FLOAT);
  }

  /**
   * Copies one view's features to a row of {@code target}, float32 [rows,F].
   *
   * @param picture from 0 to N - 1
   * @param view from 0 to V - 1
   */
  void copy(int picture, int view, MemorySegment target, long row) {
    long bytes = (long) Float.BYTES * features();
    long from = ((long) picture * views() + view) * bytes;
    MemorySegment.copy(data, from, target, row * bytes, bytes);
  }
}
