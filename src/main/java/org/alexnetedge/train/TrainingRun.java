package org.alexnetedge.train;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.alexnetedge.artifacts.Artifacts;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.onnx.OnnxException;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.ort.training.CheckpointState;
import org.alexnetedge.ort.training.TrainingSession;
import org.jspecify.annotations.Nullable;

/**
 * A run from where its folder says it stands to the file that comes out. A new run and one that
 * goes on take the same way. For one thread; {@link #stop} is for any.
 */
public final class TrainingRun {
  private static final String NO_WAY_ON =
      " The run cannot go on from it; begin a new one (--overwrite replaces the folder).";

  /** Pictures by which the file is compared with what was trained. */
  static final int COMPARED = 32;

  private final OrtEnvironment environment;
  private final RunFolder run;
  private final TrainConfig config;
  private final SessionOptions computing;
  private final SessionOptions features;
  private final TrainingListener listener;
  private volatile @Nullable Trainer trainer;
  private volatile boolean stopped;

  /**
   * What a run came to.
   *
   * @param ending why it ended
   * @param epochs that were done, whole ones
   * @param taken epoch whose weights were taken, 0 for those of the last step
   * @param output the file, or null when the run was stopped before
   * @param validation figures of the weights taken, NaN without validation
   */
  public record Outcome(
      Ending ending,
      int epochs,
      int taken,
      @Nullable Path output,
      double loss,
      double accuracy,
      int validation) {}

  /**
   * Opens a run whose folder is complete.
   *
   * @param environment of a library that can train
   * @param config the folder's, perhaps with other epochs and output
   * @param threads for training and for the comparison at the end, 0 for one a core
   * @param features options for computing features, which may name a device
   */
  public TrainingRun(
      OrtEnvironment environment,
      RunFolder run,
      TrainConfig config,
      int threads,
      SessionOptions features,
      TrainingListener listener) {
    this.environment = environment;
    this.run = run;
    this.config = config;
    this.computing = computing(threads);
    this.features = features;
    this.listener = listener;
  }

  /**
   * Options of a session that trains. Idle threads wait in a loop while a step runs, which makes it
   * a fifth faster: it has some hundred operators, many of them short.
   *
   * @param threads 0 for one a core
   */
  public static SessionOptions computing(int threads) {
    return SessionOptions.builder()
        .intraOpThreads(threads)
        .configuration("session.force_spinning_stop", "1")
        .build();
  }

  /** Asks the run to end after the step that is under way. */
  public void stop() {
    stopped = true;
    Trainer running = trainer;
    if (running != null) {
      running.stop();
    }
  }

  /**
   * Makes sure that all pictures are what they were when the run began.
   *
   * @param progress told how many were read, by any thread, one at a time
   * @throws DataException when one is gone or changed
   * @throws TrainingException when the list of them is
   */
  public void verify(IntConsumer progress) throws DataException, TrainingException {
    StartModel start = StartModel.read(environment, run.startModel(), computing);
    SplitFile.verify(data(start), Runtime.getRuntime().availableProcessors(), progress);
  }

  /**
   * Trains until the end, the limit or {@link #stop}, and writes the file unless it was stopped.
   *
   * @param limit for training, or null; features and the file are not counted
   * @param overwrite whether another file in the output's place may be replaced
   * @throws DataException when pictures are gone or changed
   * @throws TrainingException when the loss is no longer a number, or a file cannot be written
   */
  public Outcome go(@Nullable Duration limit, boolean overwrite)
      throws DataException, TrainingException, InterruptedException {
    Path output = Path.of(config.output());
    RunOutput.check(run, output, overwrite);
    int done = run.last().map(last -> last.position().epoch()).orElse(0);
    if (config.epochs() < done) {
      throw new TrainingException(
          "%s has %d epochs already; --epochs %d would not take them back. export writes a file of"
                  .formatted(run.folder(), done, config.epochs())
              + " what there is.");
    }
    if (!config.equals(run.config())) {
      run.write(config); // Broken off, it goes on as was asked for last.
    }
    StartModel start = StartModel.read(environment, run.startModel(), computing);
    TrainingData data = data(start);
    try (RunSamples samples =
            RunSamples.open(environment, run, config, start, data, features, listener);
        Teacher teacher = Teacher.of(environment, config, start, computing);
        Trainer made =
            new Trainer(
                environment,
                config,
                RunSetup.optimizer(config.optimization()),
                run,
                samples.training(),
                samples.validation(),
                teacher,
                listener)) {
      trainer = made;
      if (stopped) {
        made.stop();
      }
      return train(made, samples, limit, overwrite);
    } finally {
      trainer = null;
    }
  }

