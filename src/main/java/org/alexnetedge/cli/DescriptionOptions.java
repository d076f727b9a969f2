package org.alexnetedge.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.alexnetedge.image.Recipe;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.pipeline.Labels;
import org.alexnetedge.pipeline.ModelDescription;
import org.alexnetedge.pipeline.ModelDescription.Output;
import org.alexnetedge.pipeline.ModelDescription.Task;
import org.alexnetedge.pipeline.ModelException;
import org.alexnetedge.pipeline.ModelUse;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a model file is to say of itself. */
final class DescriptionOptions {
  @Option(
      names = "--labels",
      paramLabel = "FILE",
      description =
          "Names of the classes, one a line; or a table with tabs and a header, of which the column"
              + " 'label' or the first that ends in 'name' is taken.")
  private @Nullable Path labelFile;

  @Option(
      names = "--task",
      paramLabel = "NAME",
      description = "softmax (one class out of all) or sigmoid (each class for itself).")
  private @Nullable String task;

  @Option(
      names = "--scores",
      paramLabel = "KIND",
      description = "What the model itself gives: logits or probabilities.")
  private @Nullable String scores;

  @Mixin private RecipeOptions recipe = new RecipeOptions();

  /**
   * Finds what cannot be meant, before anything is loaded.
   *
   * @throws IllegalArgumentException with a sentence
   */
  void check() {
    recipe.check();
    task();
    scores();
  }

  /** Whether any of it was given. */
  boolean areGiven() {
    return labelFile != null || task != null || scores != null || isRecipeGiven();
  }

  private boolean isRecipeGiven() {
    return recipe.preset() != null || recipe.adjust(Recipe.TORCHVISION) != Recipe.TORCHVISION;
  }

  /**
   * The labels, or null.
   *
   * @throws IllegalArgumentException with a sentence when they cannot be read
   */
  @Nullable List<String> labels() {
    return labelFile == null ? null : Labels.read(labelFile);
  }

  @Nullable Task task() {
    return oneOf("--task", task, Task.values(), Task::code);
  }

  @Nullable Output scores() {
    return oneOf("--scores", scores, Output.values(), Output::code);
  }

  /**
   * The recipe for a network of this input.
   *
   * @param own where no preset is named
   * @throws IllegalArgumentException with a sentence when the options ask for another input
   */
  Recipe recipe(Recipe own, int input) {
    Recipe preset = recipe.preset();
    Recipe start = preset == null ? own : preset.withSize(input, input).withLayout(own.layout());
    Recipe adjusted = recipe.adjust(start);
    Recipe fitted = adjusted.withSize(input, input);
    boolean asked = adjusted.crop() != null || start.crop() == null;
    if (asked && !fitted.equals(adjusted)) {
      throw new IllegalArgumentException(
          "The network takes pictures of %dx%d, but --crop or --resize asks for others."
              .formatted(input, input));
    }
    return fitted;
  }

  /**
   * What a model is to say of itself: what is given here, and else what it said before. What nobody
   * said is not written, so that it is still assumed, and said to be, when the model is used.
   *
   * @param model an ONNX file
   * @param said what it says now
   * @throws ModelException when it is no image classifier, or the options do not fit it
   */
  ModelDescription described(Path model, ModelDescription said, OrtEnvironment environment) {
    try (Session session = Session.open(environment, model, SessionOptions.DEFAULT)) {
      ModelUse use = ModelUse.of(session, recipe.preset(), recipe::adjust, labels());
      Task task = task();
      Output scores = scores();
      return new ModelDescription(
          use.labels(),
          isRecipeGiven() || said.recipe() != null ? use.recipe() : null,
          task == null ? said.task() : task,
          scores == null ? said.output() : scores);
    } catch (ModelException e) {
      throw ModelFailure.unfit(model, e);
    } catch (OrtException e) {
      throw new ModelException(ModelFailure.explain(model, e));
    }
  }

  private static <E> @Nullable E oneOf(
      String option, @Nullable String value, E[] known, Function<E, String> code) {
    if (value == null) {
      return null;
    }
    for (E candidate : known) {
      if (code.apply(candidate).equals(value.toLowerCase(Locale.ROOT))) {
        return candidate;
      }
    }
    throw new IllegalArgumentException(
        option
            + " must be "
            + Arrays.stream(known).map(code).collect(Collectors.joining(" or "))
            + ", not '"
            + value
            + "'.");
  }
}
