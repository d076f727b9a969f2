package org.alexnetedge.artifacts;

import java.util.ArrayList;
import java.util.List;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.ValueType;

/**
 * The optimizer model: one node, and one before it that clips. Inputs, in this order: learning rate
 * [1], step int64 [1], and sequences of the parameters, their gradients, and their moments.
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

  static OnnxModel of(Optimizer optimizer, float clipNorm) {
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
      graph.node(
          Node.of("InplaceClipGradNorm", List.of("gradients"), List.of("clipped_gradients"))
              .withDomain(GraphPart.MICROSOFT)
              .with("max_norm", Attribute.of(clipNorm))
              .with("norm_type", Attribute.of("fro")));
      sequences.set(1, "clipped_gradients");
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
