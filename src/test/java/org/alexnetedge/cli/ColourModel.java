package org.alexnetedge.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.onnx.ValueType;

/**
 * Small models that tell colours: an output is ten times the mean of a channel, so with the keras
 * preset (0..1, RGB) class 0 is red, 1 green, 2 blue.
 *
 * @param batch the only batch size, or 0 for any
 * @param height rows of a picture, or 0 for any
 * @param width columns of a picture, or 0 for any
 * @param channelsFirst whether the input is [N,3,H,W]
 * @param end operator on the outputs, such as Softmax; empty for none
 * @param weights from channels to outputs, [3][outputs]
 */
record ColourModel(
    long batch, long height, long width, boolean channelsFirst, String end, float[][] weights) {

  static final ColourModel LOGITS =
      new ColourModel(0, 32, 32, true, "", new float[][] {{10, 0, 0}, {0, 10, 0}, {0, 0, 10}});

  /** One output: the more red and the less blue, the larger. */
  static final ColourModel ONE = LOGITS.withWeights(new float[][] {{10}, {0}, {-10}});

  ColourModel withBatch(long value) {
    return new ColourModel(value, height, width, channelsFirst, end, weights);
  }

  ColourModel withSize(long rows, long columns) {
    return new ColourModel(batch, rows, columns, channelsFirst, end, weights);
  }

  ColourModel withChannelsLast() {
    return new ColourModel(batch, height, width, false, end, weights);
  }

  ColourModel withEnd(String operator) {
    return new ColourModel(batch, height, width, channelsFirst, operator, weights);
  }

  ColourModel withWeights(float[][] value) {
    return new ColourModel(batch, height, width, channelsFirst, end, value);
  }

  private static Dimension axis(long size, String name) {
    return size == 0 ? Dimension.of(name) : Dimension.of(size);
  }

  /** The model, to be changed further. */
  GraphBuilder graph() {
    int outputs = weights[0].length;
    float[] flat = new float[3 * outputs];
    for (int channel = 0; channel < 3; channel++) {
      System.arraycopy(weights[channel], 0, flat, channel * outputs, outputs);
    }
    Dimension n = axis(batch, "N");
    Dimension h = axis(height, "H");
    Dimension w = axis(width, "W");
    Dimension three = Dimension.of(3);
    GraphBuilder graph =
        new GraphBuilder("colours", 8, 17)
            .input(
                "x",
                channelsFirst
                    ? ValueType.tensor(ElementType.FLOAT32, n, three, h, w)
                    : ValueType.tensor(ElementType.FLOAT32, n, h, w, three))
            .output("y", ValueType.tensor(ElementType.FLOAT32, n, Dimension.of(outputs)))
            .initializer("w", Tensor.ofFloats(new long[] {3, outputs}, flat));
    String planes = "x";
    if (!channelsFirst) {
      planes = "planes";
      graph.node(
          Node.of("Transpose", List.of("x"), List.of(planes))
              .with("perm", new Attribute.Ints(List.of(0L, 3L, 1L, 2L))));
    }
    List<String> steps = new ArrayList<>(List.of(planes, "mean", "means"));
    graph.node("GlobalAveragePool", List.of(steps.get(0)), "mean");
    graph.node("Flatten", List.of("mean"), "means");
    graph.node("MatMul", List.of("means", "w"), end.isEmpty() ? "y" : "logits");
    if (!end.isEmpty()) {
      graph.node(end, List.of("logits"), "y");
    }
    return graph;
  }

  Path write(Path file) {
    graph().build().write(file);
    return file;
  }
}
