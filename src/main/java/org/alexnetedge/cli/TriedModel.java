package org.alexnetedge.cli;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.alexnetedge.classify.OutputException;
import org.alexnetedge.image.Recipe;
import org.alexnetedge.onnx.OnnxException;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.ort.Tensor;
import org.alexnetedge.pipeline.ImageModel;
import org.alexnetedge.pipeline.ModelException;
import org.alexnetedge.pipeline.ModelUse;

/** A model file that gets its name only after ONNX Runtime has loaded it and run it. */
final class TriedModel {
  private TriedModel() {}

  /**
   * Writes the model beside the file, tries it, and renames it.
   *
   * @return what is still assumed when it is used, one phrase each
   * @throws OutputException when it cannot be written
   * @throws ModelException when ONNX Runtime cannot load or run it, or it gives no finite numbers
   */
  static List<String> write(OnnxModel model, Path file, OrtEnvironment environment)
      throws OutputException {
    return NewFile.put(
        file,
        beside -> {
          try {
            model.write(beside);
          } catch (OnnxException e) {
            throw new OutputException(
                Objects.requireNonNull(e.getMessage()).replace(beside.toString(), file.toString()),
                e);
          }
          return tried(beside, file, environment);
        });
  }

  private static List<String> tried(Path beside, Path file, OrtEnvironment environment) {
    try (Session session = Session.open(environment, beside, SessionOptions.DEFAULT)) {
      ModelUse use = ModelUse.of(session, null, UnaryOperator.identity(), null);
      if (!givesFiniteNumbers(use.model(), use.recipe())) {
        throw new ModelException(
            "It gives numbers that are not finite (NaN or infinite) for an ordinary picture: its"
                + " weights are damaged, or its training had failed.");
      }
      return use.assumptions();
    } catch (ModelException e) {
      throw new ModelException(file + " is not written. " + e.getMessage());
    } catch (OrtException e) {
      throw new ModelException(
          file
              + " is not written. "
              + ModelFailure.explain(beside, e).replace(beside.toString(), ""));
    }
  }

  /** For pixels of all values, made ready as the recipe says. */
  private static boolean givesFiniteNumbers(ImageModel model, Recipe recipe) {
    try (Tensor pixels = model.allocateInput(Math.max(1, model.batch()))) {
      for (long i = 0; i < pixels.elements(); i++) {
        float x = (i * 7919 >>> 3) % 256;
        pixels
            .data()
            .setAtIndex(
                ValueLayout.JAVA_FLOAT,
                i,
                (x / recipe.divide() - recipe.mean().first()) / recipe.std().first());
      }
      try (Outputs outputs =
          model.session().run(Map.of(model.input(), pixels), List.of(model.output()), null)) {
        MemorySegment scores = outputs.tensor(model.output()).data();
        for (long i = 0; i < scores.byteSize() / Float.BYTES; i++) {
          if (!Float.isFinite(scores.getAtIndex(ValueLayout.JAVA_FLOAT, i))) {
            return false;
          }
        }
        return true;
      }
    }
  }
}
