package org.alexnetedge.classify;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.alexnetedge.image.Preprocessor;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.ort.RunOptions;
import org.alexnetedge.pipeline.Batch;
import org.alexnetedge.pipeline.Batches;
import org.alexnetedge.pipeline.ErrorKind;
import org.alexnetedge.pipeline.ImageModel;
import org.alexnetedge.pipeline.Input;
import org.alexnetedge.pipeline.InputException;
import org.alexnetedge.pipeline.Inputs;
import org.alexnetedge.pipeline.ModelCache;
import org.alexnetedge.pipeline.ModelDescription.Output;
import org.alexnetedge.pipeline.ModelDescription.Task;
import org.alexnetedge.pipeline.ModelException;
import org.alexnetedge.pipeline.ModelUse;
import org.jspecify.annotations.Nullable;

/**
 * Classifies pictures: inputs go in, one record for each comes out, in the order of the inputs.
 *
 * <p>One {@link #classify} at a time; {@link #stop} may be called by any thread. OpenCV must have
 * been loaded ({@code image.OpenCv}).
 */
public final class Classifier implements AutoCloseable {
  /** Larger batches are no faster on a CPU and only cost memory. */
  private static final int DEFAULT_BATCH = 16;

  private static final int MOST_DECODERS = 8;

  private final ModelUse use;
  private final ModelCache.Loading loading;
  private final ClassifierOptions options;
  private final RunOptions runOptions;

  /** Guards what {@link #stop} shares with the thread that classifies. */
  private final Object life = new Object();

  private @Nullable Batches underWay; // guarded by life
  private boolean closed; // guarded by life
  private volatile boolean stopped;

  private Classifier(ModelUse use, ModelCache.Loading loading, ClassifierOptions options) {
    this.use = use;
    this.loading = loading;
    this.options = options;
    this.runOptions = new RunOptions(use.model().session().environment());
  }

  /**
   * Opens a model.
   *
   * @param cache keeps large models ready
   * @throws OrtException when the file is no model, or a provider cannot be used
   * @throws ModelException when it is no image classifier, or its description or the options do not
   *     fit it
   */
  public static Classifier open(
      OrtEnvironment environment, Path file, ModelCache cache, ClassifierOptions options) {
    ModelCache.Opened opened = cache.open(environment, file, options.session(), options.loading());
    try {
      ModelUse use =
          ModelUse.of(opened.session(), options.preset(), options.adjust(), options.labels());
      return new Classifier(use, opened.loading(), options);
    } catch (Throwable t) {
      opened.session().close();
      throw t;
    }
  }

  /** What the model's input and output mean, as it is used. */
  public ModelUse use() {
    return use;
  }

  /** How the model was loaded. */
  public ModelCache.Loading loading() {
    return loading;
  }

  /** Pictures in a batch, as used. */
  public int batch() {
    int only = use.model().batch();
    return only > 0 ? only : options.batch() > 0 ? options.batch() : DEFAULT_BATCH;
  }

  private int decodeThreads() {
    return options.decodeThreads() > 0
        ? options.decodeThreads()
        : Math.min(Runtime.getRuntime().availableProcessors(), MOST_DECODERS);
  }

  /**
   * Classifies all inputs.
   *
   * @param each gets the records, in the order of the inputs, on the calling thread
   */
  public Summary classify(Inputs inputs, Consumer<? super ClassifyRecord> each)
      throws InterruptedException {
    try {
      return classify(inputs, new CallbackOutput(each), Progress.NONE);
    } catch (OutputException | ClosedPipeException e) {
      throw new AssertionError(e); // Nothing is written here.
    }
  }

