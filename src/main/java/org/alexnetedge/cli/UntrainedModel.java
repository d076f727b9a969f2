package org.alexnetedge.cli;

import java.lang.foreign.Arena;
import java.util.List;
import org.alexnetedge.alexnet.Configuration;
import org.alexnetedge.alexnet.InitialWeights;
import org.alexnetedge.alexnet.Network;
import org.alexnetedge.alexnet.NetworkGraph;
import org.alexnetedge.alexnet.Variant;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.pipeline.ModelDescription;
import org.alexnetedge.pipeline.ModelDescription.Output;
import org.alexnetedge.pipeline.ModelDescription.Task;

/** An AlexNet with random weights that describes itself. */
final class UntrainedModel {
  private UntrainedModel() {}

  /**
   * Makes the model.
   *
   * @param network of the configuration
   * @param labels of its classes; empty when they have no names
   * @param arena owner of the weights' memory
   */
  static OnnxModel of(
      Network network, Configuration configuration, List<String> labels, long seed, Arena arena) {
    GraphBuilder graph = NetworkGraph.of(network, InitialWeights.of(network, seed, arena));
    String version = UntrainedModel.class.getPackage().getImplementationVersion();
    graph.producer("alexnet-edge", version == null ? "" : version);
    // Keras' variant has its last activation in the graph, and asks two classes as a yes or no.
    boolean keras = configuration.variant() == Variant.KERAS;
    new ModelDescription(
            labels.isEmpty() ? null : labels,
            NetworkOptions.recipe(configuration),
            keras && configuration.classes() <= 2 ? Task.SIGMOID : Task.SOFTMAX,
            keras ? Output.PROBABILITIES : Output.LOGITS)
        .properties()
        .forEach(graph::metadata);
    return graph
        .metadata("provenance", "random weights, seed " + seed + ", He initialisation")
        .build();
  }
}
