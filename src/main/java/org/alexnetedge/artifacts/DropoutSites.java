package org.alexnetedge.artifacts;

import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alexnetedge.onnx.Graph;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;

/** Where a model has dropout while it is trained. */
final class DropoutSites {
  /** Metadata of models made by this project: a JSON object from values to probabilities. */
  private static final String KEY = "dropout";

  /** ONNX's default. */
  private static final float DEFAULT_RATIO = 0.5f;

  private DropoutSites() {}

  /** What the metadata says; probabilities by name of value. */
  static Map<String, Float> ofMetadata(OnnxModel model, Set<String> values) {
    Map<String, Float> sites = new LinkedHashMap<>();
    String text = model.metadata().get(KEY);
    if (text == null) {
      return sites;
    }
    try {
      for (Map.Entry<String, JsonElement> site :
          JsonParser.parseString(text).getAsJsonObject().entrySet()) {
        sites.put(site.getKey(), site.getValue().getAsFloat());
      }
    } catch (JsonParseException
        | IllegalStateException
        | NumberFormatException
        | UnsupportedOperationException e) {
      throw new ArtifactException(
          "The model's property '"
              + KEY
              + "' should be a JSON object from names of values to probabilities, and is "
              + text
              + ".");
    }
    sites.forEach((value, rate) -> check(value, rate, values));
    return sites;
  }

  private static void check(String value, float rate, Set<String> values) {
    if (!values.contains(value)) {
      throw new ArtifactException(
          "The model's property '" + KEY + "' names '" + value + "', which the graph has not.");
    }
    if (!(rate >= 0 && rate < 1)) {
      throw new ArtifactException(
          "The dropout at '" + value + "' has the rate " + rate + "; it is 0 to less than 1.");
    }
  }

  /** Makes each Dropout node an Identity, and notes its rate. */
  static void replace(List<Node> nodes, Graph graph, Map<String, Float> sites) {
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      if (node.op().equals("Dropout") && node.domain().isEmpty()) {
        String value = node.outputs().getFirst();
        float rate = DEFAULT_RATIO;
        if (node.inputs().size() > 1 && !node.inputs().get(1).isEmpty()) {
          rate =
              graph
                  .constant(node.inputs().get(1))
                  .map(tensor -> (float) tensor.tensor().doubleAt(0))
                  .orElse(DEFAULT_RATIO);
        }
        check(value, rate, Set.of(value));
        sites.put(value, rate);
        nodes.set(i, Node.of("Identity", node.inputs().subList(0, 1), List.of(value)));
      }
    }
  }
}
