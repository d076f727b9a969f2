package org.alexnetedge.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.alexnetedge.image.Recipe;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.pipeline.ModelDescription.Output;
import org.alexnetedge.pipeline.ModelException;
import org.alexnetedge.pipeline.ModelUse;
import org.alexnetedge.train.TrainConfig.Teaching;
import org.jspecify.annotations.Nullable;

/** Another model whose logits are learnt too. It sees the very pictures that the student sees. */
final class Teacher implements AutoCloseable {
  static final String NAME = "The teacher ";

  private final Session session;
  private final ModelUse use;

  private Teacher(Session session, ModelUse use) {
    this.session = session;
    this.use = use;
  }

  /**
   * Opens the teacher of a run; null when it has none, or one whose answers are kept.
   *
   * @throws ModelException when it does not fit
   */
  static @Nullable Teacher of(
      OrtEnvironment environment, TrainConfig config, StartModel start, SessionOptions options) {
    Teaching teaching = config.loss().teacher();
    if (teaching == null || teaching.views() > 0) {
      return null;
    }
    Path file = Path.of(teaching.model());
    List<String> labels = start.labels();
    Recipe recipe = start.recipe();
    int outputs = start.outputs();
    Session session = Session.open(environment, file, options);
    try {
      ModelUse use = ModelUse.of(session, null, r -> r, null);
      if (use.labels() != null && !use.labels().equals(labels)) {
        throw new ModelException(
            NAME + file + " tells other classes apart: " + String.join(", ", use.labels()) + ".");
      }
      if (!use.recipe().equals(recipe)) {
        throw new ModelException(
            NAME
                + file
                + " takes pictures in another way ("
                + use.recipe().toJson()
                + "), so it cannot see what the student sees ("
                + recipe.toJson()
                + "). With --teacher-views N it looks in its own way.");
      }
      checkOutputs(file, use.output(), use.model().classes(), outputs);
      if (use.model().outputRank() != 2) {
        throw new ModelException(
            NAME + file + " gives more than one row of numbers for a picture.");
      }
      return new Teacher(session, use);
    } catch (Throwable t) {
      session.close();
      throw t;
    }
  }

  /**
   * @param given number of outputs of the teacher
   * @param wanted and of the student
   * @throws ModelException when the teacher's cannot be learnt from
   */
  static void checkOutputs(Path file, Output output, int given, int wanted) {
    if (output != Output.LOGITS || given != wanted) {
      throw new ModelException(
          "%s%s gives %d %s; expected %d logits."
              .formatted(NAME, file, given, output.code(), wanted));
    }
  }

  /** Its logits [N,C]; the caller closes the outputs, whose one tensor they are. */
  Outputs logits(Batch batch, OrtEnvironment environment) {
    try (var inputs = batch.inputs(environment)) {
      return session.run(Map.of(use.model().input(), inputs), List.of(use.model().output()), null);
    }
  }

  String output() {
    return use.model().output();
  }

  @Override
  public void close() {
    session.close();
  }
}
