package org.alexnetedge.train;

import org.jspecify.annotations.Nullable;

/**
 * What was asked for: {@code config.json} of a run, all that decides its weights and where they go.
 *
 * @param start what the run starts from, in words without paths
 * @param data folder or table, as it was named
 * @param split how pictures for validation were chosen, for people
 * @param trainable {@code head}, {@code classifier}, {@code all}, or patterns of parameters' names
 *     with commas between
 * @param epochs passes over the pictures
 * @param batch pictures that go through the network together
 * @param optimization how a step is made
 * @param loss what is made small
 * @param earlyStopping when to stop before the last epoch, or null
 * @param pictures how pictures become input
 * @param seed of all that is random
 * @param threads that compute, 0 for one a core
 * @param checkpoints how often one is written
 * @param output the file to write, absolute
 * @param probabilities whether the file ends in a softmax or sigmoid
 */
public record TrainConfig(
    String start,
    String data,
    String split,
    String trainable,
    int epochs,
    int batch,
    Optimization optimization,
    Loss loss,
    @Nullable EarlyStopping earlyStopping,
    Pictures pictures,
    long seed,
    int threads,
    Checkpoints checkpoints,
    String output,
    boolean probabilities) {

  /** Rules by which gradients change weights. */
  public enum Rule {
    ADAMW("adamw"),
    ADAM("adam"),
    KERAS_ADAM("keras-adam"),
    SGD("sgd"),
    MOMENTUM("momentum");

    private final String code;

    Rule(String code) {
      this.code = code;
    }

    public String code() {
      return code;
    }
  }

  /**
   * How a step is made.
   *
   * @param rule from gradients to weights
   * @param rate learning rate, before the schedule's factor
   * @param weightDecay decoupled for AdamW, else L2
   * @param momentum of {@link Rule#MOMENTUM}
   * @param clipNorm largest norm of all gradients together; 0 for none
   * @param accumulate batches whose gradients are added up for one step
   * @param dropLast whether an epoch's last step is left out where it would have fewer pictures
   *     than the others; an epoch has at least one step
   * @param average decay of the moving average of weights that is validated and kept; 0 for none
   * @param schedule of the rate
   */
  public record Optimization(
      Rule rule,
      float rate,
      float weightDecay,
      float momentum,
      float clipNorm,
      int accumulate,
      boolean dropLast,
      float average,
      Schedule schedule) {}

  /**
   * What is made small.
   *
   * @param labelSmoothing share of a target that is spread over all classes
   * @param balance by how much rare classes count for more: 0 for not, 1 for so much that all
   *     classes count the same
   * @param dropout instead of the model's own, or null
   * @param teacher whose answers are learnt too, or null
   */
  public record Loss(
      float labelSmoothing, float balance, @Nullable Float dropout, @Nullable Teaching teacher) {}

  /**
   * Learning from another model's answers.
   *
   * @param model its file
   * @param sha256 of that
   * @param temperature that both models' logits are divided by; with {@code views} the teacher's
   * @param share of the loss
   * @param views of each picture that the teacher answers once, and that are then learnt from in
   *     turn; 0 when it looks at whatever the student looks at
   */
  public record Teaching(String model, String sha256, float temperature, float share, int views) {}

  /**
   * How pictures become input.
   *
   * @param augmentation what is changed at random
   * @param views for a head: how many changed views of each picture are learnt from; 0 for the
   *     picture as it is
   * @param cacheMegabytes for decoded pictures
   * @param maxPixels larger pictures are left out
   * @param lenient whether what there is of a picture is taken when its end is missing
   */
  public record Pictures(
      Augmentation augmentation, int views, int cacheMegabytes, long maxPixels, boolean lenient) {}

  /**
   * How often checkpoints are written, besides at the end.
   *
   * @param epochs 1 or more
   * @param steps 0 for not within an epoch
   */
  public record Checkpoints(int epochs, int steps) {}

  /** What is left to measure: nothing is learnt, so nobody teaches. */
  TrainConfig untaught() {
    Loss alone = new Loss(loss.labelSmoothing(), loss.balance(), loss.dropout(), null);
    return with(start, epochs, alone, output);
  }

  /** With words about what it starts from. */
  public TrainConfig withStart(String value) {
    return with(value, epochs, loss, output);
  }

  /** A longer or shorter run. */
  public TrainConfig withEpochs(int value) {
    return with(start, value, loss, output);
  }

  /** Another file for the result. */
  public TrainConfig withOutput(String value) {
    return with(start, epochs, loss, value);
  }

  private TrainConfig with(String start, int epochs, Loss loss, String output) {
    return new TrainConfig(
        start,
        data,
        split,
        trainable,
        epochs,
        batch,
        optimization,
        loss,
        earlyStopping,
        pictures,
        seed,
        threads,
        checkpoints,
        output,
        probabilities);
  }
}