  /**
   * Classifies all inputs. Records that the output has already are compared with the inputs and not
   * written again; the batches are those of an unbroken run, so the rest comes out the same.
   *
   * @param progress told of each record, kept ones included
   * @return what was done; on {@link #stop} what was done until then
   * @throws OutputException when the output cannot be written, or its records are of other inputs
   * @throws ClosedPipeException when nobody reads the output any more
   */
  public Summary classify(Inputs inputs, RecordOutput output, Progress progress)
      throws OutputException, ClosedPipeException, InterruptedException {
    Summary summary = new Summary();
    int capacity = batch();
    int again = passKept(inputs, output, summary, progress);
    if (again < 0) {
      summary.stopped = stopped;
      return summary;
    }
    ImageModel model = use.model();
    boolean padded = model.batch() > 0 || !options.session().providers().isEmpty();
    TopK ranking = new TopK(options.top(), options.threshold(), use.labels());
    Scores scores = scores();
    try (BatchRunner runner = new BatchRunner(model, capacity, padded, runOptions);
        Batches batches =
            new Batches(
                inputs,
                capacity,
                decodeThreads(),
                model::allocateInput,
                () ->
                    new Preprocessor(
                        use.recipe(), model.height(), model.width(), options.decode()))) {
      underWay(batches);
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        long start = System.nanoTime();
        MemorySegment rows = null;
        String failure = "";
        if (!batch.isEmpty()) {
          try {
            rows = runner.run(batch);
          } catch (OrtException e) {
            failure = "The model could not be run: " + e.getMessage().strip();
          }
        }
        if (stopped) {
          break; // Also a run that was terminated and says that it failed.
        }
        summary.inferenceNanos += System.nanoTime() - start;
        for (int slot = again; slot < batch.size(); slot++) {
          Input input = batch.input(slot);
          InputException bad = batch.failure(slot);
          ClassifyRecord record;
          if (bad != null) {
            record = new ClassifyRecord.Failure(input.name(), bad.kind(), bad.getMessage());
          } else if (rows == null) {
            record = new ClassifyRecord.Failure(input.name(), ErrorKind.INFERENCE_FAILED, failure);
          } else {
            record = result(input, ranking, scores.of(rows, slot));
          }
          output.write(record);
          summary.files++;
          switch (record) {
            case ClassifyRecord.Failure wrong -> summary.errors++;
            case ClassifyRecord.Result result -> summary.weak += result.isWeak() ? 1 : 0;
          }
          progress.done(input.name());
        }
        again = 0;
        output.endBatch();
        batches.recycle(batch);
      }
      summary.readNanos = batches.readNanos();
      summary.decodeNanos = batches.decodeNanos();
    } finally {
      underWay(null);
    }
    summary.stopped = stopped;
    return summary;
  }

  private Scores scores() {
    boolean logits = use.output() == Output.LOGITS;
    int outputs = use.model().classes();
    List<String> labels = use.labels();
    return use.task() == Task.SOFTMAX
        ? Scores.softmax(logits, outputs)
        : Scores.sigmoid(logits, outputs, labels == null ? 0 : labels.size());
  }

  /** A network that overflowed has no answer. */
  private static ClassifyRecord result(Input input, TopK ranking, float[] scores) {
    for (float score : scores) {
      if (!Float.isFinite(score)) {
        return new ClassifyRecord.Failure(
            input.name(),
            ErrorKind.INFERENCE_FAILED,
            "The model gave " + score + ", which is no score.");
      }
    }
    return new ClassifyRecord.Result(input.name(), ranking.rank(scores));
  }

  /**
   * Passes the inputs that have a record. Those of a batch that was broken off go through the model
   * again, so that the others in it come out as in an unbroken run.
   *
   * @return how many inputs with a record come again; -1 when nothing is left to do
   */
  private int passKept(Inputs inputs, RecordOutput output, Summary summary, Progress progress)
      throws OutputException {
    if (output.kept().exhausted()) {
      return 0;
    }
    List<Input> batch = new ArrayList<>();
    for (Input input = inputs.next(); input != null; input = inputs.next()) {
      KeptRecord record = output.kept().expect(input.name());
      batch.add(input);
      if (record == null) {
        inputs.putBack(batch);
        return batch.size() - 1;
      }
      summary.files++;
      summary.kept++;
      if (record.failed()) {
        summary.errors++;
      }
      progress.done(input.name());
      if (stopped) {
        return -1;
      }
      if (batch.size() == batch()) {
        batch.clear();
      }
    }
    output.kept().expectEnd();
    return -1;
  }

  private void underWay(@Nullable Batches batches) {
    synchronized (life) {
      underWay = batches;
      if (batches != null && stopped) {
        batches.stop();
      }
    }
  }

  /** Ends {@link #classify} soon, after whole records; for good. */
  public void stop() {
    synchronized (life) {
      stopped = true;
      if (underWay != null) {
        underWay.stop();
      }
      if (!closed) {
        runOptions.terminate();
      }
    }
  }

  @Override
  public void close() {
    synchronized (life) {
      closed = true;
      runOptions.close();
    }
    use.model().close();
  }
}