  /** Which weights of a run are taken. */
  public enum Weights {
    /** Those of the best epoch. */
    BEST,
    /** Those of the last checkpoint. */
    LAST,
    /** What the run itself takes: the best with early stopping, else the last. */
    CHOSEN
  }

  /**
   * Writes a file from a checkpoint, without training.
   *
   * @param overwrite whether another file in the output's place may be replaced
   * @throws TrainingException when there is no checkpoint yet, or the file cannot be written
   */
  public Outcome export(Weights weights, Finish finish, boolean overwrite)
      throws DataException, TrainingException, InterruptedException {
    RunOutput.check(run, Path.of(config.output()), overwrite);
    StartModel start = StartModel.read(environment, run.startModel(), computing);
    TrainingData data = data(start);
    boolean best = weights == Weights.BEST || weights == Weights.CHOSEN && takesBest();
    RunFolder.Checkpoint checkpoint =
        (best ? run.best() : run.last())
            .orElseThrow(
                () ->
                    new TrainingException(
                        run.folder() + " has no checkpoint yet: no epoch is finished."));
    try (RunSamples samples =
            RunSamples.open(environment, run, config.untaught(), start, data, features, listener);
        Trainer made =
            new Trainer(
                environment,
                config,
                RunSetup.optimizer(config.optimization()),
                run,
                samples.training(),
                samples.validation(),
                null,
                listener);
        CheckpointState state = load(checkpoint.file());
        TrainingSession session = open(state)) {
      made.readEpochs(checkpoint.position().epoch());
      return result(
          made,
          session,
          samples,
          Ending.COMPLETE,
          checkpoint.position().stepInEpoch() == 0 ? checkpoint.position().epoch() : 0,
          finish,
          overwrite);
    }
  }

  private Outcome train(Trainer made, RunSamples samples, @Nullable Duration limit, boolean again)
      throws DataException, TrainingException, InterruptedException {
    Optional<RunFolder.Checkpoint> last = run.last();
    Path file = run.artifacts().resolve(Artifacts.CHECKPOINT);
    Ending ending;
    listener.begins();
    try (CheckpointState state = load(last.map(RunFolder.Checkpoint::file).orElse(file));
        TrainingSession session = open(state)) {
      Position from = last.map(RunFolder.Checkpoint::position).orElse(Position.START);
      ending = made.train(session, state, from, limit);
      int epochs = made.epochs().size();
      if (ending == Ending.STOPPED || stopped) {
        return stopped(epochs);
      }
      if (!takesBest()) {
        boolean within = from.stepInEpoch() > 0 && from.epoch() >= config.epochs();
        boolean whole = ending != Ending.TIME && !within;
        return result(made, session, samples, ending, whole ? epochs : 0, finish(), again);
      }
    }
    RunFolder.Checkpoint best = run.best().orElseThrow();
    try (CheckpointState state = load(best.file());
        TrainingSession session = open(state)) {
      return result(made, session, samples, ending, best.position().epoch(), finish(), again);
    }
  }

  /** The run's pictures; all of them, or none. */
  private TrainingData data(StartModel start) throws DataException, TrainingException {
    try {
      if (!RunOutput.sha256(run.split()).equals(Files.readString(run.splitSum()).strip())) {
        throw new TrainingException(
            run.split()
                + " is not what it was when the run began, so pictures may be missing from it."
                + " Put it back to go on with the run, or begin a new one.");
      }
    } catch (IOException e) {
      Object file = e instanceof FileSystemException f ? f.getFile() : run.split();
      throw TrainingException.cannot("read", file, e);
    }
    return SplitFile.read(run.split(), start.labels());
  }

  private static Outcome stopped(int epochs) {
    return new Outcome(Ending.STOPPED, epochs, 0, null, Double.NaN, Double.NaN, 0);
  }

  private Finish finish() {
    return new Finish(false, false, config.probabilities());
  }

