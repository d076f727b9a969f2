package org.alexnetedge.alexnet;

import com.google.gson.JsonObject;
import java.util.ArrayList;
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

  /** Name of the output of a network whose last layer is fully connected. */
  public static final String LOGITS = "logits";

  /** Name of the output of a network that ends in a sigmoid or a softmax. */
  public static final String PROBABILITIES = "probabilities";

  /**
   * The metadata that says where dropout belongs while training, since the graph has none: a JSON
   * object from the name of a value to the probability that one of its elements is zeroed, {@code
   * {"flatten": 0.5}}. An empty object: nowhere.
   */
  public static final String DROPOUT = "dropout";

  private NetworkGraph() {}

  /**
   * Builds the graph: {@code input} float32 [batch, channels, height, width] to {@code logits} or
   * {@code probabilities} float32 [batch, classes], for any batch. Nodes and values have the
   * layers' names, initializers those of the parameters. The metadata {@code dropout} is set.
   *
   * @param weights float32 by parameter name, exactly those that the network has; not copied, so
   *     their memory must live until the model is written
   * @return a builder, so that more metadata can be added
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
    String output = output(network);
    JsonObject dropout = new JsonObject();
    List<Network.Step> steps = network.steps();
    for (Network.Step step : steps) {
      String name = step.layer().name();
      Optional<Node> node = node(step, value, step == steps.getLast() ? output : name);
      if (node.isPresent()) {
        graph.node(node.get().withName(name));
        value = node.get().outputs().getFirst();
      }
      if (step.layer() instanceof Layer.Dropout(String unused, float probability)) {
        dropout.addProperty(value, probability);
      }
    }
    if (!value.equals(output)) {
      throw new IllegalArgumentException("the last layer of a network must compute something");
    }
    graph.metadata(DROPOUT, dropout.toString());
    graph.output(
        output,
        ValueType.tensor(
            ElementType.FLOAT32,
            Dimension.of("batch"),
            Dimension.of(steps.getLast().output().channels())));
    for (Parameter parameter : network.parameters()) {
      graph.initializer(parameter.name(), weights.get(parameter.name()));
    }
    return graph;
  }

  /** Name of the output: what the last layer gives. */
  public static String output(Network network) {
    return switch (network.layers().getLast()) {
      case Layer.Sigmoid sigmoid -> PROBABILITIES;
      case Layer.Softmax softmax -> PROBABILITIES;
      default -> LOGITS;
    };
  }

  /** The operation of a layer; empty when it does nothing in inference. */
  private static Optional<Node> node(Network.Step step, String input, String output) {
    List<String> outputs = List.of(output);
    List<String> inputs = new ArrayList<>(List.of(input));
    step.parameters().forEach(parameter -> inputs.add(parameter.name()));
    return switch (step.layer()) {
      case Layer.Conv conv -> Optional.of(convolution(conv, inputs, outputs));
      case Layer.Relu relu -> Optional.of(Node.of("Relu", inputs, outputs));
      case Layer.LocalResponseNorm norm ->
          Optional.of(
              Node.of("LRN", inputs, outputs)
                  .with("size", Attribute.of(norm.size()))
                  .with("alpha", Attribute.of(norm.alpha()))
                  .with("beta", Attribute.of(norm.beta()))
                  .with("bias", Attribute.of(norm.bias())));
      case Layer.BatchNorm norm ->
          Optional.of(
              Node.of("BatchNormalization", inputs, outputs)
                  .with("epsilon", Attribute.of(norm.epsilon()))
                  .with("momentum", Attribute.of(norm.momentum())));
      case Layer.MaxPool pool ->
          Optional.of(
              Node.of("MaxPool", inputs, outputs)
                  .with("kernel_shape", Attribute.ints(pool.kernel(), pool.kernel()))
                  .with("strides", Attribute.ints(pool.stride(), pool.stride())));
      case Layer.AdaptiveAvgPool pool -> averagePool(step, pool, input, outputs);
      case Layer.Flatten flatten ->
          Optional.of(Node.of("Flatten", inputs, outputs).with("axis", Attribute.of(1)));
      case Layer.Dropout dropout -> Optional.empty();
      case Layer.Linear linear ->
          Optional.of(Node.of("Gemm", inputs, outputs).with("transB", Attribute.of(1)));
      case Layer.Sigmoid sigmoid -> Optional.of(Node.of("Sigmoid", inputs, outputs));
      case Layer.Softmax softmax ->
          Optional.of(Node.of("Softmax", inputs, outputs).with("axis", Attribute.of(1)));
    };
  }

  private static Node convolution(Layer.Conv conv, List<String> inputs, List<String> outputs) {
    long padding = conv.padding();
    Node node =
        Node.of("Conv", inputs, outputs)
            .with("kernel_shape", Attribute.ints(conv.kernel(), conv.kernel()))
            .with("strides", Attribute.ints(conv.stride(), conv.stride()))
            .with("pads", Attribute.ints(padding, padding, padding, padding));
    return conv.groups() == 1 ? node : node.with("group", Attribute.of(conv.groups()));
  }

  /**
   * ONNX has no adaptive pooling. Window i of S over n values goes from floor(i n / S) to ceil((i +
   * 1) n / S): where n is a multiple of S, or one more, all have one size and one stride, which is
   * plain pooling.
   */
  private static Optional<Node> averagePool(
      Network.Step step, Layer.AdaptiveAvgPool pool, String input, List<String> outputs) {
    int height = step.input().height();
    int width = step.input().width();
    if (height == pool.side() && width == pool.side()) {
      return Optional.empty();
    }
    if (height < pool.side()
        || width < pool.side()
        || height % pool.side() > 1
        || width % pool.side() > 1) {
      throw new IllegalArgumentException(
          "a map of " + height + " x " + width + " cannot be averaged to " + pool.side());
    }
    long rows = height / pool.side();
    long columns = width / pool.side();
    Attribute window = Attribute.ints(rows + height % pool.side(), columns + width % pool.side());
    return Optional.of(
        Node.of("AveragePool", List.of(input), outputs)
            .with("kernel_shape", window)
            .with("strides", Attribute.ints(rows, columns)));
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
