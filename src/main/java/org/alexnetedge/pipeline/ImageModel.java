package org.alexnetedge.pipeline;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.alexnetedge.image.Recipe;
import org.alexnetedge.image.Resize;
import org.alexnetedge.ort.Dimension;
import org.alexnetedge.ort.ElementType;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.Tensor;
import org.alexnetedge.ort.ValueInfo;
import org.alexnetedge.ort.ValueType;

/**
 * A session whose model takes one batch of pictures and gives one row of numbers for each.
 *
 * @param session the model; closed by this
 * @param input name of its input, float32 [N,3,H,W] or [N,H,W,3]
 * @param output name of its output, float32 [N,classes], or with more axes of size 1
 * @param layout order of the input's axes
 * @param height rows of the input
 * @param width columns of the input
 * @param batch the only batch size that the model takes, or 0 for any
 * @param classes numbers in a row of the output
 * @param outputRank number of the output's axes: 2, or more when axes of size 1 follow
 */
public record ImageModel(
    Session session,
    String input,
    String output,
    Recipe.Layout layout,
    int height,
    int width,
    int batch,
    int classes,
    int outputRank)
    implements AutoCloseable {

  private static final int ANY = 0;

  /**
   * Checks that a model is one for pictures. On failure the session stays the caller's.
   *
   * @param recipe what the model file or the user says of the input, for a model whose own input
   *     has free axes
   * @throws ModelException when it is not
   */
  public static ImageModel of(Session session, Recipe recipe) {
    if (session.inputs().size() != 1) {
      throw new ModelException(
          "It is no image classifier: it takes "
              + session.inputs().size()
              + " inputs ("
              + names(session.inputs())
              + "), not one.");
    }
    ValueInfo input = session.inputs().getFirst();
    if (!(input.type() instanceof ValueType.OfTensor tensor)
        || tensor.sparse()
        || tensor.shape().size() != 4) {
      throw new ModelException(
          "It is no image classifier: its input "
              + input
              + " is no batch of pictures (four axes).");
    }
    if (tensor.element() != ElementType.FLOAT) {
      throw new ModelException(
          "Its input "
              + input
              + " is not float32; other element types are not supported for pictures.");
    }
    List<Dimension> shape = tensor.shape();
    Recipe.Layout layout = layout(input, shape, recipe);
    boolean channelsFirst = layout == Recipe.Layout.NCHW;
    Dimension rows = shape.get(channelsFirst ? 2 : 1);
    Dimension columns = shape.get(channelsFirst ? 3 : 2);
    int height = rows.isFree() ? fixedHeight(recipe) : Math.toIntExact(rows.size());
    int width = columns.isFree() ? fixedWidth(recipe) : Math.toIntExact(columns.size());
    if (height <= 0 || width <= 0) {
      throw new ModelException(
          "Its input "
              + input
              + " takes pictures of any size, and the recipe fixes none: give a size with --crop"
              + " or --resize exact:WxH.");
    }
    ValueInfo output = output(session);
    int batch = batch(shape.getFirst(), output);
    long[] row = row(session, input, output, layout, height, width, Math.max(1, batch));
    return new ImageModel(
        session,
        input.name(),
        output.name(),
        layout,
        height,
        width,
        batch,
        (int) row[0],
        row.length + 1);
  }

  /** Rows that every picture has after the recipe, or 0 when they depend on the picture. */
  public static int fixedHeight(Recipe recipe) {
    return recipe.crop() != null
        ? recipe.crop().height()
        : exact(recipe) ? recipe.resize().height() : 0;
  }

  /** Columns that every picture has after the recipe, or 0 when they depend on the picture. */
  public static int fixedWidth(Recipe recipe) {
    return recipe.crop() != null
        ? recipe.crop().width()
        : exact(recipe) ? recipe.resize().width() : 0;
  }

  private static boolean exact(Recipe recipe) {
    return recipe.resize().mode() == Resize.Mode.EXACT;
  }

  private static Recipe.Layout layout(ValueInfo input, List<Dimension> shape, Recipe recipe) {
    boolean first = shape.get(1).size() == 3;
    boolean last = shape.get(3).size() == 3;
    if (first != last) {
      return first ? Recipe.Layout.NCHW : Recipe.Layout.NHWC;
    }
    if (first || shape.get(1).isFree() || shape.get(3).isFree()) {
      return recipe.layout();
    }
    throw new ModelException(
        "It is no classifier of colour pictures: neither the second nor the last axis of its input "
            + input
            + " is 3.");
  }

  /** The batch size that input and output allow: exporters fix one of them at times. */
  private static int batch(Dimension input, ValueInfo output) {
    List<Dimension> row = ((ValueType.OfTensor) output.type()).shape();
    long given = row.isEmpty() || row.getFirst().isFree() ? ANY : row.getFirst().size();
    long taken = input.isFree() ? given : input.size();
    if (given != ANY && given != taken) {
      throw new ModelException(
          "It is no image classifier: it takes %d pictures together, but its output %s has %d rows."
              .formatted(taken, output, given));
    }
    return Math.toIntExact(taken);
  }

  /** The first output of floats that can be one row for each picture. */
  private static ValueInfo output(Session session) {
    for (ValueInfo output : session.outputs()) {
      if (output.type() instanceof ValueType.OfTensor tensor
          && tensor.element() == ElementType.FLOAT
          && tensor.shape().size() != 1) {
        return output;
      }
    }
    throw new ModelException(
        "It is no image classifier: none of its outputs ("
            + names(session.outputs())
            + ") is a tensor of float32.");
  }

  /** The output's axes without the batch: as declared, or where that is free, from a run. */
  private static long[] row(
      Session session,
      ValueInfo input,
      ValueInfo output,
      Recipe.Layout layout,
      int height,
      int width,
      int batch) {
    ValueType.OfTensor tensor = (ValueType.OfTensor) output.type();
    List<Dimension> shape = tensor.shape();
    if (shape.size() >= 2 && shape.stream().skip(1).noneMatch(Dimension::isFree)) {
      return checkedRow(output, shape.stream().skip(1).mapToLong(Dimension::size).toArray());
    }
    long[] inputShape =
        layout == Recipe.Layout.NCHW
            ? new long[] {batch, 3, height, width}
            : new long[] {batch, height, width, 3};
    OrtEnvironment environment = session.environment();
    try (Tensor gray = Tensor.allocate(environment, ElementType.FLOAT, inputShape)) {
      gray.data().fill((byte) 0);
      try (var outputs = session.run(Map.of(input.name(), gray), List.of(output.name()), null)) {
        long[] given = outputs.tensor(output.name()).shape();
        if (given.length < 2 || given[0] != batch) {
          throw notOneRow(output, Arrays.toString(given));
        }
        return checkedRow(output, Arrays.copyOfRange(given, 1, given.length));
      }
    }
  }

  private static long[] checkedRow(ValueInfo output, long[] axes) {
    boolean single = axes[0] >= 1 && axes[0] <= 10_000_000;
    for (int i = 1; i < axes.length; i++) {
      single &= axes[i] == 1;
    }
    if (!single) {
      throw notOneRow(output, Arrays.toString(axes));
    }
    return axes;
  }

  private static ModelException notOneRow(ValueInfo output, String shape) {
    return new ModelException(
        "It is no image classifier: its output "
            + output
            + " is not one row of scores for each picture (axes "
            + shape
            + ").");
  }

  private static String names(List<ValueInfo> values) {
    return values.isEmpty()
        ? "none"
        : String.join(", ", values.stream().map(Object::toString).toList());
  }

  /** A tensor for so many pictures. */
  public Tensor allocateInput(int pictures) {
    return Tensor.allocate(session.environment(), ElementType.FLOAT, inputShape(pictures));
  }

  /** Shape of the input for so many pictures. */
  public long[] inputShape(int pictures) {
    return layout == Recipe.Layout.NCHW
        ? new long[] {pictures, 3, height, width}
        : new long[] {pictures, height, width, 3};
  }

  /** A tensor for the rows of so many pictures. */
  public Tensor allocateOutput(int pictures) {
    return Tensor.allocate(session.environment(), ElementType.FLOAT, outputShape(pictures));
  }

  /** Shape of the output for so many pictures. */
  public long[] outputShape(int pictures) {
    long[] shape = new long[outputRank];
    Arrays.fill(shape, 1);
    shape[0] = pictures;
    shape[1] = classes;
    return shape;
  }

  @Override
  public void close() {
    session.close();
  }
}
