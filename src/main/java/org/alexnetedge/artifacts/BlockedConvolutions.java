package org.alexnetedge.artifacts;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Graph;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.ValueInfo;
import org.alexnetedge.onnx.ValueType;
import org.jspecify.annotations.Nullable;

/**
 * Convolutions in the layout NCHWc of ONNX Runtime's CPU kernels: channels in blocks of as many as
 * a vector register holds numbers, so that a window is multiplied where it lies and nothing is
 * unfolded. ONNX Runtime turns convolutions into these by itself where their weights are constants.
 * In training and eval models weights are inputs, so that it is done here, and weights are brought
 * into blocks in each step. That takes a fraction of what the convolutions save.
 *
 * <p>The operators are ONNX Runtime's own, for use within it, and the length of a block depends on
 * the processor. So such a model is for the session that is opened next, and is not kept.
 */
public final class BlockedConvolutions {
  /** Domain of the operators. */
  private static final String NCHWC = "com.microsoft.nchwc";

  private static final String TO_BLOCKS = "ReorderInput";
  private static final String FROM_BLOCKS = "ReorderOutput";

  /** Version of the file format in which the probe is written. */
  private static final long PROBE_IR = 8;

  /** ONNX Runtime brings only this many channels, or a multiple of it, into blocks. */
  private static final long CHANNELS = 4;

  private final long block;
  private final Graph graph;
  private final GraphPart part;

  /** Shapes of weights that come in from outside or are computed from such. */
  private final Map<String, long[]> weights = new HashMap<>();

  /** How often a value is used, by nodes and as an output. */
  private final Map<String, Integer> uses = new HashMap<>();

  /** Values in blocks, by the name of the same value as it was. */
  private final Map<String, String> blocked = new HashMap<>();

  private BlockedConvolutions(Graph graph, int block) {
    this.graph = graph;
    this.block = block;
    Set<String> names = new HashSet<>(graph.initializers().keySet());
    graph.inputs().forEach(input -> names.add(input.name()));
    for (Node node : graph.nodes()) {
      names.addAll(node.outputs());
      Set<String> inputs = Reachable.inputs(node); // With the names in bodies of If and Loop.
      names.addAll(inputs);
      inputs.forEach(this::countUse);
    }
    graph.outputs().forEach(output -> countUse(output.name()));
    part = new GraphPart(names);
    Stream.concat(graph.inputs().stream(), graph.values().stream()).forEach(this::noteWeights);
  }

  private void countUse(String value) {
    uses.merge(value, 1, Integer::sum);
  }

  private void noteWeights(ValueInfo value) {
    if (value.type() instanceof ValueType.OfTensor(ElementType type, List<Dimension> shape)
        && type == ElementType.FLOAT32
        && shape != null
        && shape.size() == 4
        && shape.stream().allMatch(Dimension.Fixed.class::isInstance)) {
      weights.put(
          value.name(),
          shape.stream().mapToLong(length -> ((Dimension.Fixed) length).length()).toArray());
    }
  }

  /**
   * A graph that computes the same, but for rounding.
   *
   * @param model a training or eval model; stays as it is
   * @param block channels in a block, which ONNX Runtime brings together on this processor; 1 where
   *     it has no blocks, and nothing changes
   */
  public static OnnxModel of(OnnxModel model, int block) {
    if (block == 1) {
      return model;
    }
    BlockedConvolutions change = new BlockedConvolutions(model.graph(), block);
    change.copyNodes();
    if (change.blocked.isEmpty()) {
      return model; // Not one convolution that there is a kernel for.
    }
    GraphBuilder built = GraphBuilder.of(model);
    change.part.addTo(built);
    return built.nodes(change.needed()).opset(NCHWC, 1).build();
  }

  /**
   * A model that shows how many channels come together: of {@code x}, float32 [1,4,1,1], it makes
   * {@code y}, [1,channels,1,1]. Where ONNX Runtime has no such layout it cannot be opened.
   */
  public static OnnxModel probe() {
    ValueType value = ValueType.tensor(ElementType.FLOAT32, 1, CHANNELS, 1, 1);
    ValueType any =
        ValueType.tensor(
            ElementType.FLOAT32,
            Dimension.of(1),
            Dimension.of("channels"),
            Dimension.of(1),
            Dimension.of(1));
    return new GraphBuilder("probe", PROBE_IR, OperatorSet.OLDEST)
        .opset(NCHWC, 1)
        .input("x", value)
        .output("y", any)
        .node(Node.of(TO_BLOCKS, List.of("x"), List.of("y")).withDomain(NCHWC))
        .build();
  }

  private void copyNodes() {
    Set<String> fused = new HashSet<>();
    for (Node node : graph.nodes()) {
      Filter filter = filter(node);
      if (filter != null) {
        Node relu = onlyRelu(node.outputs().getFirst());
        if (relu != null) {
          fused.add(relu.outputs().getFirst());
        }
        add(node, filter, relu);
      } else if (!fused.contains(node.outputs().getFirst())) {
        part.add(node);
      }
    }
  }

