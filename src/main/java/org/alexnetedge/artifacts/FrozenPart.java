package org.alexnetedge.artifacts;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Graph;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.StoredTensor;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.onnx.ValueInfo;
import org.alexnetedge.onnx.ValueType;

/**
 * What of a model computes the features: everything up to the cut, which becomes float32 [N,F] and
 * is called {@code features}. Other values that have a name which the head needs get another one.
 */
final class FrozenPart {
  /** From this version of the file format on, initializers need not be listed as inputs. */
  static final long CONSTANTS_APART = 4;

  /** From this operator set on, the axes of ReduceMean are an input. */
  private static final long AXES_AS_INPUT = 18;

  private static final String AVERAGE = "features.average";
  private static final String NARROW = "features.unconverted";
  private static final String AXES = "features.axes";

  private static final Set<String> TAKEN =
      Set.of(NewHead.FEATURES, NewHead.LOGITS, NewHead.WEIGHT, NewHead.BIAS, AVERAGE, NARROW, AXES);

  private final OnnxModel model;
  private final LastLayer layer;
  private final List<Node> nodes;
  private final Map<String, String> renamed;

  FrozenPart(OnnxModel model, LastLayer layer) {
    this.model = model;
    this.layer = layer;
    this.nodes = LastLayer.upTo(model.graph(), layer.cut());
    this.renamed = renamed();
  }

  /** The first axis of a part's output. */
  static Dimension batch(OnnxModel part) {
    ValueType.OfTensor type = (ValueType.OfTensor) part.graph().outputs().getFirst().type();
    return type.shape().getFirst();
  }

  /** The part without metadata; its inputs are those that the features depend on. */
  OnnxModel build() {
    OnnxModel bare = model;
    for (String key : model.metadata().keySet()) {
      bare = bare.withMetadata(key, null);
    }
    Graph graph = model.graph();
    Set<String> used = new HashSet<>(Set.of(layer.cut()));
    nodes.forEach(node -> used.addAll(LastLayer.uses(node)));
    GraphBuilder part = GraphBuilder.of(bare).clearInputs().clearOutputs().clearValues();
    List<ValueInfo> inputs =
        graph.inputs().stream().filter(input -> used.contains(input.name())).toList();
    inputs.forEach(input -> part.input(input.name(), input.type()));
    for (StoredTensor tensor : graph.initializers().values()) {
      String name = named(tensor.name());
      if (!used.contains(tensor.name()) || !name.equals(tensor.name())) {
        part.removeInitializer(tensor.name());
      }
      if (used.contains(tensor.name())) {
        if (!name.equals(tensor.name())) {
          part.initializer(name, tensor.tensor());
        }
        if (model.irVersion() < CONSTANTS_APART) {
          part.input(name, ValueType.tensor(tensor.type(), tensor.shape()));
        }
      }
    }
    Set<String> computed = new HashSet<>();
    nodes.forEach(node -> computed.addAll(node.outputs()));
    for (ValueInfo value : graph.values()) {
      if (computed.contains(value.name()) && !named(value.name()).equals(NewHead.FEATURES)) {
        part.value(named(value.name()), value.type());
      }
    }
    part.nodes(
        nodes.stream()
            .map(
                node ->
                    node.withInputs(node.inputs().stream().map(this::named).toList())
                        .withOutputs(node.outputs().stream().map(this::named).toList()))
            .toList());
    addFeatures(part);
    Dimension batch =
        inputs.isEmpty()
                || !(inputs.getFirst().type() instanceof ValueType.OfTensor tensor)
                || tensor.shape() == null
                || tensor.shape().isEmpty()
            ? Dimension.of("batch")
            : tensor.shape().getFirst();
    return part.output(
            NewHead.FEATURES,
            ValueType.tensor(ElementType.FLOAT32, batch, Dimension.of(layer.features())))
        .build();
  }

  /** From the cut to {@code features}: the mean over space, and float32. */
  private void addFeatures(GraphBuilder part) {
    String value = named(layer.cut());
    String averaged = isFloat32() ? NewHead.FEATURES : NARROW;
    if (layer.rank() > 2 && layer.channelsLast()) {
      // [N, ..., F]
      long[] axes = LongStream.range(1, layer.rank() - 1).toArray();
      boolean asInput = model.opsets().getOrDefault("", 0L) >= AXES_AS_INPUT;
      List<String> inputs = asInput ? List.of(value, AXES) : List.of(value);
      Node mean =
          Node.of("ReduceMean", inputs, List.of(averaged)).with("keepdims", Attribute.of(0));
      if (asInput) {
        part.initializer(AXES, Tensor.ofLongs(new long[] {axes.length}, axes));
      }
      part.node(asInput ? mean : mean.with("axes", Attribute.ints(axes)));
      value = averaged;
    } else if (layer.rank() > 2) {
      part.node("GlobalAveragePool", List.of(value), AVERAGE);
      part.node(
          Node.of("Flatten", List.of(AVERAGE), List.of(averaged)).with("axis", Attribute.of(1)));
      value = averaged;
    }
    if (!isFloat32()) {
      part.node(
          Node.of("Cast", List.of(value), List.of(NewHead.FEATURES)).with("to", Attribute.of(1)));
    } else if (!value.equals(NewHead.FEATURES)) {
      part.node("Identity", List.of(value), NewHead.FEATURES); // The model's very input.
    }
  }

  /** The features have the type of the weights that they met. */
  private boolean isFloat32() {
    return model
        .graph()
        .constant(layer.node().inputs().get(1))
        .map(weight -> weight.type() == ElementType.FLOAT32 || !weight.type().isFloating())
        .orElse(true);
  }

  /** What a value of the given model is called here. */
  String named(String value) {
    return renamed.getOrDefault(value, value);
  }

  private Map<String, String> renamed() {
    Map<String, String> names = new HashMap<>();
    Set<String> known = new HashSet<>(TAKEN);
    known.addAll(model.graph().initializers().keySet());
    nodes.forEach(node -> known.addAll(node.outputs()));
    boolean isFeatures =
        layer.rank() == 2
            && isFloat32()
            && nodes.stream().anyMatch(node -> node.outputs().contains(layer.cut()));
    if (isFeatures) {
      names.put(layer.cut(), NewHead.FEATURES);
    }
    Set<String> defined = new HashSet<>(model.graph().initializers().keySet());
    nodes.forEach(node -> defined.addAll(node.outputs()));
    for (String name : TAKEN) {
      if (defined.contains(name) && !names.containsKey(name)) {
        String other = name + "_";
        while (!known.add(other)) {
          other += "_";
        }
        names.put(name, other);
      }
    }
    refuseUnknownUses(names);
    return names;
  }

  private void refuseUnknownUses(Map<String, String> names) {
    for (ValueInfo input : model.graph().inputs()) {
      if (TAKEN.contains(input.name())) {
        throw new ArtifactException(
            "The model's input is called '%s', a name that the new head needs; give it another."
                .formatted(input.name()));
      }
    }
    for (Node node : nodes) {
      Set<String> inBodies = new HashSet<>(LastLayer.uses(node));
      inBodies.removeAll(node.inputs());
      for (Map.Entry<String, String> name : names.entrySet()) {
        if (inBodies.contains(name.getKey()) && !name.getKey().equals(name.getValue())) {
          throw new ArtifactException(
              "The body of the node '%s' (%s) uses the value '%s', which the new head would give"
                      .formatted(node.name(), node.op(), name.getKey())
                  + " another name.");
        }
      }
    }
  }
}
