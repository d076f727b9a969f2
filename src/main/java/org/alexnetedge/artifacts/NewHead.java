package org.alexnetedge.artifacts;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.ValueInfo;
import org.alexnetedge.onnx.ValueType;
import org.jspecify.annotations.Nullable;

/**
 * A classifier with a new last layer: the model is cut at what its last layer with weights takes,
 * that is averaged over space when it is a map, and one Gemm makes the scores of it. All that stood
 * behind the cut (activation, pooling, softmax) is gone, and with it the nodes and weights that
 * nothing uses any more.
 *
 * <p>Dropout just before the old layer becomes dropout of the features, in the metadata {@code
 * dropout}; entries of that metadata whose values are gone go too. Labels, {@code task}, {@code
 * output} (logits) and {@code alexnet.version} are set, {@code preprocessing} stays; other metadata
 * spoke of the old model and is left out.
 *
 * <p>The weights stay those of the given model's memory. Immutable, thread-safe.
 */
public final class NewHead {
  /** Value that the frozen part gives and the head takes: float32 [N,F]. */
  public static final String FEATURES = "features";

  /** Value that the head gives: float32 [N,C]. */
  public static final String LOGITS = "logits";

  /** Initializer of the head: float32 [C,F]. */
  public static final String WEIGHT = "head.weight";

  /** Initializer of the head: float32 [C]. */
  public static final String BIAS = "head.bias";

  private static final String DROPOUT = "dropout";

  /** Version of a head alone; read by ONNX Runtime since 1.12. */
  private static final long IR_VERSION = 8;

  private static final long OPSET = 17;

  private final int features;
  private final int classes;
  private final OnnxModel whole;
  private final OnnxModel frozen;
  private final OnnxModel head;

  /**
   * Gives a model a head for other classes, with random weights: uniform in (-b, b), b = 1 /
   * sqrt(F), as PyTorch begins a Linear; a function of the seed.
   *
   * @param labels of the classes, in the order of the outputs
   * @param outputs number of the labels; or 1, whose sigmoid is the score of the second of two
   * @throws ArtifactException when the model has no layer that a head could take the place of
   */
  public static NewHead of(OnnxModel model, List<String> labels, int outputs, long seed) {
    if (outputs != labels.size() && !(outputs == 1 && labels.size() == 2)) {
      throw new IllegalArgumentException(
          "%d outputs do not fit %d labels".formatted(outputs, labels.size()));
    }
    LastLayer layer = LastLayer.of(model.graph());
    HeadWeights weights = HeadWeights.random(outputs, layer.features(), seed);
    return new NewHead(model, layer, weights, null, labels);
  }

  /**
   * Makes a model's own last layer the head, to go on from what it has learnt: the whole model then
   * gives the logits that it gave before. Empty when the model's labels are others than these, or
   * its last layer is more than one Gemm on the features (SqueezeNet's is a convolution with a
   * ReLU).
   *
   * @throws ArtifactException when the model has no layer that a head could take the place of
   */
  public static Optional<NewHead> kept(OnnxModel model, List<String> labels) {
    if (!labels.equals(labels(model))) {
      return Optional.empty();
    }
    LastLayer layer = LastLayer.of(model.graph());
    return HeadWeights.of(layer, model.graph())
        .filter(w -> w.classes() == labels.size() || w.classes() == 1 && labels.size() == 2)
        .map(w -> new NewHead(model, layer, w, model.metadata().get("task"), labels));
  }

  private NewHead(
      OnnxModel model,
      LastLayer layer,
      HeadWeights weights,
      @Nullable String task,
      List<String> labels) {
    this.features = layer.features();
    this.classes = weights.classes();
    JsonArray names = new JsonArray();
    labels.forEach(names::add);
    Map<String, String> about = new LinkedHashMap<>();
    about.put("alexnet.version", "1");
    about.put("labels", names.toString());
    about.put("task", task != null ? task : classes == 1 ? "sigmoid" : "softmax");
    about.put("output", LOGITS);
    FrozenPart part = new FrozenPart(model, layer);
    OnnxModel cut = part.build();
    String preprocessing = model.metadata().get("preprocessing");
    if (preprocessing != null) {
      cut = cut.withMetadata("preprocessing", preprocessing);
    }
    Map<String, Float> dropout = dropout(model, layer, part);
    boolean spoken = model.metadata().containsKey(DROPOUT);
    this.frozen = withDropout(cut.withMetadata("alexnet.version", "1"), dropout, spoken);
    this.whole = withDropout(whole(cut, weights, about), dropout, spoken);
    this.head = withDropout(head(FrozenPart.batch(cut), weights, about), dropout, spoken);
  }

