package org.alexnetedge.train;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alexnetedge.artifacts.Optimizer;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.Tensor;
import org.alexnetedge.ort.training.CheckpointState;
import org.alexnetedge.ort.training.TrainingSession;
import org.jspecify.annotations.Nullable;

/**
 * The loop: epochs of steps, each of one or more passes through the training model and then an
 * update; validation and a checkpoint after each epoch. For one thread; {@link #stop} is for any.
 */
final class Trainer implements AutoCloseable {
  static final String LOSS = "loss";
  static final String LOGITS = "logits";

  private final OrtEnvironment environment;
  private final TrainConfig config;
  private final float rateFactor;
  private final RunFolder run;
  private final Samples training;
  private final @Nullable Samples validation;
  private final @Nullable Teacher teacher;
  private final TrainingListener listener;
  private final BatchReader batches;
  private final @Nullable BatchReader held;
  private final History history;
  private final int picturesPerEpoch;
  private final int stepsPerEpoch;
  private volatile boolean stopped;

  Trainer(
      OrtEnvironment environment,
      TrainConfig config,
      Optimizer optimizer,
      RunFolder run,
      Samples training,
      @Nullable Samples validation,
      @Nullable Teacher teacher,
      TrainingListener listener) {
    this.environment = environment;
    this.config = config;
    this.rateFactor = optimizer.rateFactor();
    this.run = run;
    this.training = training;
    this.validation = validation;
    this.teacher = teacher;
    this.listener = listener;
    this.history = run.history();
    batches = new BatchReader(training, config.batch());
    held = validation == null ? null : new BatchReader(validation, config.batch());
    picturesPerEpoch = picturesPerEpoch();
    stepsPerEpoch = Math.ceilDiv(picturesPerEpoch, picturesPerStep());
  }

  /** All, or as many as make full steps. */
  private int picturesPerEpoch() {
    int all = training.size();
    boolean drops = config.optimization().dropLast() && all > picturesPerStep();
    return drops ? all - all % picturesPerStep() : all;
  }

  private int picturesPerStep() {
    return config.batch() * config.optimization().accumulate();
  }

  /** Asks the loop to end after the step that is under way. */
  void stop() {
    stopped = true;
  }

  /** Takes the figures of the first epochs from the run folder. */
  void readEpochs(int epochs) throws TrainingException {
    history.readFirst(epochs);
  }

  List<EpochFigures> epochs() {
    return history.epochs();
  }

  /**
   * Trains from a position on.
   *
   * @param session of the checkpoint of that position
   * @param state of the session
   * @param limit until which steps are begun, or null; at least one is
   */
  Ending train(
      TrainingSession session, CheckpointState state, Position start, @Nullable Duration limit)
      throws TrainingException, DataException, InterruptedException {
    long end = limit == null ? Long.MAX_VALUE : System.nanoTime() + limit.toNanos();
    history.goBackTo(start.epoch());
    Position at = start;
    while (at.epoch() < config.epochs()) {
      EarlyStopping early = config.earlyStopping();
      if (at.stepInEpoch() == 0 && early != null && early.stops(history.epochs())) {
        return Ending.EARLY;
      }
      int[] order =
          Arrays.copyOf(Seeds.order(config.seed(), at.epoch(), training.size()), picturesPerEpoch);
      batches.begin(at.epoch(), order, at.stepInEpoch() * picturesPerStep());
      float rate = rate(Math.max(0, at.step() - 1));
      while (at.stepInEpoch() < stepsPerEpoch) {
        rate = rate(at.step());
        at = step(session, at, rate);
        listener.step(at.epoch() + 1, config.epochs(), at.seen(), picturesPerEpoch);
        if (stopped || limit != null && System.nanoTime() - end >= 0) {
          save(session, state, at, false);
          return stopped ? Ending.STOPPED : Ending.TIME;
        }
        int every = config.checkpoints().steps();
        if (every > 0 && at.step() % every == 0 && at.stepInEpoch() < stepsPerEpoch) {
          save(session, state, at, false);
        }
      }
      long begun = System.nanoTime();
      Measured measured = measure(session);
      if (measured == null) {
        save(session, state, at, false); // From here validation begins anew.
        return Ending.STOPPED;
      }
      double seconds = at.epochSeconds() + (System.nanoTime() - begun) / 1e9;
      at = endOfEpoch(session, state, at, rate, measured, seconds);
    }
    return Ending.COMPLETE;
  }

  private float rate(long step) {
    double factor =
        config
            .optimization()
            .schedule()
            .factorAt(step, stepsPerEpoch, config.epochs(), history.epochs());
    return (float) (config.optimization().rate() * factor);
  }

  /** One update from as many batches as are added up. */
  private Position step(TrainingSession session, Position at, float rate)
      throws TrainingException, DataException, InterruptedException {
    long begun = System.nanoTime();
    int accumulate = config.optimization().accumulate();
    int rows = Math.min(picturesPerStep(), picturesPerEpoch - at.stepInEpoch() * picturesPerStep());
    double losses = 0;
    long right = 0;
    int seen = 0;
    for (int i = 0; i < accumulate && seen < rows; i++) {
      Batch batch = batches.next();
      if (batch == null) {
        throw new AssertionError("an epoch has fewer batches than steps");
      }
      if (batch.rows() < rows) {
        batch.scaleWeights((float) batch.rows() / rows); // A loss is a mean over its own batch.
      }
      TrainingSession.setSeed(environment, Seeds.ofPass(config.seed(), at.step() * accumulate + i));
      try (Outputs outputs = pass(session, batch)) {
        float loss = outputs.tensor(LOSS).data().get(ValueLayout.JAVA_FLOAT, 0);
        if (!Float.isFinite(loss)) {
          session.dropGradients();
          throw diverged("The loss became " + loss, at);
        }
        losses += (double) loss * rows;
        right += batch.right(outputs.tensor(LOGITS).data());
      }
      seen += batch.rows();
    }
    session.optimizerStep(rate * rateFactor);
    return at.afterStep(losses, right, seen, (System.nanoTime() - begun) / 1e9);
  }

