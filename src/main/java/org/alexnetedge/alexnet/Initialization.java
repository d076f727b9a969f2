package org.alexnetedge.alexnet;

import java.util.List;

/** How the weights of a layer begin: uniform in (-bound, bound). */
public enum Initialization {
  /**
   * He et al. (2015, equation 10), before rectified linear units: the variance, 2 / fan in, keeps
   * that of the activations.
   */
  HE {
    @Override
    double bound(long fanIn, long fanOut) {
      return Math.sqrt(6.0 / fanIn);
    }
  },

  /** Glorot and Bengio (2010, equation 16), Keras's default: the variance is 2 / (fan in + out). */
  GLOROT {
    @Override
    double bound(long fanIn, long fanOut) {
      return Math.sqrt(6.0 / (fanIn + fanOut));
    }
  },

  /** For logits: a standard deviation of 0.01, so that no class is preferred at first. */
  SMALL {
    @Override
    double bound(long fanIn, long fanOut) {
      return 0.01 * Math.sqrt(3);
    }
  };

  abstract double bound(long fanIn, long fanOut);

  /**
   * A weight that begins so.
   *
   * @param shape outputs, inputs of a group, and the window's lengths, as PyTorch has it
   */
  Parameter weight(String name, List<Long> shape) {
    long window = shape.stream().skip(2).reduce(1L, Math::multiplyExact);
    double bound = bound(shape.get(1) * window, shape.get(0) * window);
    return new Parameter(name, shape, new Parameter.Uniform(bound), true);
  }
}
