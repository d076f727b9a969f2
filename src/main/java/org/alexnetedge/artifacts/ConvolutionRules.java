package org.alexnetedge.artifacts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.ValueType;

/**
 * Gradients of convolutions. Those of two axes without groups are made of matrix products and other
 * convolutions, which ONNX Runtime shares among all its threads. Others are left to its ConvGrad,
 * which unfolds one picture after the other on a single thread.
 */
final class ConvolutionRules {
  private static final List<Long> BATCH_AND_CHANNELS = List.of(1L, 0L, 2L, 3L);
  private static final List<Long> CHANNELS_LAST = List.of(0L, 2L, 3L, 1L);

  /** Places of a window up to which there is a product for each: 5 x 5, but not 11 x 11. */
  private static final long MOST_PRODUCTS = 25;

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
      walk.give(
          w,
          geometry.windowSize() <= MOST_PRODUCTS
              ? byProducts(padded, geometry, walk)
              : byConvolution(padded, geometry, walk));
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
    return node.integer("group", 1) == 1
        && walk.isFixed(node.inputs().getFirst(), 2, 4)
        && walk.isFixed(node.inputs().get(1), 0, 4);
  }

  /**
   * For each place (y,x) of the window, dW[:,:,y,x] is the product of dY as a matrix [O, N H' W']
   * and of what the windows see at this place, [N H' W', I]. Large matrices, of which nothing is
   * unfolded: with the channels last, what is seen at a place is a part of x.
   */
  private static Node byProducts(Node node, Geometry geometry, Backward walk) {
    GraphPart graph = walk.graph();
    String x = node.inputs().getFirst();
    String w = node.inputs().get(1);
    long outputs = walk.lengths(w, 0)[0];
    String dY =
        graph.add(
            "Reshape",
            List.of(exchanged(graph, walk.of(node)), graph.longs(outputs, -1)),
            w + "_matrix");
    String seen = graph.add(transposed(padded(graph, x, geometry), CHANNELS_LAST), x + "_last");
    long inputs = walk.lengths(w, 0)[1];
    List<String> products = new ArrayList<>();
    for (long row = 0; row < geometry.kernel().get(0); row++) {
      for (long column = 0; column < geometry.kernel().get(1); column++) {
        long top = row * geometry.dilations().get(0);
        long left = column * geometry.dilations().get(1);
        String place =
            graph.add(
                "Slice",
                List.of(
                    seen,
                    graph.longs(top, left),
                    graph.longs(top + geometry.span(0), left + geometry.span(1)),
                    graph.longs(1, 2),
                    graph.longs(geometry.strides().get(0), geometry.strides().get(1))),
                x + "_place");
        String matrix = graph.add("Reshape", List.of(place, graph.longs(-1, inputs)), x + "_place");
        products.add(graph.add("Gemm", List.of(dY, matrix), w + "_product"));
      }
    }
    String all =
        graph.add(
            Node.of("Concat", products, List.of()).with("axis", Attribute.of(0)), w + "_products");
    String byPlace =
        graph.add(
            "Reshape",
            List.of(all, graph.longs(geometry.windowSize(), outputs, inputs)),
            w + "_products");
    String turned = graph.add(transposed(byPlace, List.of(1L, 2L, 0L)), w + "_products");
    return Node.of("Reshape", List.of(turned, graph.longs(walk.lengths(w, 0))), List.of());
  }

  private static String padded(GraphPart graph, String value, Geometry geometry) {
    List<Long> pads = geometry.pads();
    if (pads.stream().allMatch(pad -> pad == 0)) {
      return value;
    }
    String zeros = graph.longs(0, 0, pads.get(0), pads.get(1), 0, 0, pads.get(2), pads.get(3));
    return graph.add("Pad", List.of(value, zeros), value + "_padded");
  }

  private static Node transposed(String value, List<Long> order) {
    return Node.of("Transpose", List.of(value), List.of()).with("perm", new Attribute.Ints(order));
  }

  /**
   * dW[o,i] is the sum over the batch of x[i] correlated with dY[o]. So with batch and channels
   * exchanged it is a convolution of x by dY, in which strides and dilations change places too:
   * [I,N,H,W] by [O,N,H',W'] gives [I,O,kernel].
   */
  private static Node byConvolution(Node node, Geometry geometry, Backward walk) {
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
                .with("pads", new Attribute.Ints(geometry.padsReached())),
            w + "_sums");
    if (geometry.leavesValues()) {
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
    return transposed(sums, BATCH_AND_CHANNELS);
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
    // For BlockedConvolutions, which asks for the shapes of weights.
    long[] shape = walk.lengths(w, 0);
    graph.declare(
        turned, ValueType.tensor(ElementType.FLOAT32, shape[1], shape[0], shape[2], shape[3]));
    return Node.of("Conv", List.of(walk.of(node), turned), List.of())
        .with("dilations", new Attribute.Ints(geometry.dilations()))
        .with("pads", new Attribute.Ints(geometry.padsBack()));
  }

  private static String exchanged(GraphPart graph, String value) {
    return graph.add(transposed(value, BATCH_AND_CHANNELS), value + "_exchanged");
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

    /** Number of places in a window. */
    long windowSize() {
      return kernel.get(0) * kernel.get(1);
    }

    /** From the first window's value at a place to behind the last window's, along an axis. */
    long span(int axis) {
      long padded = input.get(axis) + pads.get(axis) + pads.get(2 + axis);
      long windows = (padded - reach(axis) - 1) / strides.get(axis) + 1;
      return (windows - 1) * strides.get(axis) + 1;
    }

    /** From the first value that a window sees to the last, along an axis. */
    private long reach(int axis) {
      return (kernel.get(axis) - 1) * dilations.get(axis);
    }

    /** Zeros around, without those at the end that no window reaches. */
    List<Long> padsReached() {
      List<Long> reached = new ArrayList<>(pads);
      for (int axis = 0; axis < 2; axis++) {
        reached.set(2 + axis, Math.max(0, pads.get(2 + axis) - leftOver(axis)));
      }
      return reached;
    }

    /** Whether values of the input, not zeros only, lie behind all windows. */
    boolean leavesValues() {
      return IntStream.range(0, 2).anyMatch(axis -> leftOver(axis) > pads.get(2 + axis));
    }

    /** Values and zeros behind the last window, along an axis. */
    private long leftOver(int axis) {
      long padded = input.get(axis) + pads.get(axis) + pads.get(2 + axis);
      return (padded - reach(axis) - 1) % strides.get(axis);
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
