package org.alexnetedge.train;

import java.util.List;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.image.DecodeOptions;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.SessionOptions;
import org.jspecify.annotations.Nullable;

/** All samples of a run: what is learnt from, what validates, what the file is compared by. */
final class RunSamples implements AutoCloseable {
  /** Pictures that go through the frozen part together. */
  private static final int FEATURE_BATCH = 16;

  private final TrainingData data;
  private final PictureMemory memory;
  private final Samples training;
  private final @Nullable Samples validation;
  private final Samples compared;
  private final Samples comparedAsLearnt;

  private RunSamples(
      TrainingData data,
      PictureMemory memory,
      Samples training,
      @Nullable Samples validation,
      Samples compared,
      Samples comparedAsLearnt) {
    this.data = data;
    this.memory = memory;
    this.training = training;
    this.validation = validation;
    this.compared = compared;
    this.comparedAsLearnt = comparedAsLearnt;
  }

  /** Makes them; computes features when only a head is trained, and a teacher's answers. */
  static RunSamples open(
      OrtEnvironment environment,
      RunFolder run,
      TrainConfig config,
      StartModel start,
      TrainingData data,
      SessionOptions device,
      TrainingListener listener)
      throws DataException, InterruptedException {
    int threads =
        config.threads() > 0 ? config.threads() : Runtime.getRuntime().availableProcessors();
    TrainConfig.Pictures pictures = config.pictures();
    PictureInput input = start.input(new DecodeOptions(pictures.maxPixels(), pictures.lenient()));
    int classes = start.labels().size();
    List<Double> weights =
        config.loss().balance() > 0
            ? Targets.balanced(data.trainingCounts(), config.loss().balance())
            : List.of();
    Targets learnt = new Targets(classes, start.outputs(), config.loss().labelSmoothing(), weights);
    Targets plain = Targets.plain(classes, start.outputs());
    List<Sample> shown = data.validation().isEmpty() ? data.training() : data.validation();
    PictureMemory memory = new PictureMemory((long) pictures.cacheMegabytes() << 20);
    Samples compared =
        new PictureSamples(shown, input, Augmentation.NONE, plain, config.seed(), threads, memory);
    if (config.trainable().equals("head")) {
      return ofFeatures(
          new FeatureExtraction(environment, device, FEATURE_BATCH, threads),
          run,
          config,
          input,
          data,
          learnt,
          plain,
          memory,
          compared,
          listener);
    }
    Answers answers =
        Answers.of(
            new FeatureExtraction(environment, device, FEATURE_BATCH, threads),
            run,
            config,
            start,
            data.training(),
            listener);
    Samples training =
        new PictureSamples(
            data.training(),
            input,
            pictures.augmentation(),
            learnt,
            answers,
            config.seed(),
            threads,
            memory);
    return new RunSamples(
        data, memory, training, data.validation().isEmpty() ? null : compared, compared, compared);
  }

  private static RunSamples ofFeatures(
      FeatureExtraction extraction,
      RunFolder run,
      TrainConfig config,
      PictureInput input,
      TrainingData data,
      Targets learnt,
      Targets plain,
      PictureMemory memory,
      Samples compared,
      TrainingListener listener)
      throws DataException, InterruptedException {
    FeatureFiles files = new FeatureFiles(run.features());
    int views = config.pictures().views();
    FeatureRequest wanted =
        new FeatureRequest(
            run.frozenModel(),
            input,
            data.training(),
            0,
            views,
            config.pictures().augmentation(),
            config.seed());
    int all = data.training().size() * views + data.validation().size();
    Features features =
        files.get("training", wanted, extraction, done -> listener.prepared(done, all));
    Samples training = new FeatureSamples(features, data.training(), learnt, config.seed());
    if (data.validation().isEmpty()) {
      List<Sample> some =
          data.training().subList(0, Math.min(TrainingRun.COMPARED, data.training().size()));
      FeatureRequest few = FeatureRequest.plain(run.frozenModel(), input, some);
      Features plainly = extraction.compute(few, done -> {});
      return new RunSamples(
          data,
          memory,
          training,
          null,
          compared,
          new FeatureSamples(plainly, some, plain, config.seed()));
    }
    Features held =
        files.get(
            "validation",
            FeatureRequest.plain(run.frozenModel(), input, data.validation()),
            extraction,
            done -> listener.prepared(all - data.validation().size() + done, all));
    Samples validation = new FeatureSamples(held, data.validation(), plain, config.seed());
    return new RunSamples(data, memory, training, validation, compared, validation);
  }

  TrainingData data() {
    return data;
  }

  Samples training() {
    return training;
  }

  @Nullable Samples validation() {
    return validation;
  }

  int validationSize() {
    return data.validation().size();
  }

  /** Pictures as {@code classify} takes them. */
  Samples compared() {
    return compared;
  }

  /** The same as the network that learns takes them. */
  Samples comparedAsLearnt() {
    return comparedAsLearnt;
  }

  @Override
  public void close() {
    training.close();
    if (validation != null) {
      validation.close();
    }
    compared.close();
    comparedAsLearnt.close();
    memory.close();
  }
}
