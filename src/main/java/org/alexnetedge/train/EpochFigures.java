package org.alexnetedge.train;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;

/**
 * What one epoch came to: a line of {@code metrics.jsonl}.
 *
 * @param epoch from 1
 * @param step optimizer steps since the beginning of the run
 * @param loss mean over the epoch's pictures, as they were learnt (with smoothing, weights,
 *     dropout)
 * @param accuracy share of them that were right at that time
 * @param validationLoss mean cross-entropy in nats; NaN when nothing is held back for validation
 * @param validationAccuracy share that is right; NaN likewise
 * @param rate learning rate of the last step
 * @param seconds that the epoch took, validation included
 * @param picturesPerSecond learnt, without the validation's
 */
public record EpochFigures(
    int epoch,
    long step,
    double loss,
    double accuracy,
    double validationLoss,
    double validationAccuracy,
    double rate,
    double seconds,
    double picturesPerSecond) {

  /** Whether there are figures of validation. */
  public boolean validated() {
    return !Double.isNaN(validationLoss);
  }

  String toJson() {
    JsonObject json = new JsonObject();
    json.addProperty("epoch", epoch);
    json.addProperty("step", step);
    json.addProperty("loss", loss);
    json.addProperty("accuracy", accuracy);
    if (validated()) {
      json.addProperty("val_loss", validationLoss);
      json.addProperty("val_accuracy", validationAccuracy);
    }
    json.addProperty("rate", rate);
    json.addProperty("seconds", seconds);
    json.addProperty("pictures_per_second", picturesPerSecond);
    return json.toString();
  }

  /**
   * Reads a line back.
   *
   * @throws JsonParseException when it is none
   */
  static EpochFigures parse(String line) {
    try {
      JsonObject json = JsonParser.parseString(line).getAsJsonObject();
      return new EpochFigures(
          json.get("epoch").getAsInt(),
          json.get("step").getAsLong(),
          json.get("loss").getAsDouble(),
          json.get("accuracy").getAsDouble(),
          json.has("val_loss") ? json.get("val_loss").getAsDouble() : Double.NaN,
          json.has("val_accuracy") ? json.get("val_accuracy").getAsDouble() : Double.NaN,
          json.get("rate").getAsDouble(),
          json.get("seconds").getAsDouble(),
          json.get("pictures_per_second").getAsDouble());
    } catch (IllegalStateException | NullPointerException | NumberFormatException e) {
      throw new JsonParseException("no line of metrics: " + line, e);
    }
  }
}
