package org.alexnetedge.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alexnetedge.artifacts.ArtifactException;
import org.alexnetedge.artifacts.ArtifactOptions;
import org.alexnetedge.artifacts.Artifacts;
import org.alexnetedge.artifacts.Distillation;
import org.alexnetedge.artifacts.Optimizer;
import org.alexnetedge.artifacts.Trainable;
import org.alexnetedge.onnx.OnnxException;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.train.TrainConfig.Optimization;
import org.alexnetedge.train.TrainConfig.Teaching;
import org.jspecify.annotations.Nullable;

/**
 * What a run needs before its first step, put into its folder.
 *
 * @param whole the model for inference that is started from; describes itself
 * @param learning the part whose parameters are trained: the whole model, or a head alone
 * @param frozen the part before the head, or null when the whole model is trained
 */
public record RunSetup(OnnxModel whole, OnnxModel learning, @Nullable OnnxModel frozen) {

  /**
   * Writes all of it in the place of what is there; the configuration last.
   *
   * @throws ArtifactException when the model cannot be trained as the configuration says
   * @throws TrainingException when the folder cannot be written
   */
  public void write(RunFolder run, TrainConfig config, TrainingData data) throws TrainingException {
    Artifacts artifacts = Artifacts.of(learning, options(config));
    try {
      run.clear();
      whole.write(run.startModel());
      if (frozen != null) {
        frozen.write(run.frozenModel());
      }
      SplitFile.write(data, run.split());
      DurableFiles.write(run.splitSum(), RunOutput.sha256(run.split()) + "\n");
      Path temporary = run.folder().resolve(".artifacts");
      DurableFiles.deleteTree(temporary);
      artifacts.write(temporary);
      DurableFiles.publish(temporary, run.artifacts());
      run.writeParameters(names(artifacts));
      DurableFiles.force(run.split());
    } catch (OnnxException e) {
      throw new TrainingException(e.getMessage(), e);
    } catch (IOException e) {
      throw TrainingException.cannot("write", run.folder(), e);
    }
    run.write(config);
  }

  /** The checkpoint's names by the model's: where averages are kept, they are what comes out. */
  private static Map<String, String> names(Artifacts artifacts) {
    Map<String, String> names = new LinkedHashMap<>();
    for (String name : artifacts.trainableParameters()) {
      names.put(name, artifacts.averages().getOrDefault(name, name));
    }
    // Among them the running statistics, which change.
    artifacts.frozenParameters().forEach(name -> names.put(name, name));
    return names;
  }

  /** How the configuration's artifacts are made. */
  public static ArtifactOptions options(TrainConfig config) {
    Teaching teacher = config.loss().teacher();
    return new ArtifactOptions(
        Trainable.parse(config.trainable()),
        optimizer(config.optimization()),
        config.optimization().clipNorm(),
        config.loss().dropout(),
        config.optimization().average(),
        teacher == null || teacher.views() > 0
            ? null
            : new Distillation(teacher.temperature(), teacher.share()));
  }

  /** The update rule of a configuration. */
  public static Optimizer optimizer(Optimization chosen) {
    return switch (chosen.rule()) {
      case ADAMW -> new Optimizer.AdamW(0.9f, 0.999f, 1e-8f, chosen.weightDecay());
      case ADAM -> new Optimizer.Adam(0.9f, 0.999f, 1e-8f, chosen.weightDecay());
      case KERAS_ADAM -> new Optimizer.KerasAdam(0.9f, 0.999f, 1e-7f, chosen.weightDecay());
      case SGD -> new Optimizer.Sgd(chosen.weightDecay());
      case MOMENTUM -> new Optimizer.Momentum(chosen.momentum(), chosen.weightDecay());
    };
  }
}
