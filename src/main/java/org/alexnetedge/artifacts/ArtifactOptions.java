package org.alexnetedge.artifacts;

import org.jspecify.annotations.Nullable;

/**
 * What is to be trained, and how. The {@code with} methods give a changed copy.
 *
 * @param trainable the parameters that change; all others are frozen
 * @param optimizer the update rule
 * @param clipNorm largest L2 norm of all gradients together, which longer ones are scaled down to;
 *     0: any
 * @param dropout probability that replaces all of the model's; 0: no dropout; null: as the model
 *     says
 * @param averageDecay how much of the moving average of each trainable parameter a step keeps, 0 to
 *     less than 1; 0: no averages. The eval model uses the averages where there are some
 * @param distillation learning from a teacher; null: from the targets alone
 */
public record ArtifactOptions(
    Trainable trainable,
    Optimizer optimizer,
    float clipNorm,
    @Nullable Float dropout,
    float averageDecay,
    @Nullable Distillation distillation) {

  public ArtifactOptions {
    if (!(clipNorm >= 0) || Float.isInfinite(clipNorm)) {
      throw new IllegalArgumentException("a gradient's largest norm is 0 or more, not " + clipNorm);
    }
    if (dropout != null && !(dropout >= 0 && dropout < 1)) {
      throw new IllegalArgumentException("a dropout rate is 0 to less than 1, not " + dropout);
    }
    if (!(averageDecay >= 0 && averageDecay < 1)) {
      throw new IllegalArgumentException(
          "the decay of an average is 0 to less than 1, not " + averageDecay);
    }
  }

  /** Without clipping, averages or a teacher; dropout as the model says. */
  public static ArtifactOptions of(Trainable trainable, Optimizer optimizer) {
    return new ArtifactOptions(trainable, optimizer, 0, null, 0, null);
  }

  public ArtifactOptions withClipNorm(float norm) {
    return new ArtifactOptions(trainable, optimizer, norm, dropout, averageDecay, distillation);
  }

  public ArtifactOptions withDropout(@Nullable Float rate) {
    return new ArtifactOptions(trainable, optimizer, clipNorm, rate, averageDecay, distillation);
  }

  public ArtifactOptions withAverageDecay(float decay) {
    return new ArtifactOptions(trainable, optimizer, clipNorm, dropout, decay, distillation);
  }

  public ArtifactOptions withDistillation(@Nullable Distillation teacher) {
    return new ArtifactOptions(trainable, optimizer, clipNorm, dropout, averageDecay, teacher);
  }
}