  private Outputs pass(TrainingSession session, Batch batch) {
    List<Tensor> tensors = batch.tensors(environment);
    try {
      if (teacher == null) {
        return session.trainStep(tensors);
      }
      try (Outputs said = teacher.logits(batch, environment)) {
        List<Tensor> all = new ArrayList<>(tensors);
        all.add(said.tensor(teacher.output()));
        return session.trainStep(all);
      }
    } finally {
      tensors.forEach(Tensor::close);
    }
  }

  /** A line of figures, and a checkpoint when one is due. */
  private Position endOfEpoch(
      TrainingSession session,
      CheckpointState state,
      Position at,
      float rate,
      Measured measured,
      double seconds)
      throws TrainingException {
    if (validation != null && !Double.isFinite(measured.loss())) {
      throw diverged("The loss on the pictures held back became " + measured.loss(), at);
    }
    EpochFigures figures =
        new EpochFigures(
            at.epoch() + 1,
            at.step(),
            at.lossSum() / at.seen(),
            (double) at.right() / at.seen(),
            measured.loss(),
            measured.accuracy(),
            rate,
            seconds,
            at.seen() / Math.max(1e-9, at.epochSeconds()));
    history.add(figures);
    Position next = at.nextEpoch();
    EarlyStopping early = config.earlyStopping();
    boolean best = best(early) == next.epoch();
    if (isDue(figures) || early != null && (best || early.stops(history.epochs()))) {
      save(session, state, next, best);
    }
    listener.epoch(figures, config.epochs(), remaining(next.epoch()));
    return next;
  }

  /** Number of the best epoch so far: by what is watched, else by the loss. */
  private int best(@Nullable EarlyStopping early) {
    EarlyStopping.Figure figure =
        early != null
            ? early.figure()
            : validation != null
                ? EarlyStopping.Figure.VALIDATION_LOSS
                : EarlyStopping.Figure.TRAINING_LOSS;
    // Without early stopping the best of those that have a checkpoint.
    List<EpochFigures> eligible =
        early != null ? history.epochs() : history.epochs().stream().filter(this::isDue).toList();
    return new EarlyStopping(figure, 1, early == null ? 0 : early.leastChange()).best(eligible);
  }

  /** Whether an epoch has a checkpoint, whatever its figures are. */
  private boolean isDue(EpochFigures epoch) {
    return epoch.epoch() == config.epochs() || epoch.epoch() % config.checkpoints().epochs() == 0;
  }

  private Duration remaining(int epochsDone) {
    double mean = history.epochs().stream().mapToDouble(EpochFigures::seconds).average().orElse(0);
    return Duration.ofMillis(Math.round(1e3 * mean * (config.epochs() - epochsDone)));
  }

  /** What the eval model makes of the pictures held back; null when it was stopped meanwhile. */
  @Nullable Measured measure(TrainingSession session) throws DataException, InterruptedException {
    return validation == null || held == null
        ? Measured.NOTHING
        : Measured.of(session, environment, validation, held, () -> stopped);
  }

  private void save(TrainingSession session, CheckpointState state, Position at, boolean best)
      throws TrainingException {
    long elements = session.parameterElements(true);
    checkFinite(session, elements, at);
    RunFolder.Checkpoint saved =
        run.save(
            at,
            best,
            file -> {
              try {
                state.save(file, true);
              } catch (OrtException e) {
                throw new IOException(e.getMessage().strip(), e);
              }
              if (Files.size(file) < elements * Float.BYTES) {
                throw new IOException("there is no space left for it");
              }
            });
    listener.saved(saved.folder());
  }

  /** An update may have overflowed after a loss that was still a number. */
  private void checkFinite(TrainingSession session, long elements, Position at)
      throws TrainingException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment numbers = arena.allocate(elements * Float.BYTES, Long.BYTES);
      session.copyParameters(numbers, true);
      for (long i = 0; i < elements; i++) {
        if (!Float.isFinite(numbers.getAtIndex(ValueLayout.JAVA_FLOAT, i))) {
          throw diverged("A weight is no longer a finite number", at);
        }
      }
    }
  }

  private TrainingException diverged(String what, Position at) throws TrainingException {
    String kept =
        run.last()
            .map(
                last ->
                    " The last good checkpoint is kept: "
                        + last.folder()
                        + " (epoch "
                        + last.position().epoch()
                        + ", step "
                        + last.position().step()
                        + ").")
            .orElse("");
    return new TrainingException(
        "%s in epoch %d, step %d: the rate is too high for this network and data."
                .formatted(what, at.epoch() + 1, at.step() + 1)
            + kept
            + " Begin again with a smaller --lr, or with --clip-norm 1 or --warmup 5%.");
  }

  @Override
  public void close() {
    batches.close();
    if (held != null) {
      held.close();
    }
  }
}
