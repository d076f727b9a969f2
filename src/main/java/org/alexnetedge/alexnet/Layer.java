package org.alexnetedge.alexnet;

/**
 * One layer of a network. Its name is the one it has in the framework that the variant comes from,
 * so that weights are found under the names they have there.
 */
public sealed interface Layer {
  String name();

  /**
   * Convolution with a square kernel and a bias. Parameters {@code NAME.weight} [channels, input
   * channels / groups, kernel, kernel] and {@code NAME.bias} [channels].
   *
   * @param channels that come out
   * @param padding zeros on each side
   * @param groups equal parts that channels in and out are split into; each part of the output sees
   *     its part of the input only
   */
  record Conv(String name, int channels, int kernel, int stride, int padding, int groups)
      implements Layer {
    /** With one group: each channel that comes out sees all that go in. */
    Conv(String name, int channels, int kernel, int stride, int padding) {
      this(name, channels, kernel, stride, padding, 1);
    }

    Conv withGroups(int other) {
      return new Conv(name, channels, kernel, stride, padding, other);
    }
  }

  record Relu(String name) implements Layer {}

  /**
   * Divides each value by {@code (bias + alpha / size * S) ^ beta}, where S is the sum of the
   * squares at the same place in the {@code size} channels around its own. ONNX, PyTorch and Caffe
   * all divide alpha by the size.
   *
   * @param size odd, since ONNX Runtime refuses even ones
   */
  record LocalResponseNorm(String name, int size, float alpha, float beta, float bias)
      implements Layer {
    public LocalResponseNorm {
      if (size < 1 || size % 2 == 0) {
        throw new IllegalArgumentException("the size of " + name + " must be odd, not " + size);
      }
    }

    LocalResponseNorm withName(String other) {
      return new LocalResponseNorm(other, size, alpha, beta, bias);
    }
  }

  /**
   * Batch normalisation. Parameters, [channels] each: {@code NAME.weight} and {@code NAME.bias},
   * which are learned, {@code NAME.running_mean} and {@code NAME.running_var}, which are counted
   * along while training.
   *
   * @param epsilon added to the variance
   * @param momentum how much of the running statistics a training step keeps, as in Keras and ONNX;
   *     PyTorch's number is 1 less this
   */
  record BatchNorm(String name, float epsilon, float momentum) implements Layer {}

  /** Largest value of each square window, without padding; windows that do not fit are dropped. */
  record MaxPool(String name, int kernel, int stride) implements Layer {}

  /** Averages over as many windows as give a square map of this side. */
  record AdaptiveAvgPool(String name, int side) implements Layer {}

  /** From [channels, height, width] to one row, width fastest. */
  record Flatten(String name) implements Layer {}

  /** Zeroes values at random while training; nothing in inference. */
  record Dropout(String name, float probability) implements Layer {}

  /**
   * Fully connected with a bias. Parameters {@code NAME.weight} [features, input features] and
   * {@code NAME.bias} [features].
   */
  record Linear(String name, int features) implements Layer {}

  /** Each value to (0, 1) for itself. */
  record Sigmoid(String name) implements Layer {}

  /** A row to probabilities that add up to 1. */
  record Softmax(String name) implements Layer {}
}
