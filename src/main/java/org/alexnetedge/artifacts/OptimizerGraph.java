package org.alexnetedge.artifacts;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.ValueType;

/**
 * The optimizer model: one node, and those before it that clip. Inputs, in this order: learning
 * rate [1], step int64 [1], and sequences of the parameters, their gradients, and their moments.
 * ONNX Runtime's order of the parameters in them changes from process to process.
 */
final class OptimizerGraph {
  private static final long IR_VERSION = 8;
  private static final long OPSET = 14;

  /** AdamWOptimizer's {@code adam_mode}. */
  private enum Mode {
    /** Epsilon is added after the correction of bias, decay is applied before the update. */
    TORCH,
    /** Epsilon is added before the correction of bias, decay is applied after the update. */
    OTHERS
  }

  private OptimizerGraph() {}

  /**
   * @param clipNorm largest norm of all gradients together, 0 for any
   * @param parameters number of those that are trained
   */
  static OnnxModel of(Optimizer optimizer, float clipNorm, int parameters) {
    GraphBuilder graph = new GraphBuilder("optimizer", IR_VERSION, OPSET);
    graph.opset(GraphPart.MICROSOFT, 1);
    graph.input("learning_rate", ValueType.tensor(ElementType.FLOAT32, 1L));
    graph.input("step", ValueType.tensor(ElementType.INT64, 1L));
    ValueType tensors = new ValueType.OfSequence(new ValueType.OfTensor(ElementType.FLOAT32, null));
    List<String> sequences = new ArrayList<>(List.of("params", "gradients", "first_order_moments"));
    if (!(optimizer instanceof Optimizer.Sgd)) {
      sequences.add("second_order_moments");
    }
    sequences.forEach(name -> graph.input(name, tensors));
    if (clipNorm > 0) {
      GraphPart clipping = new GraphPart(Set.of());
      sequences.set(1, clipped("gradients", clipNorm, parameters, clipping));
      clipping.addTo(graph);
    }
    List<String> inputs = new ArrayList<>(List.of("learning_rate"));
    if (optimizer instanceof Optimizer.Sgd) {
      // ONNX Runtime feeds the step and a moment all the same.
      inputs.addAll(sequences.subList(0, 2));
    } else {
      inputs.add("step");
      inputs.addAll(sequences);
    }
    graph.node(
        rule(optimizer).withInputs(inputs).withOutputs(List.of("updated_flag")).withName("update"));
    graph.output("updated_flag", ValueType.tensor(ElementType.BOOL, Dimension.of(1)));
    return graph.build();
  }

  /**
   * The gradients times min(1, clipNorm / (norm + 1e-6)). Not by ONNX Runtime's own operator, which
   * sums squares in the order of the sequence, so that no two processes come to the same norm: here
   * they are summed by size.
   */
  private static String clipped(String gradients, float clipNorm, int parameters, GraphPart graph) {
    List<String> each = new ArrayList<>();
    List<String> squares = new ArrayList<>();
    for (int i = 0; i < parameters; i++) {
      String gradient =
          graph.add("SequenceAt", List.of(gradients, graph.index(i)), gradients + "_" + i);
      String row = graph.add("Reshape", List.of(gradient, graph.longs(-1)), gradient + "_row");
      squares.add(graph.add("ReduceSumSquare", List.of(row), gradient + "_square"));
      each.add(gradient);
    }
    String all =
        graph.add(Node.of("Concat", squares, List.of()).with("axis", Attribute.of(0)), "squares");
    String sorted = graph.fresh("squares_sorted");
    graph.add(
        Node.of(
                "TopK",
                List.of(all, graph.longs(parameters)),
                List.of(sorted, graph.fresh("order")))
            .withName(sorted));
    String sum =
        graph.add(
            Node.of("ReduceSum", List.of(sorted), List.of()).with("keepdims", Attribute.of(0)),
            "square");
    String norm = graph.add("Sqrt", List.of(sum), "norm");
    String above = graph.add("Add", List.of(norm, graph.scalar(1e-6f)), "norm_above_zero");
    String share = graph.add("Div", List.of(graph.scalar(clipNorm), above), "share");
    String factor = graph.add("Min", List.of(share, graph.scalar(1)), "factor");
    List<String> clipped =
        each.stream().map(one -> graph.add("Mul", List.of(one, factor), one + "_clipped")).toList();
    return graph.add("SequenceConstruct", clipped, "clipped_gradients");
  }

  private static Node rule(Optimizer optimizer) {
    return switch (optimizer) {
      case Optimizer.AdamW a ->
          adam(a.beta1(), a.beta2(), a.epsilon(), a.weightDecay(), Mode.TORCH, true);
      case Optimizer.Adam a -> adam(a.beta1(), a.beta2(), a.epsilon(), 0, Mode.TORCH, true);
      case Optimizer.KerasAdam a -> adam(a.beta1(), a.beta2(), a.epsilon(), 0, Mode.OTHERS, true);
      // The second moment stays 0, so that the update is rate * m / (0 + 1).
      case Optimizer.Momentum(float mu, float decay) -> adam(mu, 1, 1, 0, Mode.OTHERS, false);
      case Optimizer.Sgd sgd ->
          Node.of("SGDOptimizerV2", List.of(), List.of()).withDomain(GraphPart.MICROSOFT);
    };
  }

  private static Node adam(
      float alpha, float beta, float epsilon, float decay, Mode mode, boolean correctBias) {
    return Node.of("AdamWOptimizer", List.of(), List.of())
        .withDomain(GraphPart.MICROSOFT)
        .with("alpha", Attribute.of(alpha))
        .with("beta", Attribute.of(beta))
        .with("epsilon", Attribute.of(epsilon))
        .with("weight_decay", Attribute.of(decay))
        .with("adam_mode", Attribute.of(mode.ordinal()))
        .with("correct_bias", Attribute.of(correctBias ? 1 : 0));
  }
}
