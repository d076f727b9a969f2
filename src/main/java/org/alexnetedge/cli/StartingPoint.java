package org.alexnetedge.cli;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.alexnetedge.alexnet.Configuration;
import org.alexnetedge.artifacts.NewHead;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.pipeline.ModelDescription;
import org.alexnetedge.pipeline.ModelException;
import org.alexnetedge.pipeline.ModelUse;
import org.alexnetedge.train.RunSetup;
import picocli.CommandLine.ParameterException;

/**
 * What a run starts from.
 *
 * @param setup the models
 * @param labels in the order of the outputs
 * @param words about it without paths
 */
record StartingPoint(RunSetup setup, List<String> labels, String words) {
  /** Labels that are read at a glance. */
  private static final int NAMED = 12;

  /** A network of random weights. */
  static StartingPoint scratch(
      NetworkOptions options,
      List<String> labels,
      long seed,
      Function<String, ParameterException> usage,
      Arena arena) {
    try {
      Configuration configuration = options.configuration(labels.size());
      OnnxModel model =
          UntrainedModel.of(
              NetworkOptions.network(configuration), configuration, labels, seed, arena);
      return new StartingPoint(
          new RunSetup(model, model, null),
          labels,
          "AlexNet (" + configuration.variant().code() + ") with random weights, seed " + seed);
    } catch (IllegalArgumentException e) {
      throw usage.apply(e.getMessage());
    }
  }

  /**
   * A model from a file, with a new last layer when its classes are others.
   *
   * @param labels of the data
   * @param part what is trained
   * @param remarks told what was assumed
   */
  static StartingPoint from(
      Path file,
      OrtEnvironment environment,
      RecipeOptions recipe,
      List<String> labels,
      String part,
      long seed,
      Consumer<String> remarks,
      Arena arena) {
    OnnxModel model = OnnxModel.read(file, arena);
    ModelDescription said = described(file, environment, recipe, remarks);
    List<String> known = said.labels();
    boolean same =
        known != null
            && known.size() == labels.size()
            && new HashSet<>(known).equals(new HashSet<>(labels));
    List<String> order = same ? known : labels;
    String words = words(file);
    for (Map.Entry<String, String> property :
        new ModelDescription(same ? known : null, said.recipe(), said.task(), said.output())
            .properties()
            .entrySet()) {
      model = model.withMetadata(property.getKey(), property.getValue());
    }
    if (same && !part.equals("head")) {
      return new StartingPoint(new RunSetup(model, model, null), order, words);
    }
    NewHead head = same ? NewHead.kept(model, order).orElse(null) : null;
    if (head == null) {
      head = NewHead.of(model, order, order.size(), seed);
      remarks.accept("the model gets a new last layer for " + named(order));
    }
    return new StartingPoint(
        part.equals("head")
            ? new RunSetup(head.whole(), head.head(), head.frozen())
            : new RunSetup(head.whole(), head.whole(), null),
        order,
        words);
  }

  private static String named(List<String> labels) {
    return labels.size() <= NAMED
        ? String.join(", ", labels)
        : String.join(", ", labels.subList(0, NAMED)) + " and " + (labels.size() - NAMED) + " more";
  }

  /** What the file says of itself, what the options say, and what is assumed. */
  private static ModelDescription described(
      Path file, OrtEnvironment environment, RecipeOptions recipe, Consumer<String> remarks) {
    SessionOptions options = SessionOptions.DEFAULT;
    try (Session session = Session.open(environment, file, options)) {
      ModelUse use = ModelUse.of(session, recipe.preset(), recipe::adjust, null);
      if (use.model().batch() != 0) {
        throw new ModelException(
            "It takes batches of %d only; training needs any.".formatted(use.model().batch()));
      }
      use.assumptions().stream()
          .filter(assumption -> assumption.startsWith("preprocessing"))
          .forEach(assumption -> remarks.accept("assumed: " + assumption));
      return new ModelDescription(use.labels(), use.recipe(), use.task(), use.output());
    } catch (ModelException e) {
      throw ModelFailure.unfit(file, e);
    } catch (OrtException e) {
      throw new ModelException(ModelFailure.explain(file, e));
    }
  }

  private static String words(Path file) {
    try {
      String sum = ModelFailure.sha256(file);
      return (sum.equals(DefaultModel.sum())
              ? "alexnet-edge's own model, SHA-256 "
              : "a model with SHA-256 ")
          + sum;
    } catch (IOException e) {
      throw new ModelException("The model " + file + " cannot be read: " + e.getMessage() + ".");
    }
  }
}
