package org.alexnetedge.artifacts;

/**
 * Learning from a teacher's logits z' beside the labels (Hinton, Vinyals and Dean, 2015). The loss
 * of a picture is {@code (1 - share) * cross-entropy + share * temperature^2 * KL(softmax(z' /
 * temperature), softmax(z / temperature))}; of a sigmoid output likewise, with the sigmoid.
 *
 * @param temperature above 0; the higher, the more of the teacher's smaller probabilities is seen
 * @param share of the teacher in the loss, 0 to 1
 */
public record Distillation(float temperature, float share) {
  public Distillation {
    if (!(temperature > 0) || Float.isInfinite(temperature)) {
      throw new IllegalArgumentException(
          "a temperature of distillation is above 0, not " + temperature);
    }
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("a teacher's share is 0 to 1, not " + share);
    }
  }
}
