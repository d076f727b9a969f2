package org.alexnetedge.artifacts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.onnx.ValueType;

/** Gradients of pooling. Values are [N, channels, lengths...]. */
final class PoolingRules {
  private PoolingRules() {}

  /**
   * MaxPoolGrad(dY, Indices). Its output must be declared, since ONNX Runtime 1.24 ends the process
   * when it has to infer the shape.
   */
  static void maxPool(Node node, Backward walk) {
    String input = node.inputs().getFirst();
    List<Dimension> shape = new ArrayList<>(List.of(ForwardGraph.BATCH));
    Arrays.stream(walk.lengths(input, 1)).mapToObj(Dimension::of).forEach(shape::add);
    Node gradient =
        Node.of("MaxPoolGrad", List.of(walk.of(node), node.outputs().get(1)), List.of());
    for (String name : List.of("kernel_shape", "strides", "pads", "auto_pad")) {
      if (node.attribute(name).isPresent()) {
        gradient = gradient.with(name, node.attribute(name).get());
      }
    }
    String given = walk.graph().add(gradient, input + "_grad");
    walk.graph().declare(given, new ValueType.OfTensor(ElementType.FLOAT32, shape));
    walk.give(input, given);
  }

  /**
   * Each window spreads its gradient over what it averaged: dY, divided by the number of values in
   * each window, through a transposed convolution with ones, channel by channel.
   */
  static void averagePool(Node node, Backward walk) {
    String input = node.inputs().getFirst();
    long[] lengths = walk.lengths(input, 2);
    long[] outputs = walk.lengths(node.outputs().getFirst(), 2);
    long channels = walk.lengths(input, 1)[0];
    Windows windows = Windows.of(node, lengths, outputs);
    String each =
        walk.graph()
            .add(
                "Div",
                List.of(walk.of(node), walk.graph().constant("window_sizes", windows.sizes())),
                input + "_grad_each");
    List<Long> kernel = windows.kernel();
    long[] shape = new long[2 + kernel.size()];
    shape[0] = channels;
    shape[1] = 1;
    for (int i = 0; i < kernel.size(); i++) {
      shape[2 + i] = kernel.get(i);
    }
    float[] ones = new float[Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact))];
    Arrays.fill(ones, 1);
    String weights = walk.graph().constant("window_ones", Tensor.ofFloats(shape, ones));
    walk.give(
        input,
        Node.of("ConvTranspose", List.of(each, weights), List.of())
            .with("group", Attribute.of(channels))
            .with("kernel_shape", new Attribute.Ints(kernel))
            .with("strides", new Attribute.Ints(windows.strides()))
            .with("dilations", new Attribute.Ints(windows.dilations()))
            .with("pads", new Attribute.Ints(windows.padsOfGradient()))
            .with("output_padding", new Attribute.Ints(windows.uncovered())));
  }

  /**
   * Where the windows of an average lie.
   *
   * @param lengths of the input's axes in space
   * @param outputs number of windows along each
   * @param pads before each axis, then after each
   */
  private record Windows(
      long[] lengths,
      long[] outputs,
      List<Long> kernel,
      List<Long> strides,
      List<Long> dilations,
      List<Long> pads,
      boolean countPads) {

    static Windows of(Node node, long[] lengths, long[] outputs) {
      int axes = lengths.length;
      List<Long> ones = Collections.nCopies(axes, 1L);
      List<Long> kernel = node.integers("kernel_shape", List.of());
      List<Long> strides = node.integers("strides", ones);
      List<Long> dilations = node.integers("dilations", ones);
      List<Long> pads = Padding.explicit(node, kernel, lengths, outputs);
      boolean countPads = node.integer("count_include_pad", 0) != 0;
      return new Windows(lengths, outputs, kernel, strides, dilations, pads, countPads);
    }

    /** How many values each window averages: float32 [1, 1, outputs...]. */
    Tensor sizes() {
      long[] shape = new long[2 + outputs.length];
      shape[0] = 1;
      shape[1] = 1;
      System.arraycopy(outputs, 0, shape, 2, outputs.length);
      float[] sizes = {1};
      for (int axis = 0; axis < outputs.length; axis++) {
        float[] further = new float[Math.toIntExact(sizes.length * outputs[axis])];
        for (int i = 0; i < further.length; i++) {
          further[i] =
              sizes[(int) (i / outputs[axis])] * sizeAlong(axis, (int) (i % outputs[axis]));
        }
        sizes = further;
      }
      return Tensor.ofFloats(shape, sizes);
    }

    private int sizeAlong(int axis, int window) {
      long first = window * strides.get(axis) - pads.get(axis);
      long from = countPads ? -pads.get(axis) : 0;
      long to = lengths[axis] + (countPads ? pads.get(outputs.length + axis) : 0);
      int size = 0;
      for (int i = 0; i < kernel.get(axis); i++) {
        long at = first + i * dilations.get(axis);
        size += at >= from && at < to ? 1 : 0;
      }
      return size;
    }

    /** What the windows reach beyond the input's end, or leave of it when it is below 0. */
    private long beyond(int axis) {
      long reach = (outputs[axis] - 1) * strides.get(axis);
      reach += (kernel.get(axis) - 1) * dilations.get(axis) + 1;
      return reach - pads.get(axis) - lengths[axis];
    }

    List<Long> padsOfGradient() {
      List<Long> all = new ArrayList<>(pads.subList(0, lengths.length));
      for (int axis = 0; axis < lengths.length; axis++) {
        all.add(Math.max(0, beyond(axis)));
      }
      return all;
    }

    /** Values at the end that no window sees: less than a stride. */
    List<Long> uncovered() {
      List<Long> all = new ArrayList<>();
      for (int axis = 0; axis < lengths.length; axis++) {
        all.add(Math.max(0, -beyond(axis)));
      }
      return all;
    }
  }

  /** Each value of a channel gets an equal share. */
  static void globalAveragePool(Node node, Backward walk) {
    GraphPart graph = walk.graph();
    String input = node.inputs().getFirst();
    String count =
        graph.add(
            "Div",
            List.of(
                graph.add("Size", List.of(input), input + "_size"),
                graph.add("Size", List.of(node.outputs().getFirst()), input + "_pooled_size")),
            input + "_count");
    Node real =
        Node.of("Cast", List.of(count), List.of())
            .with("to", Attribute.of(ElementType.FLOAT32.code()));
    String each =
        graph.add(
            "Div", List.of(walk.of(node), graph.add(real, input + "_count")), input + "_each");
    String shape = graph.add("Shape", List.of(input), input + "_shape");
    walk.give(input, Node.of("Expand", List.of(each, shape), List.of()));
  }
}
