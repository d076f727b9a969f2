package org.alexnetedge.train;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Locale;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.OnnxModel;

/**
 * What a trained file says about how it came to be: metadata {@code provenance} (a sentence),
 * {@code training} and {@code validation} (JSON). No paths and no names of users or machines.
 */
record Provenance(String provenance, JsonObject training, JsonObject validation) {
  private static final Gson JSON =
      new GsonBuilder()
          .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
          .create();

  /**
   * Puts it together.
   *
   * @param epochs of the run
   * @param taken epoch whose weights are in the file; 0 for those of the last step
   * @param measured figures of these weights
   * @param temperature that logits were divided by, 1 for none
   */
  static Provenance of(
      TrainConfig config,
      RunSamples samples,
      List<EpochFigures> epochs,
      int taken,
      Measured measured,
      double temperature) {
    TrainingData data = samples.data();
    int pictures = data.training().size();
    JsonObject training = new JsonObject();
    training.addProperty("start", config.start());
    training.addProperty("part", config.trainable());
    training.addProperty("pictures", pictures);
    JsonObject perClass = new JsonObject();
    int[] counts = data.trainingCounts();
    for (int i = 0; i < counts.length; i++) {
      perClass.addProperty(data.labels().get(i), counts[i]);
    }
    training.add("pictures_per_class", perClass);
    training.addProperty("epochs", epochs.size());
    training.addProperty("planned_epochs", config.epochs());
    if (taken > 0) {
      training.addProperty("taken_epoch", taken);
    }
    training.addProperty("batch", config.batch());
    training.add("optimization", JSON.toJsonTree(config.optimization()));
    JsonObject loss = JSON.toJsonTree(config.loss()).getAsJsonObject();
    if (config.loss().teacher() != null) {
      loss.getAsJsonObject("teacher").remove("model"); // A path; its hash stays.
    }
    training.add("loss", loss);
    training.add("augmentation", JSON.toJsonTree(config.pictures().augmentation()));
    training.addProperty("views", config.pictures().views());
    training.addProperty("seed", config.seed());
    JsonObject validation = new JsonObject();
    validation.addProperty("pictures", samples.validationSize());
    validation.addProperty(
        "split", config.split().startsWith("folder") ? "folder" : config.split());
    if (!Double.isNaN(measured.loss())) {
      validation.addProperty("accuracy", measured.accuracy());
      validation.addProperty("loss", measured.loss());
    }
    if (temperature != 1) {
      validation.addProperty("calibration_temperature", temperature);
    }
    return new Provenance(
        String.format(
            Locale.ROOT,
            "trained by alexnet-edge (%s) in %d epochs on %d pictures of %d classes, from %s",
            config.trainable(),
            epochs.size(),
            pictures,
            data.labels().size(),
            config.start()),
        training,
        validation);
  }

  /** The model with these metadata. */
  OnnxModel into(OnnxModel model) {
    String version = Provenance.class.getPackage().getImplementationVersion();
    return GraphBuilder.of(model)
        .producer("alexnet-edge", version == null ? "" : version)
        .metadata("provenance", provenance)
        .metadata("training", training.toString())
        .metadata("validation", validation.toString())
        .build();
  }
}
