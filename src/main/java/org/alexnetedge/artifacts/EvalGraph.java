package org.alexnetedge.artifacts;

import java.util.List;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;

/**
 * The eval model: as for inference, without dropout and with running statistics, and the loss. With
 * the moving averages of the weights where there are some.
 */
final class EvalGraph {
  private EvalGraph() {}

  static OnnxModel of(ForwardGraph forward, Parameters parameters, ArtifactOptions options) {
    GraphPart part = new GraphPart(forward.names());
    for (Node node : forward.nodes()) {
      part.add(
          node.withInputs(
              node.inputs().stream()
                  .map(input -> parameters.averages().getOrDefault(input, input))
                  .toList()));
    }
    Loss.add(part, forward.logits(), forward.isBinary(), options.distillation());
    GraphBuilder graph = begin(forward, parameters, options);
    part.addTo(graph);
    return graph.build();
  }

  /** Inputs, outputs and constants, which eval and training graph share. */
  static GraphBuilder begin(ForwardGraph forward, Parameters parameters, ArtifactOptions options) {
    GraphBuilder graph = GraphBuilder.of(forward.model());
    graph.nodes(List.of()).clearInputs().clearOutputs().clearValues();
    forward.model().graph().initializers().keySet().forEach(graph::removeInitializer);
    forward.inputs().forEach(input -> graph.input(input.name(), input.type()));
    Loss.declareInputs(graph, forward, options.distillation());
    parameters.declareInputs(graph);
    parameters.addConstants(graph, forward);
    Loss.declareOutputs(graph, forward);
    return graph.opset(GraphPart.MICROSOFT, 1);
  }
}
