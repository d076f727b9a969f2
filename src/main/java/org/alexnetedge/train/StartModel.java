package org.alexnetedge.train;

import java.nio.file.Path;
import java.util.List;
import org.alexnetedge.image.DecodeOptions;
import org.alexnetedge.image.Recipe;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.pipeline.ModelDescription.Output;
import org.alexnetedge.pipeline.ModelException;
import org.alexnetedge.pipeline.ModelUse;

/**
 * What the model that a run starts from says of itself.
 *
 * @param labels in the order of the outputs
 * @param recipe from a picture to its input, fitted to its size
 * @param height of the input in pixels
 * @param width of the input in pixels
 * @param outputs numbers in a row of the output
 * @param output what they are
 */
record StartModel(
    List<String> labels, Recipe recipe, int height, int width, int outputs, Output output) {

  /**
   * Opens the file in ONNX Runtime to see what it is.
   *
   * @throws ModelException when it cannot be trained, whatever its operators
   */
  static StartModel read(OrtEnvironment environment, Path file, SessionOptions options) {
    try (Session session = Session.open(environment, file, options)) {
      ModelUse use = ModelUse.of(session, null, recipe -> recipe, null);
      List<String> labels = use.labels();
      if (labels == null) {
        throw new ModelException("The model " + file + " does not name its classes.");
      }
      if (use.model().outputRank() != 2) {
        throw new ModelException(
            "The model's output has more axes than [N,classes]; train a new head (--train head).");
      }
      return new StartModel(
          labels,
          use.recipe(),
          use.model().height(),
          use.model().width(),
          use.model().classes(),
          use.output());
    }
  }

  PictureInput input(DecodeOptions decode) {
    return new PictureInput(recipe, height, width, decode);
  }
}
