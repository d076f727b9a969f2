package org.alexnetedge.artifacts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.Node;

/**
 * Gradients of convolutions. Those of two axes without groups are convolutions themselves, which
 * ONNX Runtime shares among all its threads. Others are left to its ConvGrad, which unfolds one
 * picture after the other on a single thread.
 */
final class ConvolutionRules {
  private static final List<Long> BATCH_AND_CHANNELS = List.of(1L, 0L, 2L, 3L);

  private ConvolutionRules() {}

  static void conv(Node node, Backward walk) {
    String x = node.inputs().getFirst();
    String w = node.inputs().get(1);
    Node padded = padded(node, walk);
    if (!isPlain(padded, walk)) {
      byKernel(padded, walk, walk.wants(x), walk.wants(w), walk.wants(node, 2));
      return;
    }
    Geometry geometry = Geometry.of(padded, walk.lengths(x, 2), walk.lengths(w, 2));
    if (walk.wants(w)) {
      walk.give(w, ofWeights(padded, geometry, walk));
    }
    if (walk.wants(node, 2)) {
      String axes = walk.graph().longs(0, 2, 3);
      Node sum = Node.of("ReduceSum", List.of(walk.of(node), axes), List.of());
      walk.give(node.inputs().get(2), sum.with("keepdims", Attribute.of(0)));
    }
    if (walk.wants(x)) {
      if (geometry.isDense()) {
        walk.give(x, ofInput(padded, geometry, walk));
      } else {
        byKernel(padded, walk, true, false, false);
      }
    }
  }

  private static boolean isPlain(Node node, Backward walk) {
    List<Dimension> shape = walk.shape(node.inputs().getFirst());
    return node.integer("group", 1) == 1
        && shape.size() == 4
        && shape.subList(2, 4).stream().allMatch(Dimension.Fixed.class::isInstance);
  }

  /**
   * dW[o,i] is the sum over the batch of x[i] correlated with dY[o]. So with batch and channels
   * exchanged it is a convolution of x by dY, in which strides and dilations change places too:
   * [I,N,H,W] by [O,N,H',W'] gives [I,O,kernel].
   */
  private static Node ofWeights(Node node, Geometry geometry, Backward walk) {
    GraphPart graph = walk.graph();
    String x = node.inputs().getFirst();
    String w = node.inputs().get(1);
    String sums =
        graph.add(
            Node.of(
                    "Conv",
                    List.of(exchanged(graph, x), exchanged(graph, walk.of(node))),
                    List.of())
                .with("strides", new Attribute.Ints(geometry.dilations()))
                .with("dilations", new Attribute.Ints(geometry.strides()))
                .with("pads", new Attribute.Ints(geometry.pads())),
            w + "_sums");
    if (!geometry.isWholeSteps()) { // Rows that no window reached are left over at the end.
      sums =
          graph.add(
              "Slice",
              List.of(
                  sums,
                  graph.longs(0, 0),
                  graph.longs(geometry.kernel().get(0), geometry.kernel().get(1)),
                  graph.longs(2, 3)),
              w + "_sums");
    }
    return Node.of("Transpose", List.of(sums), List.of())
        .with("perm", new Attribute.Ints(BATCH_AND_CHANNELS));
  }

  /**
   * With steps of 1, dX is dY convolved by the weights turned by half a circle, with as many zeros
   * around it that each window that saw a value is met again.
   */
  private static Node ofInput(Node node, Geometry geometry, Backward walk) {
    GraphPart graph = walk.graph();
    String w = node.inputs().get(1);
    String turned =
        graph.add(
            "Slice",
            List.of(
                exchanged(graph, w),
                graph.longs(-1, -1),
                graph.longs(Long.MIN_VALUE, Long.MIN_VALUE),
                graph.longs(2, 3),
                graph.longs(-1, -1)),
            w + "_turned");
    return Node.of("Conv", List.of(walk.of(node), turned), List.of())
        .with("dilations", new Attribute.Ints(geometry.dilations()))
        .with("pads", new Attribute.Ints(geometry.padsBack()));
  }

  private static String exchanged(GraphPart graph, String value) {
    return graph.add(
        Node.of("Transpose", List.of(value), List.of())
            .with("perm", new Attribute.Ints(BATCH_AND_CHANNELS)),
        value + "_exchanged");
  }

  /** ConvGrad(dY, X, W) gives dX, dW, dB, all with the convolution's own attributes. */
  private static void byKernel(Node node, Backward walk, boolean dX, boolean dW, boolean dB) {
    boolean[] wanted = {dX, dW, dB};
    List<String> outputs = new ArrayList<>();
    for (int i = 0; i < node.inputs().size(); i++) {
      outputs.add(wanted[i] ? walk.graph().fresh(node.inputs().get(i) + "_grad") : "");
    }
    while (outputs.getLast().isEmpty()) {
      outputs.removeLast();
    }
    walk.graph()
        .add(
            node.withDomain(GraphPart.MICROSOFT)
                .withOp("ConvGrad")
                .withName(walk.graph().fresh(node.outputs().getFirst() + "_conv_grad"))
                .withInputs(List.of(walk.of(node), node.inputs().getFirst(), node.inputs().get(1)))
                .withOutputs(outputs));
    for (int i = 0; i < outputs.size(); i++) {
      if (!outputs.get(i).isEmpty()) {
        walk.give(node.inputs().get(i), outputs.get(i));
      }
    }
  }

  /** With zeros said one by one: neither ConvGrad nor what stands here knows {@code auto_pad}. */
  private static Node padded(Node node, Backward walk) {
    if (node.text("auto_pad", "NOTSET").equals("NOTSET")) {
      return node;
    }
    List<Long> kernel = Arrays.stream(walk.lengths(node.inputs().get(1), 2)).boxed().toList();
    List<Long> pads =
        Padding.explicit(
            node,
            kernel,
            walk.lengths(node.inputs().getFirst(), 2),
            walk.lengths(node.outputs().getFirst(), 2));
    return node.without("auto_pad").with("pads", new Attribute.Ints(pads));
  }

  /**
   * Sizes along the two axes.
   *
   * @param pads zeros before each axis, then after each
   */
  private record Geometry(
      List<Long> input,
      List<Long> kernel,
      List<Long> strides,
      List<Long> dilations,
      List<Long> pads) {
    static Geometry of(Node node, long[] input, long[] kernel) {
      List<Long> ones = Collections.nCopies(2, 1L);
      return new Geometry(
          LongStream.of(input).boxed().toList(),
          LongStream.of(kernel).boxed().toList(),
          node.integers("strides", ones),
          node.integers("dilations", ones),
          node.integers("pads", Collections.nCopies(4, 0L)));
    }

    /** From the first value that a window sees to the last, along an axis. */
    private long reach(int axis) {
      return (kernel.get(axis) - 1) * dilations.get(axis);
    }

    /** Whether the last window along each axis ends where the padded input ends. */
    boolean isWholeSteps() {
      return IntStream.range(0, 2)
          .allMatch(
              axis ->
                  (input.get(axis) + pads.get(axis) + pads.get(2 + axis) - reach(axis) - 1)
                          % strides.get(axis)
                      == 0);
    }

    /** Whether windows are one value apart and pads no longer than a window. */
    boolean isDense() {
      return strides.stream().allMatch(stride -> stride == 1)
          && padsBack().stream().allMatch(pad -> pad >= 0);
    }

    List<Long> padsBack() {
      List<Long> back = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        back.add(reach(i % 2) - pads.get(i));
      }
      return back;
    }
  }
}
