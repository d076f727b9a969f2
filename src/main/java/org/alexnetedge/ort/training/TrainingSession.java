package org.alexnetedge.ort.training;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.alexnetedge.ort.ElementType;
import org.alexnetedge.ort.FunctionTable;
import org.alexnetedge.ort.FunctionTable.Owned;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.ort.OrtValue;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.ort.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Trains the parameters of a {@link CheckpointState}. A step is {@link #trainStep}, once or more
 * often to gather gradients, and then {@link #optimizerStep(float)}.
 *
 * <p>The learning rate is not part of a checkpoint: it is given with each optimizer step.
 *
 * <p>Thread-safe: a call waits for another to end, but for {@link #close}.
 */
public final class TrainingSession implements AutoCloseable {
  private final CheckpointState checkpoint;
  private final FunctionTable functions;
  private final Owned state;
  private final Owned session;
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Models models;
  private final List<String> trainingInputs;
  private final List<String> trainingOutputs;
  private final List<String> evalInputs;
  private final List<String> evalOutputs;

  /** Whether there are gradients that no optimizer step has applied. */
  private boolean gathered;

  private boolean scheduled;

  /**
   * What a session has beside its training model.
   *
   * @param exports whether the eval model is a file, which an export is made of
   */
  private record Models(boolean eval, boolean optimizer, boolean exports) {}

  private TrainingSession(CheckpointState checkpoint, Owned state, Owned session, Models models) {
    this.checkpoint = checkpoint;
    this.functions = checkpoint.functions();
    this.state = state;
    this.session = session;
    this.models = models;
    trainingInputs =
        names(
            TrainingFunction.TrainingSessionGetTrainingModelInputCount,
            TrainingFunction.TrainingSessionGetTrainingModelInputName);
    trainingOutputs =
        names(
            TrainingFunction.TrainingSessionGetTrainingModelOutputCount,
            TrainingFunction.TrainingSessionGetTrainingModelOutputName);
    evalInputs =
        !models.eval()
            ? List.of()
            : names(
                TrainingFunction.TrainingSessionGetEvalModelInputCount,
                TrainingFunction.TrainingSessionGetEvalModelInputName);
    evalOutputs =
        !models.eval()
            ? List.of()
            : names(
                TrainingFunction.TrainingSessionGetEvalModelOutputCount,
                TrainingFunction.TrainingSessionGetEvalModelOutputName);
  }

  /**
   * Opens the models of a training run; the state's parameters are those that the models name.
   *
   * @param training the model that gives loss and gradients
   * @param eval the model that gives the loss without dropout; null for none
   * @param optimizer the model that applies the gradients; null for none
   * @throws IllegalStateException when another session trains the state
   * @throws OrtException when a file is missing or no model, or does not fit the state
   */
  public static TrainingSession open(
      CheckpointState checkpoint,
      SessionOptions options,
      Path training,
      @Nullable Path eval,
      @Nullable Path optimizer) {
    return open(
        checkpoint,
        options,
        TrainingFunction.CreateTrainingSession,
        new Models(eval != null, optimizer != null, eval != null),
        training,
        eval,
        optimizer);
  }

  /**
   * Opens models from memory, which is not needed any more afterwards. {@link #exportForInference}
   * needs the eval model's file, so such a session has none.
   *
   * @param training the model that gives loss and gradients
   * @param eval the model that gives the loss without dropout; null for none
   * @param optimizer the model that applies the gradients; null for none
   * @throws IllegalArgumentException when the memory is a Java array, or the options ask ONNX
   *     Runtime to go on reading it
   * @throws IllegalStateException when another session trains the state
   * @throws OrtException when one is no model, or does not fit the state
   */
  public static TrainingSession open(
      CheckpointState checkpoint,
      SessionOptions options,
      MemorySegment training,
      @Nullable MemorySegment eval,
      @Nullable MemorySegment optimizer) {
    Stream.of(training, eval, optimizer)
        .filter(Objects::nonNull)
        .forEach(model -> Session.checkCopied(model, options));
    return open(
        checkpoint,
        options,
        TrainingFunction.CreateTrainingSessionFromBuffer,
        new Models(eval != null, optimizer != null, false),
        training,
        training.byteSize(),
        eval,
        eval == null ? 0 : eval.byteSize(),
        optimizer,
        optimizer == null ? 0 : optimizer.byteSize());
  }

  private static TrainingSession open(
      CheckpointState checkpoint,
      SessionOptions options,
      TrainingFunction function,
      Models models,
      @Nullable Object... sources) {
    FunctionTable functions = checkpoint.functions();
    Owned state = checkpoint.enterSession();
    List<@Nullable Object> arguments = new ArrayList<>();
    arguments.add(functions.environment());
    arguments.add(options);
    arguments.add(state);
    arguments.addAll(Arrays.asList(sources));
    try {
      Owned session =
          functions.makeOwned(
              "training session",
              TrainingFunction.ReleaseTrainingSession.ordinal(),
              List.of(state),
              function.ordinal(),
              arguments.toArray());
      try {
        return new TrainingSession(checkpoint, state, session, models);
      } catch (Throwable t) {
        session.close();
        throw t;
      }
    } catch (Throwable t) {
      checkpoint.leaveSession();
      throw t;
    }
  }

  /** Names of what {@link #trainStep} takes, in its order. */
  public List<String> trainingInputs() {
    return trainingInputs;
  }

  /** Names of what {@link #trainStep} gives. */
  public List<String> trainingOutputs() {
    return trainingOutputs;
  }

  /** Names of what {@link #evalStep} takes, in its order; none without an eval model. */
  public List<String> evalInputs() {
    return evalInputs;
  }

  /** Names of what {@link #evalStep} gives; none without an eval model. */
  public List<String> evalOutputs() {
    return evalOutputs;
  }

  /**
   * Runs the training model and adds to the gradients.
   *
   * @param inputs in the order of {@link #trainingInputs}; they stay the caller's
   * @return the outputs, which the caller closes
   * @throws IllegalArgumentException when there are too few or too many
   * @throws OrtException when types or shapes do not fit, or the run fails
   */
  public synchronized Outputs trainStep(List<? extends OrtValue> inputs) {
    Outputs outputs = run(TrainingFunction.TrainStep, inputs, trainingInputs, trainingOutputs);
    gathered = true;
    return outputs;
  }

  /**
   * Runs the eval model, which changes nothing.
   *
   * @param inputs in the order of {@link #evalInputs}; they stay the caller's
   * @return the outputs, which the caller closes
   * @throws IllegalStateException when the session was opened without an eval model
   * @throws IllegalArgumentException when there are too few or too many
   * @throws OrtException when types or shapes do not fit, or the run fails
   */
  public Outputs evalStep(List<? extends OrtValue> inputs) {
    checkEvaluates();
    return run(TrainingFunction.EvalStep, inputs, evalInputs, evalOutputs);
  }

  private void checkEvaluates() {
    if (!models.eval()) {
      throw new IllegalStateException("The session was opened without an eval model.");
    }
  }

  private Outputs run(
      TrainingFunction function,
      List<? extends OrtValue> inputs,
      List<String> names,
      List<String> outputs) {
    if (inputs.size() != names.size()) {
      throw new IllegalArgumentException(
          "The model takes " + names.size() + " inputs, " + names + ", not " + inputs.size() + ".");
    }
    return functions.run(function.ordinal(), session, inputs, outputs);
  }

  /**
   * Applies the gradients that were gathered since the last time, and forgets them.
   *
   * @param learningRate of this step
   * @throws IllegalStateException when none were gathered, or there is no optimizer model
   */
  public synchronized void optimizerStep(float learningRate) {
    checkOptimizes();
    setLearningRate(learningRate);
    applyGradients();
  }

  private void checkOptimizes() {
    if (!models.optimizer()) {
      throw new IllegalStateException("The session was opened without an optimizer model.");
    }
    if (!gathered) {
      throw new IllegalStateException("There are no gradients: trainStep comes first.");
    }
  }

  private void setLearningRate(float rate) {
    functions.call(TrainingFunction.SetLearningRate.ordinal(), session, 0, 0, rate);
  }

  private void applyGradients() {
    functions.call(TrainingFunction.OptimizerStep.ordinal(), session, null);
    dropGradients();
  }

  /**
   * Makes ONNX Runtime compute the rate: from 0 in a line to {@code rate}, and in a line to 0
   * again. {@link #optimizerStep()} then uses it. A checkpoint does not keep it.
   *
   * @param warmUpSteps until the rate is reached
   * @param steps until it is 0 again
   */
  public synchronized void linearSchedule(long warmUpSteps, long steps, float rate) {
    functions.call(
        TrainingFunction.RegisterLinearLRScheduler.ordinal(), session, warmUpSteps, steps, rate);
    if (warmUpSteps > 0) {
      setLearningRate(0); // ONNX Runtime begins with the whole rate, and only then warms up.
    }
    scheduled = true;
  }

  /**
   * As {@link #optimizerStep(float)} with the rate of {@link #linearSchedule}, which goes on by a
   * step.
   *
   * @throws IllegalStateException when there is no schedule
   */
  public synchronized void optimizerStep() {
    if (!scheduled) {
      throw new IllegalStateException("There is no schedule: give the learning rate.");
    }
    checkOptimizes();
    applyGradients();
    functions.call(TrainingFunction.SchedulerStep.ordinal(), session);
  }

  /** The rate of the last optimizer step, or what the schedule has for the next. */
  public float learningRate() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_FLOAT);
      functions.call(TrainingFunction.GetLearningRate.ordinal(), session, out);
      return out.get(JAVA_FLOAT, 0);
    }
  }

  /** Forgets the gradients that were gathered. */
  public synchronized void dropGradients() {
    // It acts at the next training step, so nothing can be applied before.
    functions.call(TrainingFunction.LazyResetGrad.ordinal(), session);
    gathered = false;
  }

  /** Number of elements of all parameters, or of those that are trained. */
  public long parameterElements(boolean trainableOnly) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      functions.call(TrainingFunction.GetParametersSize.ordinal(), session, out, trainableOnly);
      return out.get(JAVA_LONG, 0);
    }
  }

  /**
   * Copies all parameters, or those that are trained, one after another.
   *
   * @param target native memory of {@link #parameterElements} float32 numbers
   */
  public void copyParameters(MemorySegment target, boolean trainableOnly) {
    parameters(TrainingFunction.CopyParametersToBuffer, target, trainableOnly);
  }

  /**
   * Sets all parameters, or those that are trained, to what {@link #copyParameters} gave.
   *
   * @param source native memory of {@link #parameterElements} float32 numbers
   */
  public void setParameters(MemorySegment source, boolean trainableOnly) {
    parameters(TrainingFunction.CopyBufferToParameters, source, trainableOnly);
  }

  private void parameters(TrainingFunction function, MemorySegment memory, boolean trainableOnly) {
    long elements = parameterElements(trainableOnly);
    try (Tensor buffer =
        Tensor.wrap(functions.environment(), memory, ElementType.FLOAT, elements)) {
      functions.call(function.ordinal(), session, buffer, trainableOnly);
    }
  }

  /**
   * A copy of a parameter, which the caller closes.
   *
   * @throws OrtException when there is none of that name
   */
  public Tensor parameter(String name) {
    return (Tensor)
        functions.makeValue(
            TrainingFunction.GetParameter.ordinal(), state, name, FunctionTable.ALLOCATOR);
  }

  /**
   * Sets a parameter.
   *
   * @throws OrtException when there is none of that name, or type or shape differ
   */
  public void setParameter(String name, Tensor value) {
    functions.call(TrainingFunction.UpdateParameter.ordinal(), state, name, value);
  }

  /**
   * Writes the eval model with the trained parameters, cut at these outputs.
   *
   * @throws IllegalStateException when the session was opened without an eval model, or from memory
   * @throws OrtException when there is no such output, or the file cannot be written
   */
  public void exportForInference(Path file, List<String> outputs) {
    checkEvaluates();
    if (!models.exports()) {
      throw new IllegalStateException(
          "The session was opened from memory; an export needs the eval model's file.");
    }
    functions.call(
        TrainingFunction.ExportModelForInferencing.ordinal(),
        session,
        file,
        outputs.size(),
        outputs);
  }

  /**
   * Sets the seed of ONNX Runtime's random numbers: what dropout leaves out in the next step is
   * then a function of it.
   */
  public static void setSeed(OrtEnvironment environment, long seed) {
    TrainingLibrary.functions(environment).call(TrainingFunction.SetSeed.ordinal(), seed);
  }

  private List<String> names(TrainingFunction count, TrainingFunction name) {
    long n = functions.make(count.ordinal(), session);
    List<String> names = new ArrayList<>();
    for (long i = 0; i < n; i++) {
      names.add(
          functions.takeString(
              functions.make(name.ordinal(), session, i, FunctionTable.ALLOCATOR)));
    }
    return List.copyOf(names);
  }

  /**
   * Releases the session, or leaves that to the step that uses it. Does nothing the second time.
   */
  @Override
  public void close() {
    session.close();
    if (!closed.getAndSet(true)) {
      checkpoint.leaveSession();
    }
  }
}
