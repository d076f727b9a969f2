package org.alexnetedge.artifacts;

/**
 * An update rule. ONNX Runtime has two operators for it, AdamWOptimizer and SGDOptimizerV2, and an
 * optimizer graph holds exactly one of them; the other rules are special cases of the first.
 *
 * <p>Decay is either decoupled ({@code p -= rate * decay * p}, beside the update) or L2 ({@code
 * decay * p} is added to the gradient, once for each update however many training steps its
 * gradient is summed from). It applies to all trainable parameters, as in PyTorch. Where gradients
 * are clipped, an L2 decay is part of what is clipped.
 */
public sealed interface Optimizer {

  /** torch.optim.AdamW. The decay is decoupled. */
  record AdamW(float beta1, float beta2, float epsilon, float weightDecay) implements Optimizer {
    public AdamW {
      checkAdam(beta1, beta2, epsilon, weightDecay);
    }

    /** PyTorch's defaults: 0.9, 0.999, 1e-8, decay 0.01. */
    public static AdamW defaults() {
      return new AdamW(0.9f, 0.999f, 1e-8f, 0.01f);
    }
  }

  /** torch.optim.Adam: epsilon is added after the correction of bias. The decay is L2. */
  record Adam(float beta1, float beta2, float epsilon, float weightDecay) implements Optimizer {
    public Adam {
      checkAdam(beta1, beta2, epsilon, weightDecay);
    }

    /** PyTorch's defaults: 0.9, 0.999, 1e-8, no decay. */
    public static Adam defaults() {
      return new Adam(0.9f, 0.999f, 1e-8f, 0);
    }
  }

  /** keras.optimizers.Adam: epsilon is added before the correction of bias. The decay is L2. */
  record KerasAdam(float beta1, float beta2, float epsilon, float weightDecay)
      implements Optimizer {
    public KerasAdam {
      checkAdam(beta1, beta2, epsilon, weightDecay);
    }

    /** Keras's defaults: 0.9, 0.999, 1e-7, no decay. */
    public static KerasAdam defaults() {
      return new KerasAdam(0.9f, 0.999f, 1e-7f, 0);
    }
  }

  /** {@code p -= rate * g}. The decay is L2. */
  record Sgd(float weightDecay) implements Optimizer {
    public Sgd {
      checkDecay(weightDecay);
    }
  }

  /**
   * {@code b = mu * b + g; p -= rate * b}, with b = g at first: torch.optim.SGD with momentum. The
   * decay is L2.
   */
  record Momentum(float mu, float weightDecay) implements Optimizer {
    public Momentum {
      checkShare("momentum", mu);
      checkDecay(weightDecay);
    }
  }

  /**
   * What the rate of the rule is multiplied by to give the learning rate of the training session.
   * The moment of AdamWOptimizer takes {@code 1 - mu} of each gradient, where momentum takes all.
   */
  default float rateFactor() {
    return this instanceof Momentum(float mu, float decay) ? (float) (1 / (1 - (double) mu)) : 1;
  }

  /** The decay that is added to the gradients; 0: none, or a decoupled one. */
  default float l2() {
    return switch (this) {
      case AdamW adamW -> 0;
      case Adam adam -> adam.weightDecay();
      case KerasAdam adam -> adam.weightDecay();
      case Sgd sgd -> sgd.weightDecay();
      case Momentum momentum -> momentum.weightDecay();
    };
  }

  private static void checkAdam(float beta1, float beta2, float epsilon, float decay) {
    checkShare("beta 1", beta1);
    checkShare("beta 2", beta2);
    if (!(epsilon >= 0) || Float.isInfinite(epsilon)) {
      throw new IllegalArgumentException("epsilon is 0 or more, not " + epsilon);
    }
    checkDecay(decay);
  }

  private static void checkShare(String name, float value) {
    if (!(value >= 0 && value < 1)) {
      throw new IllegalArgumentException(name + " is 0 to less than 1, not " + value);
    }
  }

  private static void checkDecay(float decay) {
    if (!(decay >= 0) || Float.isInfinite(decay)) {
      throw new IllegalArgumentException("a weight decay is 0 or more, not " + decay);
    }
  }
}
