package org.alexnetedge.classify;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.alexnetedge.image.Preprocessor;
import org.alexnetedge.image.Recipe;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.RunOptions;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.Tensor;
import org.alexnetedge.pipeline.Batch;
import org.alexnetedge.pipeline.Batches;
import org.alexnetedge.pipeline.ErrorKind;
import org.alexnetedge.pipeline.ImageModel;
import org.alexnetedge.pipeline.Input;
import org.alexnetedge.pipeline.InputException;
import org.alexnetedge.pipeline.Inputs;
import org.alexnetedge.pipeline.ModelCache;
import org.alexnetedge.pipeline.ModelDescription;
import org.alexnetedge.pipeline.ModelDescription.Output;
import org.alexnetedge.pipeline.ModelDescription.Task;
import org.alexnetedge.pipeline.ModelException;
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

  private final ImageModel model;
  private final ModelCache.Loading loading;
  private final Recipe recipe;
  private final @Nullable List<String> labels;
  private final Task task;
  private final Output output;
  private final List<String> assumptions;
  private final ClassifierOptions options;
  private final RunOptions runOptions;

  /** Guards what {@link #stop} shares with the thread that classifies. */
  private final Object life = new Object();

  private @Nullable Batches underWay; // guarded by life
  private boolean closed; // guarded by life
  private volatile boolean stopped;

  private Classifier(
      ImageModel model,
      ModelCache.Loading loading,
      Recipe recipe,
      @Nullable List<String> labels,
      Task task,
      Output output,
      List<String> assumptions,
      ClassifierOptions options) {
    this.model = model;
    this.loading = loading;
    this.recipe = recipe;
    this.labels = labels;
    this.task = task;
    this.output = output;
    this.assumptions = List.copyOf(assumptions);
    this.options = options;
    this.runOptions = new RunOptions(model.session().environment());
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
      return describe(opened, options);
    } catch (Throwable t) {
      opened.session().close();
      throw t;
    }
  }

  private static Classifier describe(ModelCache.Opened opened, ClassifierOptions options) {
    Session session = opened.session();
    ModelDescription said = ModelDescription.read(session.metadata().properties());
    List<String> assumptions = new ArrayList<>();
    Recipe start = options.preset() != null ? options.preset() : said.recipe();
    if (start == null) {
      start = Recipe.TORCHVISION;
      assumptions.add("preprocessing as for torchvision's models (--preset)");
    }
    Recipe recipe = options.adjust().apply(start);
    ImageModel model = ImageModel.of(session, recipe);
    boolean sizeAsked =
        ImageModel.fixedHeight(recipe) != ImageModel.fixedHeight(start)
            || ImageModel.fixedWidth(recipe) != ImageModel.fixedWidth(start);
    if (sizeAsked
        && ImageModel.fixedHeight(recipe) > 0
        && (ImageModel.fixedHeight(recipe) != model.height()
            || ImageModel.fixedWidth(recipe) != model.width())) {
      throw new ModelException(
          "It takes pictures of %dx%d, but the options ask for %dx%d."
              .formatted(
                  model.width(),
                  model.height(),
                  ImageModel.fixedWidth(recipe),
                  ImageModel.fixedHeight(recipe)));
    }
    recipe = recipe.withSize(model.height(), model.width()).withLayout(model.layout());
    Task task = said.task();
    if (task == null) {
      task = model.classes() == 1 ? Task.SIGMOID : Task.SOFTMAX;
      if (task == Task.SIGMOID) {
        assumptions.add("its one output is a yes or no");
      }
    }
    Output output = said.output();
    if (output == null) {
      output = looksLikeProbabilities(model, task) ? Output.PROBABILITIES : Output.LOGITS;
      assumptions.add("outputs are " + output.code());
    }
    List<String> labels = options.labels() != null ? options.labels() : said.labels();
    if (labels == null) {
      assumptions.add("no names for the classes (--labels)");
    } else {
      int classes = task == Task.SIGMOID && model.classes() == 1 ? 2 : model.classes();
      if (labels.size() != classes && !(task == Task.SIGMOID && labels.size() == model.classes())) {
        throw new ModelException(
            "It has %d classes, but there are %d labels."
                .formatted(model.classes(), labels.size()));
      }
    }
    return new Classifier(
        model, opened.loading(), recipe, labels, task, output, assumptions, options);
  }

  /**
   * Whether the outputs for a few inputs are in [0,1] and, for one class out of all, add up to 1.
   * Single outputs are asked more than once: one logit may be in [0,1] by chance, hardly all.
   */
  private static boolean looksLikeProbabilities(ImageModel model, Task task) {
    try (Tensor pixels = model.allocateInput(Math.max(1, model.batch()))) {
      float[] levels = task == Task.SIGMOID ? new float[] {0, 3, -3, 300, -300} : new float[] {0};
      for (float level : levels) {
        for (long i = 0; i < pixels.data().byteSize() / Float.BYTES; i++) {
          // Not all the same, which a network could take for nothing.
          pixels.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, i % 7 < 4 ? level : -level / 2);
        }
        if (!areProbabilities(model, pixels, task)) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean areProbabilities(ImageModel model, Tensor pixels, Task task) {
    try (Outputs outputs =
        model.session().run(Map.of(model.input(), pixels), List.of(model.output()), null)) {
      float[] all = outputs.tensor(model.output()).toFloatArray();
      double sum = 0;
      for (int i = 0; i < model.classes(); i++) {
        if (!(all[i] >= 0 && all[i] <= 1)) {
          return false;
        }
        sum += all[i];
      }
      return task == Task.SIGMOID || Math.abs(sum - 1) < 1e-3;
    }
  }

  /** What was assumed since neither the model nor the options say it; one phrase each. */
  public List<String> assumptions() {
    return assumptions;
  }

  /** From a picture to the model's input, as it is used. */
  public Recipe recipe() {
    return recipe;
  }

  /** How the model was loaded. */
  public ModelCache.Loading loading() {
    return loading;
  }

  public ImageModel model() {
    return model;
  }

  /** Names of the classes, or null. */
  public @Nullable List<String> labels() {
    return labels;
  }

  public Task task() {
    return task;
  }

  /** What the model's outputs are. */
  public Output output() {
    return output;
  }

  /** Pictures in a batch, as used. */
  public int batch() {
    return model.batch() > 0
        ? model.batch()
        : options.batch() > 0 ? options.batch() : DEFAULT_BATCH;
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
    boolean padded = model.batch() > 0 || !options.session().providers().isEmpty();
    TopK ranking = new TopK(options.top(), options.threshold(), labels);
    Scores scores =
        task == Task.SOFTMAX
            ? Scores.softmax(this.output == Output.LOGITS, model.classes())
            : Scores.sigmoid(
                this.output == Output.LOGITS, model.classes(), labels == null ? 0 : labels.size());
    try (BatchRunner runner = new BatchRunner(model, capacity, padded, runOptions);
        Batches batches =
            new Batches(
                inputs,
                capacity,
                decodeThreads(),
                model::allocateInput,
                i -> new Preprocessor(recipe, model.height(), model.width(), options.decode()))) {
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
          if (record instanceof ClassifyRecord.Failure) {
            summary.errors++;
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
    model.close();
  }
}
