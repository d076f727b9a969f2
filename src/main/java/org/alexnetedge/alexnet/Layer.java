package org.alexnetedge.alexnet;

/**
 * One layer of a network. Its name is the one it has in the framework that the variant comes from,
 * so that weights are found under the names they have there.
 */
public sealed interface Layer {
  String name();

  /**
   * Convolution with a square kernel and a bias. Parameters {@code NAME.weight} [channels, input
   * channels, kernel, kernel] and {@code NAME.bias} [channels].
   *
   * @param channels that come out
   * @param padding zeros on each side
   */
  record Conv(String name, int channels, int kernel, int stride, int padding) implements Layer {}

  record Relu(String name) implements Layer {}

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
}
