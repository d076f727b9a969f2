package org.alexnetedge.artifacts;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.Tensor;

/** Brings models of old operator sets to one in which gradients can be written. */
final class OperatorSet {
  /** Since this one sums and splits take their axes and lengths as inputs. */
  static final long OLDEST = 13;

  /** What older models are lifted to. */
  private static final long LIFTED = 17;

  /** Version of the file format that goes with it. */
  private static final long LIFTED_IR = 8;

  /** Mean the same from operator set 7 to 17. */
  private static final Set<String> UNCHANGED =
      Set.of(
          "Add",
          "AveragePool",
          "Concat",
          "Constant",
          "Conv",
          "Div",
          "Flatten",
          "Gather",
          "Gemm",
          "GlobalAveragePool",
          "GlobalMaxPool",
          "HardSigmoid",
          "Identity",
          "LRN",
          "LeakyRelu",
          "MatMul",
          "MaxPool",
          "Mul",
          "ReduceMean",
          "Relu",
          "Reshape",
          "Shape",
          "Sigmoid",
          "Sub",
          "Tanh",
          "Transpose");

  private OperatorSet() {}

  /**
   * The same model in operator set 13 or newer.
   *
   * @throws ArtifactException when an older one has a node that would mean something else
   */
  static OnnxModel lift(OnnxModel model) {
    long version = model.opsets().getOrDefault("", LIFTED);
    if (version >= OLDEST) {
      return model;
    }
    if (version < 7) {
      throw new ArtifactException(
          "The model has operator set "
              + version
              + "; 7 or newer is needed. Convert it (onnx.version_converter).");
    }
    List<Node> nodes = new ArrayList<>();
    GraphBuilder graph = GraphBuilder.of(model);
    for (Node node : model.graph().nodes()) {
      nodes.add(lift(node, version, graph));
    }
    return graph.nodes(nodes).opset("", LIFTED).irVersion(LIFTED_IR).build();
  }

  private static Node lift(Node node, long version, GraphBuilder graph) {
    if (!node.domain().isEmpty() || UNCHANGED.contains(node.op())) {
      return node;
    }
    switch (node.op()) {
      case "BatchNormalization" -> {
        if (node.outputs().size() == 1 && node.integer("spatial", 1) == 1) {
          return node.without("spatial");
        }
      }
      case "Clip" -> {
        return version >= 11 ? node : withBounds(node, graph);
      }
      case "Dropout" -> {
        if (version >= 12) {
          return node;
        }
        String ratio = node.outputs().getFirst() + "_ratio";
        graph.initializer(ratio, Tensor.ofFloats(new long[0], node.real("ratio", 0.5f)));
        return node.without("ratio")
            .withInputs(List.of(node.inputs().getFirst(), ratio))
            .withOutputs(node.outputs().subList(0, 1));
      }
      case "Softmax", "LogSoftmax" -> {
        // Over all axes from this one on, where newer ones mean this one alone. The last nodes of
        // a classifier: [N, classes], or [N, classes, 1, 1].
        if (node.integer("axis", 1) == 1) {
          return node.with("axis", Attribute.of(1));
        }
      }
      default -> {}
    }
    throw new ArtifactException(
        "The model has operator set "
            + version
            + ", in which the node '"
            + node.name()
            + "' ("
            + node.op()
            + ") may mean something else than today. Convert the model to operator set 17"
            + " (onnx.version_converter).");
  }

  /** A Clip's bounds as inputs, which were attributes. */
  private static Node withBounds(Node node, GraphBuilder graph) {
    String y = node.outputs().getFirst();
    graph.initializer(y + "_min", bound(node.real("min", -Float.MAX_VALUE)));
    graph.initializer(y + "_max", bound(node.real("max", Float.MAX_VALUE)));
    return node.without("min")
        .without("max")
        .withInputs(List.of(node.inputs().getFirst(), y + "_min", y + "_max"));
  }

  private static Tensor bound(float value) {
    return Tensor.ofFloats(new long[0], value);
  }
}
