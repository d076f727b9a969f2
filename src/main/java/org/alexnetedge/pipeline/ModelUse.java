package org.alexnetedge.pipeline;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.alexnetedge.image.Recipe;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.Tensor;
import org.alexnetedge.pipeline.ModelDescription.Output;
import org.alexnetedge.pipeline.ModelDescription.Task;
import org.jspecify.annotations.Nullable;

/**
 * What a model's input and output mean: as its file says, as the options override it, and where
 * both are silent as it is assumed.
 *
 * @param model the model
 * @param recipe from a picture to its input, fitted to its size and layout
 * @param labels names of the classes, or null
 * @param task how its outputs belong together
 * @param output what its outputs are
 * @param assumptions what was assumed, one phrase each
 */
public record ModelUse(
    ImageModel model,
    Recipe recipe,
    @Nullable List<String> labels,
    Task task,
    Output output,
    List<String> assumptions) {

  public ModelUse {
    labels = labels == null ? null : List.copyOf(labels);
    assumptions = List.copyOf(assumptions);
  }

  /**
   * Puts together what is said of a model. On failure the session stays the caller's.
   *
   * @param preset a recipe in place of the model's own, or null
   * @param adjust changes single fields of whichever recipe it is
   * @param labels in place of the model's own, or null
   * @throws ModelException when it is no image classifier, or its description or the options do not
   *     fit it
   */
  public static ModelUse of(
      Session session,
      @Nullable Recipe preset,
      UnaryOperator<Recipe> adjust,
      @Nullable List<String> labels) {
    ModelDescription said = ModelDescription.read(session.metadata().properties());
    List<String> assumptions = new ArrayList<>();
    Recipe start = preset != null ? preset : said.recipe();
    if (start == null) {
      start = Recipe.TORCHVISION;
      assumptions.add("preprocessing as for torchvision's models (--preset)");
    }
    Recipe adjusted = adjust.apply(start);
    ImageModel model = ImageModel.of(session, adjusted);
    Recipe recipe = fitted(start, adjusted, model);
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
    List<String> names = labels != null ? labels : said.labels();
    if (names == null) {
      assumptions.add("no names for the classes (--labels)");
    } else if (!fit(names, model, task)) {
      throw new ModelException(
          "It has %d classes, but there are %d labels.".formatted(model.classes(), names.size()));
    }
    return new ModelUse(model, recipe, names, task, output, assumptions);
  }

  /** A size that the options ask for must be the model's; a preset's own size makes way for it. */
  private static Recipe fitted(Recipe start, Recipe adjusted, ImageModel model) {
    int height = ImageModel.fixedHeight(adjusted);
    int width = ImageModel.fixedWidth(adjusted);
    boolean asked =
        height != ImageModel.fixedHeight(start) || width != ImageModel.fixedWidth(start);
    if (asked && height > 0 && (height != model.height() || width != model.width())) {
      throw new ModelException(
          "It takes pictures of %dx%d, but the options ask for %dx%d."
              .formatted(model.width(), model.height(), width, height));
    }
    return adjusted.withSize(model.height(), model.width()).withLayout(model.layout());
  }

  private static boolean fit(List<String> labels, ImageModel model, Task task) {
    boolean yesOrNo = task == Task.SIGMOID && model.classes() == 1 && labels.size() == 2;
    return yesOrNo || labels.size() == model.classes();
  }

  /**
   * Whether the outputs for a few inputs are in [0,1] and, for one class out of all, add up to 1.
   * Single outputs are asked more than once: one logit may be in [0,1] by chance, hardly all.
   */
  private static boolean looksLikeProbabilities(ImageModel model, Task task) {
    float[] levels = task == Task.SIGMOID ? new float[] {0, 3, -3, 300, -300} : new float[] {0};
    try (Tensor pixels = model.allocateInput(Math.max(1, model.batch()))) {
      for (float level : levels) {
        fill(pixels, level);
        if (!areProbabilities(model, pixels, task)) {
          return false;
        }
      }
    }
    return true;
  }

  private static void fill(Tensor pixels, float level) {
    if (level == 0) {
      pixels.data().fill((byte) 0); // At every start: a loop that nobody has compiled yet is slow.
      return;
    }
    float[] values = new float[Math.toIntExact(pixels.elements())];
    for (int i = 0; i < values.length; i++) {
      // Not all the same, which a network could take for nothing.
      values[i] = i % 7 < 4 ? level : -level / 2;
    }
    MemorySegment.copy(values, 0, pixels.data(), ValueLayout.JAVA_FLOAT, 0, values.length);
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
}