  private OnnxModel whole(OnnxModel cut, HeadWeights weights, Map<String, String> about) {
    GraphBuilder graph = GraphBuilder.of(cut).clearOutputs();
    ValueInfo given = cut.graph().outputs().getFirst();
    graph.value(FEATURES, given.type());
    if (cut.irVersion() < FrozenPart.CONSTANTS_APART) {
      graph.input(WEIGHT, ValueType.tensor(ElementType.FLOAT32, new long[] {classes, features}));
      graph.input(BIAS, ValueType.tensor(ElementType.FLOAT32, new long[] {classes}));
    }
    return withHead(graph, FrozenPart.batch(cut), weights, about);
  }

  private OnnxModel head(Dimension batch, HeadWeights weights, Map<String, String> about) {
    GraphBuilder graph = new GraphBuilder("head", IR_VERSION, OPSET);
    graph.input(FEATURES, ValueType.tensor(ElementType.FLOAT32, batch, Dimension.of(features)));
    return withHead(graph, batch, weights, about);
  }

  private OnnxModel withHead(
      GraphBuilder graph, Dimension batch, HeadWeights weights, Map<String, String> about) {
    about.forEach(graph::metadata);
    return graph
        .initializer(WEIGHT, weights.weight())
        .initializer(BIAS, weights.bias())
        .node(
            Node.of("Gemm", List.of(FEATURES, WEIGHT, BIAS), List.of(LOGITS))
                .with("transB", Attribute.of(1))
                .withName("head"))
        .output(LOGITS, ValueType.tensor(ElementType.FLOAT32, batch, Dimension.of(classes)))
        .build();
  }

  /** Rates by name of value; those just before the old layer under the name of the features. */
  private static Map<String, Float> dropout(OnnxModel model, LastLayer layer, FrozenPart part) {
    Map<String, Float> rates = new LinkedHashMap<>();
    float last = layer.dropout();
    try {
      String given = model.metadata().getOrDefault(DROPOUT, "{}");
      for (var rate : JsonParser.parseString(given).getAsJsonObject().entrySet()) {
        if (rate.getKey().equals(layer.cut()) || layer.passed().contains(rate.getKey())) {
          last = Math.max(last, rate.getValue().getAsFloat());
        } else {
          rates.put(part.named(rate.getKey()), rate.getValue().getAsFloat());
        }
      }
    } catch (JsonParseException
        | IllegalStateException
        | UnsupportedOperationException
        | NumberFormatException e) {
      throw new ArtifactException(
          "The model's property 'dropout' is no JSON object from names of values to rates: '"
              + model.metadata().get(DROPOUT)
              + "'.");
    }
    if (last > 0) {
      rates.put(FEATURES, last);
    }
    return rates;
  }

  /** With the rates of the values that it has, its output left out. */
  private static OnnxModel withDropout(OnnxModel model, Map<String, Float> rates, boolean spoken) {
    JsonObject kept = new JsonObject();
    Set<String> values = new HashSet<>();
    model.graph().inputs().forEach(input -> values.add(input.name()));
    model.graph().nodes().forEach(node -> values.addAll(node.outputs()));
    model.graph().outputs().forEach(output -> values.remove(output.name()));
    rates.forEach(
        (value, rate) -> {
          if (values.contains(value)) {
            kept.addProperty(value, rate);
          }
        });
    // A model that never spoke of dropout has nothing to deny.
    return kept.isEmpty() && !spoken ? model : model.withMetadata(DROPOUT, kept.toString());
  }

  /** The model's labels; null when it has none. */
  private static @Nullable List<String> labels(OnnxModel model) {
    String json = model.metadata().get("labels");
    try {
      return json == null
          ? null
          : JsonParser.parseString(json).getAsJsonArray().asList().stream()
              .map(JsonElement::getAsString)
              .toList();
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
      return null; // Nothing that other labels could be equal to.
    }
  }

  /** The whole network for inference: the model's input to {@code logits} [N,C]. */
  public OnnxModel whole() {
    return whole;
  }

  /** The part that does not learn: the model's input to {@code features} [N,F]. */
  public OnnxModel frozen() {
    return frozen;
  }

  /** The part that learns: {@code features} [N,F] to {@code logits} [N,C]. */
  public OnnxModel head() {
    return head;
  }

  /** Number of features of a picture, F. */
  public int features() {
    return features;
  }

  /** Number of outputs, C: of classes, or 1 for a yes or no. */
  public int classes() {
    return classes;
  }
}
