package org.alexnetedge.alexnet;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Tensor;

/**
 * Weights to begin with: for convolutions and dense layers uniform as {@link Initialization} says.
 * Biases begin at 0, batch normalisation as the identity.
 *
 * <p>The numbers depend on the seed, the parameter's name and the position in it, and on nothing
 * else: not on the machine, the other parameters or threads. With 64-bit arithmetic that wraps
 * around:
 *
 * <pre>
 * mix(z): z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9; z = (z ^ z >>> 27) * 0x94d049bb133111eb;
 *         return z ^ z >>> 31                                     (SplitMix64's finalizer)
 * key     = mix(mix(seed) ^ FNV-1a-64(name in UTF-8))
 * u(i)    = mix(key + (i + 1) * 0x9e3779b97f4a7c15) >>> 40        (24 bits)
 * value i = (float) (((u(i) + 0.5) / 2^23 - 1) * b)                (in double until the end)
 * </pre>
 */
public final class InitialWeights {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final long GOLDEN = 0x9e3779b97f4a7c15L;
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  private InitialWeights() {}

  /**
   * All parameters of a network by name.
   *
   * @param arena owner of the memory, 4 bytes a parameter
   */
  public static Map<String, Tensor> of(Network network, long seed, Arena arena) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    for (Parameter parameter : network.parameters()) {
      weights.put(parameter.name(), of(parameter, seed, arena));
    }
    return weights;
  }

  /** One parameter. */
  public static Tensor of(Parameter parameter, long seed, Arena arena) {
    long size = parameter.size();
    MemorySegment data = arena.allocate(FLOAT, size);
    switch (parameter.start()) {
      case Parameter.Uniform(double bound) -> {
        long key = mix(mix(seed) ^ fnv1a(parameter.name()));
        for (long i = 0; i < size; i++) {
          long uniform = mix(key + (i + 1) * GOLDEN) >>> 40;
          data.setAtIndex(FLOAT, i, (float) (((uniform + 0.5) * 0x1p-23 - 1) * bound));
        }
      }
      case Parameter.Constant(float value) -> {
        for (long i = 0; i < size; i++) {
          data.setAtIndex(FLOAT, i, value);
        }
      }
    }
    return Tensor.of(ElementType.FLOAT32, parameter.dimensions(), data);
  }

  private static long mix(long z) {
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  private static long fnv1a(String text) {
    long hash = FNV_OFFSET;
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * FNV_PRIME;
    }
    return hash;
  }
}