  private boolean takesBest() throws TrainingException {
    if (config.earlyStopping() == null) {
      return false;
    }
    boolean marked = run.best().isPresent();
    if (!marked && run.last().map(last -> last.position().epoch() > 0).orElse(false)) {
      throw new TrainingException(
          run.folder()
              + " no longer says which checkpoint is the best: its file 'best' is missing."
              + " --checkpoint last of export takes the last one.");
    }
    return marked;
  }

  private Outcome result(
      Trainer made,
      TrainingSession session,
      RunSamples samples,
      Ending ending,
      int taken,
      Finish finish,
      boolean overwrite)
      throws DataException, TrainingException, InterruptedException {
    int epochs = made.epochs().size();
    Measured measured = made.measure(session);
    if (measured == null) {
      return stopped(epochs);
    }
    double temperature = 1;
    if (finish.calibrate()) {
      float[][] held = held(session, samples);
      int[] labels = samples.data().validation().stream().mapToInt(Sample::label).toArray();
      temperature =
          Calibration.temperature(held, labels)
              .orElseThrow(
                  () ->
                      new TrainingException(
                          ("The %,d pictures held back are right (or wrong) beyond measure, so"
                               + " there is no temperature to calibrate by; leave out --calibrate,"
                               + " or hold back more.")
                              .formatted(held.length)));
      measured = new Measured(Calibration.loss(held, labels, temperature), measured.accuracy());
    }
    Path output = Path.of(config.output());
    try (Arena arena = Arena.ofShared();
        BatchReader compared = new BatchReader(samples.compared(), config.batch());
        BatchReader asLearnt = new BatchReader(samples.comparedAsLearnt(), config.batch())) {
      OnnxModel model =
          Result.withParameters(
              OnnxModel.read(run.startModel(), arena), session, run.parameters(), arena);
      model = finish.applied(model, temperature);
      model =
          Provenance.of(config, samples, made.epochs(), taken, measured, temperature).into(model);
      int rows = Math.min(COMPARED, samples.compared().size());
      float[][] logits =
          Measured.logits(session, environment, samples.comparedAsLearnt(), asLearnt, rows);
      for (float[] row : logits) {
        for (int c = 0; c < row.length; c++) {
          row[c] = (float) (row[c] / temperature);
        }
      }
      if (stopped) {
        return stopped(epochs);
      }
      RunOutput.check(run, output, overwrite);
      Result.publish(
          model,
          output,
          file -> {
            RunOutput.remember(run, file);
            return ResultCheck.wrong(
                environment, file, computing, samples.compared(), compared, logits, tolerance());
          });
    }
    return new Outcome(
        ending,
        epochs,
        taken,
        output,
        measured.loss(),
        measured.accuracy(),
        samples.validationSize());
  }

  /** Logits of all pictures that are held back. */
  private float[][] held(TrainingSession session, RunSamples samples)
      throws DataException, TrainingException, InterruptedException {
    Samples validation = samples.validation();
    if (validation == null) {
      throw new TrainingException(
          "The run holds back no pictures, by which scores could be calibrated.");
    }
    try (BatchReader reader = new BatchReader(validation, config.batch())) {
      return Measured.logits(session, environment, validation, reader, validation.size());
    }
  }

  /**
   * Relative to the largest number of a picture. ONNX Runtime computes the file's graph with other
   * kernels (it fuses nodes), so numbers are not equal to the last bit; a GPU's features may have
   * been computed with 10 bits of fraction (TF32).
   */
  private double tolerance() {
    boolean device = config.trainable().equals("head") && !features.providers().isEmpty();
    return device ? 2e-2 : 1e-3;
  }

  private CheckpointState load(Path file) throws TrainingException {
    try {
      return CheckpointState.load(environment, file);
    } catch (OrtException e) {
      throw new TrainingException(e.getMessage().strip() + NO_WAY_ON, e);
    }
  }

  private TrainingSession open(CheckpointState state) throws TrainingException {
    try {
      return ArtifactSession.open(environment, state, computing, run.artifacts());
    } catch (OnnxException | OrtException e) {
      throw new TrainingException(
          "The models in "
              + run.artifacts()
              + " cannot be used: "
              + e.getMessage().strip()
              + NO_WAY_ON,
          e);
    }
  }
}
