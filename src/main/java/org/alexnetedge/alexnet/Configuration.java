package org.alexnetedge.alexnet;

import org.alexnetedge.alexnet.AlexNet.Widths;

/**
 * What can be chosen about a variant. {@link #of} has the literature's choices, the {@code with}
 * methods change one each; whether they fit together is seen by {@link AlexNet#of}.
 *
 * @param variant the list of layers to begin with
 * @param widths channels and features
 * @param input height and width of the input, in pixels
 * @param classes that are told apart
 * @param batchNorm batch normalisation after each convolution, in the place of local response
 *     normalisation
 * @param dropout how probably a value is zeroed while training, below 1; 0 is without dropout
 * @param groups that the second, fourth and fifth convolution are split into
 */
public record Configuration(
    Variant variant,
    Widths widths,
    int input,
    int classes,
    boolean batchNorm,
    float dropout,
    int groups) {

  public Configuration {
    if (input < 1 || classes < 1 || groups < 1) {
      throw new IllegalArgumentException("input, classes and groups must be 1 or more");
    }
    if (!(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("dropout must be from 0 to below 1, not " + dropout);
    }
  }

  /** The variant as the literature has it. */
  public static Configuration of(Variant variant) {
    return new Configuration(
        variant, variant.widths(), variant.input(), variant.classes(), false, 0.5f, 1);
  }

  public Configuration withWidths(Widths value) {
    return new Configuration(variant, value, input, classes, batchNorm, dropout, groups);
  }

  public Configuration withInput(int value) {
    return new Configuration(variant, widths, value, classes, batchNorm, dropout, groups);
  }

  public Configuration withClasses(int value) {
    return new Configuration(variant, widths, input, value, batchNorm, dropout, groups);
  }

  public Configuration withBatchNorm(boolean value) {
    return new Configuration(variant, widths, input, classes, value, dropout, groups);
  }

  public Configuration withDropout(float value) {
    return new Configuration(variant, widths, input, classes, batchNorm, value, groups);
  }

  public Configuration withGroups(int value) {
    return new Configuration(variant, widths, input, classes, batchNorm, dropout, value);
  }
}
