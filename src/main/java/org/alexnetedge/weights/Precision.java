package org.alexnetedge.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Tensor;

/** Weights in the precision that models are run and trained in. */
public final class Precision {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Precision() {}

  /**
   * The same values as float32: exactly those of float16 and bfloat16, the nearest ones of float64.
   * Thread-safe.
   *
   * @param arena owns the memory of the result, unless that is the tensor itself, which it is when
   *     it has float32 already
   * @throws WeightsException when the elements are no floats of 16 to 64 bits, or a finite one is
   *     too large for float32
   */
  public static Tensor float32(Tensor tensor, Arena arena) {
    switch (tensor.type()) {
      case FLOAT32 -> {
        return tensor;
      }
      case FLOAT16, BFLOAT16, FLOAT64 -> {}
      default ->
          throw new WeightsException(
              "A tensor "
                  + tensor
                  + " cannot be taken as weights: float16, bfloat16, float32 and float64 can.");
    }
    MemorySegment floats = arena.allocate(ElementType.FLOAT32.byteSize(tensor.size()), 64);
    for (long i = 0; i < tensor.size(); i++) {
      double value = tensor.doubleAt(i);
      float rounded = (float) value;
      if (Float.isInfinite(rounded) && !Double.isInfinite(value)) {
        throw new WeightsException(
            "A tensor " + tensor + " holds " + value + ", which is too large for float32.");
      }
      floats.set(FLOAT, 4 * i, rounded);
    }
    return Tensor.of(ElementType.FLOAT32, tensor.shape(), floats);
  }
}
