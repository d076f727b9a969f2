package org.alexnetedge.artifacts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.OnnxException;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.ShapeInference;
import org.alexnetedge.onnx.Tensor;

/**
 * What ONNX Runtime needs to train a model: a training, an eval and an optimizer model, and a
 * checkpoint with the weights to begin with.
 *
 * <p>Inputs of the training and the eval model, in order: the model's own, for any batch of N
 * pictures; {@code targets} float32 [N, classes]; {@code weights} float32 [N]; with distillation
 * {@code teacher}, float32 logits [N, classes]. Outputs: {@code loss}, float32 scalar, and {@code
 * logits}, float32 [N, classes], before softmax or sigmoid. With one sigmoid output, classes is 1
 * and the target is the probability of the second class.
 *
 * <p>The training model has dropout, and batch normalisation by the batch's own statistics with
 * running statistics that are counted along (the variance is the biased one, as in Keras). Batch
 * normalisation whose scale and bias are both frozen keeps its statistics. The eval model is as for
 * inference, and uses the moving averages of the weights where these are kept. Averages are brought
 * forward by the first training step after each update, so they are one update behind.
 *
 * <p>The learning rate given to the training session is that of the rule times {@link
 * Optimizer#rateFactor()}.
 */
public final class Artifacts {
  public static final String TRAINING_MODEL = "training_model.onnx";
  public static final String EVAL_MODEL = "eval_model.onnx";
  public static final String OPTIMIZER_MODEL = "optimizer_model.onnx";
  public static final String CHECKPOINT = "checkpoint";

  private final ForwardGraph forward;
  private final Parameters parameters;
  private final OnnxModel training;
  private final OnnxModel eval;
  private final OnnxModel optimizer;

  private Artifacts(
      ForwardGraph forward,
      Parameters parameters,
      OnnxModel training,
      OnnxModel eval,
      OnnxModel optimizer) {
    this.forward = forward;
    this.parameters = parameters;
    this.training = training;
    this.eval = eval;
    this.optimizer = optimizer;
  }

  /**
   * Makes the artifacts of a model whose first output is its logits or its probabilities. Weights
   * are not copied: the model's memory must live until the last {@link #write}.
   *
   * @throws ArtifactException when the model cannot be trained so
   */
  public static Artifacts of(OnnxModel model, ArtifactOptions options) {
    ForwardGraph forward = ForwardGraph.of(model);
    Parameters parameters =
        Parameters.of(forward, options.trainable().of(forward), options.averageDecay() > 0);
    OnnxModel eval = EvalGraph.of(forward, parameters, options);
    Map<String, List<Dimension>> shapes =
        ShapeInference.of(
            parameters.averages().isEmpty()
                ? eval.graph()
                : EvalGraph.of(forward, parameters.withoutAverages(), options).graph());
    return new Artifacts(
        forward,
        parameters,
        TrainingGraph.of(forward, parameters, options, shapes),
        eval,
        OptimizerGraph.of(options.optimizer(), options.clipNorm(), parameters.trained().size()));
  }

  /**
   * Writes the four files into a folder, which is made when it is not there; files of these names
   * are replaced.
   *
   * @throws IOException when the checkpoint cannot be written
   * @throws OnnxException when a model cannot be written
   */
  public void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    training.write(folder.resolve(TRAINING_MODEL));
    eval.write(folder.resolve(EVAL_MODEL));
    optimizer.write(folder.resolve(OPTIMIZER_MODEL));
    Checkpoint.of(parameters).write(folder.resolve(CHECKPOINT));
  }

  /** Names of the weights that are trained. */
  public List<String> trainableParameters() {
    return List.copyOf(parameters.trained().keySet());
  }

  /**
   * Names of the weights in the checkpoint that are not trained: frozen ones, and running
   * statistics.
   */
  public List<String> frozenParameters() {
    return List.copyOf(parameters.frozen().keySet());
  }

  /** Name of the moving average by that of each trained weight; empty when none are kept. */
  public Map<String, String> averages() {
    return Collections.unmodifiableMap(parameters.averages());
  }

  /** Names of the model's own inputs, in order. */
  public List<String> modelInputs() {
    return forward.inputs().stream().map(input -> input.name()).toList();
  }

  /** Number of logits of a picture, 1 with a sigmoid output; -1 when the model does not say. */
  public long classes() {
    return forward.classes();
  }

  /** Whether the one output tells two classes apart. */
  public boolean isBinary() {
    return forward.isBinary();
  }

  /** The checkpoint's weights by name, averages included. */
  Map<String, Tensor> startWeights() {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    parameters.trained().forEach((name, stored) -> weights.put(name, stored.tensor()));
    parameters.frozen().forEach((name, stored) -> weights.put(name, stored.tensor()));
    parameters.averages().forEach((name, average) -> weights.put(average, weights.get(name)));
    return weights;
  }

  OnnxModel training() {
    return training;
  }

  OnnxModel eval() {
    return eval;
  }

  OnnxModel optimizer() {
    return optimizer;
  }
}