  /** All nodes but those that bring a value back from blocks when it is used in blocks only. */
  private List<Node> needed() {
    Set<String> used = new HashSet<>();
    graph.outputs().forEach(output -> used.add(output.name()));
    part.nodes().forEach(node -> used.addAll(Reachable.inputs(node)));
    return part.nodes().stream()
        .filter(node -> !node.op().equals(FROM_BLOCKS) || used.contains(node.outputs().getFirst()))
        .toList();
  }

  /** The Relu that uses a value, when nothing else does; null when there is none. */
  private @Nullable Node onlyRelu(String value) {
    if (uses.getOrDefault(value, 0) != 1) {
      return null;
    }
    return graph.consumers(value).stream()
        .filter(node -> node.domain().isEmpty() && node.op().equals("Relu"))
        .findFirst()
        .orElse(null);
  }

  /**
   * Weights of a convolution that there is a kernel for.
   *
   * @param name of the value, [outputs, inputs of a group, height, width]
   * @param direct whether the kernel takes the input as it is, being of few channels
   * @param inBlocks whether the weights' inputs come in blocks, too
   */
  private record Filter(String name, long[] shape, boolean direct, boolean inBlocks) {
    long outputs() {
      return shape[0];
    }

    long inputs() {
      return shape[1];
    }
  }

  /** What is to become of a node; null when it stays as it is. */
  private @Nullable Filter filter(Node node) {
    if (!node.domain().isEmpty() || !node.op().equals("Conv") || node.inputs().size() < 2) {
      return null;
    }
    String name = node.inputs().get(1);
    long[] shape = weights.get(name);
    if (shape == null) {
      return null;
    }
    long outputs = shape[0];
    long inputs = shape[1];
    long groups = node.integer("group", 1);
    if (groups == 1) {
      boolean direct = inputs < block;
      boolean worthIt = 2 * outputs >= block; // Outputs are filled up with zeros to whole blocks.
      return worthIt && (direct || inputs % CHANNELS == 0)
          ? new Filter(name, shape, direct, !direct)
          : null;
    }
    boolean whole = outputs % groups == 0 && outputs / groups % block == 0 && inputs % block == 0;
    boolean depthwise = inputs == 1 && outputs == groups && outputs % block == 0;
    return whole || depthwise ? new Filter(name, shape, false, whole) : null;
  }

  /**
   * Adds a convolution in blocks, and its output as it was.
   *
   * @param relu that joins it, or null
   */
  private void add(Node node, Filter filter, @Nullable Node relu) {
    String result = (relu == null ? node : relu).outputs().getFirst();
    List<String> inputs = new ArrayList<>();
    String x = node.inputs().getFirst();
    inputs.add(filter.direct() ? x : blocked.computeIfAbsent(x, this::toBlocks));
    inputs.add(inBlocks(filter));
    if (node.inputs().size() > 2 && !node.inputs().get(2).isEmpty()) {
      inputs.add(filledUp(node.inputs().get(2), filter.outputs(), 1));
    }
    Node convolution = node.withDomain(NCHWC).withInputs(inputs);
    if (relu != null) {
      convolution = convolution.with("activation", Attribute.of("Relu"));
    }
    String output = part.fresh(result + "_blocks");
    part.add(convolution.withOutputs(List.of(output)));
    part.add(
        Node.of(FROM_BLOCKS, List.of(output), List.of(result))
            .withDomain(NCHWC)
            .withName(part.fresh(result + "_from_blocks"))
            .with("channels", Attribute.of(filter.outputs())));
    blocked.put(result, output);
  }

  private String toBlocks(String value) {
    return part.add(
        Node.of(TO_BLOCKS, List.of(value), List.of()).withDomain(NCHWC), value + "_blocks");
  }

  /**
   * From [O,I,H,W] to [O/block, I/block, H, W, block of I, block of O], or without blocks of I; the
   * shape that is said stays [O,I,H,W], each filled up to whole blocks.
   */
  private String inBlocks(Filter filter) {
    String name = filter.name();
    String each = filledUp(name, filter.outputs(), 4);
    if (filter.inBlocks()) {
      each = toBlocks(each);
    }
    long outputs = wholeBlocks(filter.outputs());
    long inputs = filter.inBlocks() ? wholeBlocks(filter.inputs()) : filter.inputs();
    String rows =
        part.add("Reshape", List.of(each, part.longs(outputs / block, block, -1)), name + "_rows");
    Node turned =
        Node.of("Transpose", List.of(rows), List.of()).with("perm", Attribute.ints(0, 2, 1));
    String shape = part.longs(outputs, inputs, filter.shape()[2], filter.shape()[3]);
    return part.add(
        "Reshape", List.of(part.add(turned, name + "_turned"), shape), name + "_turned");
  }

  /** With zeros behind the last of a number of outputs, the first axis, up to a whole block. */
  private String filledUp(String value, long outputs, int rank) {
    long more = wholeBlocks(outputs) - outputs;
    if (more == 0) {
      return value;
    }
    long[] pads = new long[2 * rank];
    pads[rank] = more;
    return part.add("Pad", List.of(value, part.longs(pads)), value + "_filled_up");
  }

  private long wholeBlocks(long channels) {
    return Math.ceilDiv(channels, block) * block;
  }
}
