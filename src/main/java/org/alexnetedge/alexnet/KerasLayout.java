package org.alexnetedge.alexnet;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Tensor;

/**
 * From Keras' order of axes to this project's, which is ONNX's. Kernels of convolutions lie there
 * as [height, width, in, out], those of dense layers as [in, out], and a map [height, width,
 * channels] is flattened with the channels fastest, so that the rows of the first dense kernel
 * change places too.
 */
final class KerasLayout {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private KerasLayout() {}

  /** The shape that Keras has for a shape of ours. */
  static List<Long> shape(List<Long> ours) {
    return switch (ours.size()) {
      case 4 -> List.of(ours.get(2), ours.get(3), ours.get(1), ours.get(0));
      case 2 -> List.of(ours.get(1), ours.get(0));
      default -> ours;
    };
  }

  /**
   * A float32 tensor of Keras' in our order.
   *
   * @param flattened the map whose values the tensor's rows are for; 1 x 1 when there is none
   * @param arena owner of the result, when that is not the tensor itself
   */
  static Tensor toOurs(Tensor keras, FeatureMap flattened, Arena arena) {
    long[] shape = keras.shape();
    return switch (shape.length) {
      case 4 ->
          moved(
              keras,
              new long[] {shape[3], shape[2], shape[0], shape[1]},
              // Steps in the source for one step along out, in, height, width.
              new long[] {1, shape[3], shape[1] * shape[2] * shape[3], shape[2] * shape[3]},
              arena);
      case 2 -> {
        long out = shape[1];
        long channels = flattened.channels();
        Tensor apart =
            moved(
                keras,
                new long[] {out, channels, flattened.height(), flattened.width()},
                new long[] {1, out, flattened.width() * channels * out, channels * out},
                arena);
        yield apart.reshaped(out, shape[0]);
      }
      default -> keras;
    };
  }

  private static Tensor moved(Tensor from, long[] shape, long[] steps, Arena arena) {
    MemorySegment source = from.data();
    MemorySegment target = arena.allocate(source.byteSize(), 64);
    long to = 0;
    for (long a = 0; a < shape[0]; a++) {
      for (long b = 0; b < shape[1]; b++) {
        for (long c = 0; c < shape[2]; c++) {
          long place = a * steps[0] + b * steps[1] + c * steps[2];
          for (long d = 0; d < shape[3]; d++) {
            target.set(FLOAT, 4 * to++, source.get(FLOAT, 4 * place));
            place += steps[3];
          }
        }
      }
    }
    return Tensor.of(ElementType.FLOAT32, shape, target);
  }

  /** Dimensions as a list. */
  static List<Long> list(long[] shape) {
    List<Long> list = new ArrayList<>();
    for (long each : shape) {
      list.add(each);
    }
    return list;
  }
}
