package org.alexnetedge.alexnet;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.onnx.ValueType;

/** The ONNX graph of a network, for inference: dropout is left out. */
public final class NetworkGraph {
  /** Read by ONNX Runtime since 1.12. */
  private static final long IR_VERSION = 8;

  private static final long OPSET = 17;

  public static final String INPUT = "input";
  public static final String OUTPUT = "logits";

  private NetworkGraph() {}

  /**
   * Builds the graph: {@code input} float32 [batch, channels, height, width] to {@code logits}
   * float32 [batch, classes], for any batch. Nodes and values have the layers' names, initializers
   * those of the parameters.
   *
   * @param weights float32 by parameter name, exactly those that the network has; not copied, so
   *     their memory must live until the model is written
   * @return a builder, so that metadata can be added
   * @throws IllegalArgumentException when a weight is missing, too many or of another shape or type
   */
  public static GraphBuilder of(Network network, Map<String, Tensor> weights) {
    check(network, weights);
    FeatureMap input = network.input();
    GraphBuilder graph = new GraphBuilder(network.name(), IR_VERSION, OPSET);
    graph.input(
        INPUT,
        ValueType.tensor(
            ElementType.FLOAT32,
            Dimension.of("batch"),
            Dimension.of(input.channels()),
            Dimension.of(input.height()),
            Dimension.of(input.width())));
    String value = INPUT;
    List<Network.Step> steps = network.steps();
    for (Network.Step step : steps) {
      String name = step.layer().name();
      Optional<Node> node = node(step, value, step == steps.getLast() ? OUTPUT : name);
      if (node.isPresent()) {
        graph.node(node.get().withName(name));
        value = node.get().outputs().getFirst();
      }
    }
    if (!value.equals(OUTPUT)) {
      throw new IllegalArgumentException("the last layer of a network must compute something");
    }
    graph.output(
        OUTPUT,
        ValueType.tensor(
            ElementType.FLOAT32,
            Dimension.of("batch"),
            Dimension.of(steps.getLast().output().channels())));
    for (Parameter parameter : network.parameters()) {
      graph.initializer(parameter.name(), weights.get(parameter.name()));
    }
    return graph;
  }

  /** The operation of a layer; empty when it does nothing in inference. */
  private static Optional<Node> node(Network.Step step, String input, String output) {
    List<String> outputs = List.of(output);
    return switch (step.layer()) {
      case Layer.Conv conv ->
          Optional.of(
              Node.of("Conv", weighted(input, conv), outputs)
                  .with("kernel_shape", Attribute.ints(conv.kernel(), conv.kernel()))
                  .with("strides", Attribute.ints(conv.stride(), conv.stride()))
                  .with(
                      "pads",
                      Attribute.ints(
                          conv.padding(), conv.padding(), conv.padding(), conv.padding())));
      case Layer.Relu relu -> Optional.of(Node.of("Relu", List.of(input), outputs));
      case Layer.MaxPool pool ->
          Optional.of(
              Node.of("MaxPool", List.of(input), outputs)
                  .with("kernel_shape", Attribute.ints(pool.kernel(), pool.kernel()))
                  .with("strides", Attribute.ints(pool.stride(), pool.stride())));
      case Layer.AdaptiveAvgPool pool -> averagePool(step, pool, input, outputs);
      case Layer.Flatten flatten ->
          Optional.of(Node.of("Flatten", List.of(input), outputs).with("axis", Attribute.of(1)));
      case Layer.Dropout dropout -> Optional.empty();
      case Layer.Linear linear ->
          Optional.of(
              Node.of("Gemm", weighted(input, linear), outputs).with("transB", Attribute.of(1)));
    };
  }

  private static List<String> weighted(String input, Layer layer) {
    return List.of(input, layer.name() + ".weight", layer.name() + ".bias");
  }

  /** ONNX has no adaptive pooling; where the map divides evenly, it is a plain one. */
  private static Optional<Node> averagePool(
      Network.Step step, Layer.AdaptiveAvgPool pool, String input, List<String> outputs) {
    int height = step.input().height();
    int width = step.input().width();
    if (height == pool.side() && width == pool.side()) {
      return Optional.empty();
    }
    if (height % pool.side() != 0 || width % pool.side() != 0) {
      throw new IllegalArgumentException(
          "a map of " + height + " x " + width + " cannot be averaged to " + pool.side());
    }
    Attribute window = Attribute.ints(height / pool.side(), width / pool.side());
    return Optional.of(
        Node.of("AveragePool", List.of(input), outputs)
            .with("kernel_shape", window)
            .with("strides", window));
  }

  private static void check(Network network, Map<String, Tensor> weights) {
    Set<String> unused = new LinkedHashSet<>(weights.keySet());
    for (Parameter parameter : network.parameters()) {
      Tensor tensor = weights.get(parameter.name());
      if (tensor == null) {
        throw new IllegalArgumentException("the weight '" + parameter.name() + "' is missing");
      }
      if (tensor.type() != ElementType.FLOAT32
          || !Arrays.equals(tensor.shape(), parameter.dimensions())) {
        throw new IllegalArgumentException(
            "the weight '"
                + parameter.name()
                + "' is "
                + tensor
                + ", where float32"
                + parameter.shape().toString().replace(" ", "")
                + " is needed");
      }
      unused.remove(parameter.name());
    }
    if (!unused.isEmpty()) {
      throw new IllegalArgumentException("the network has no weights " + unused);
    }
  }
}
