package org.alexnetedge.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.LayerSummary;
import org.alexnetedge.onnx.OnnxModel;
import org.jspecify.annotations.Nullable;

/**
 * What {@code alexnet inspect --summary} shows: one row a layer, and how many parameters there are.
 *
 * @param layers in the order of computation
 * @param elsewhere parameters that no layer of the graph uses: those of bodies, or nobody's
 */
record SummaryTable(List<LayerSummary> layers, long elsewhere) {

  static SummaryTable of(OnnxModel model) {
    List<LayerSummary> layers = LayerSummary.of(model);
    long placed = layers.stream().mapToLong(LayerSummary::parameters).sum();
    return new SummaryTable(layers, model.parameterCount() - placed);
  }

  long trainable() {
    return layers.stream().mapToLong(LayerSummary::trainable).sum();
  }

  long total() {
    return elsewhere + layers.stream().mapToLong(LayerSummary::parameters).sum();
  }

  void print(PrintWriter out) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("layer", "operators", "output shape", "parameters"));
    for (LayerSummary layer : layers) {
      rows.add(
          List.of(
              layer.name(),
              String.join(", ", layer.operators()),
              text(layer.shape()),
              number(layer.parameters())));
    }
    if (elsewhere > 0) {
      rows.add(List.of("(in no layer)", "", "", number(elsewhere)));
    }
    InspectText.table(rows, "parameters", out);
    out.println();
    String total = number(total());
    List<List<String>> totals =
        List.of(
            List.of("parameters", total),
            List.of("trainable", number(trainable())),
            List.of("non-trainable", number(total() - trainable())));
    InspectText.table(totals, total, out);
  }

  private static String text(@Nullable List<Dimension> shape) {
    return shape == null
        ? "?"
        : shape.stream().map(Object::toString).collect(Collectors.joining(", ", "[", "]"));
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  JsonObject toJson() {
    JsonObject root = new JsonObject();
    JsonArray rows = new JsonArray();
    for (LayerSummary layer : layers) {
      JsonObject row = new JsonObject();
      row.addProperty("name", layer.name());
      JsonArray operators = new JsonArray();
      layer.operators().forEach(operators::add);
      row.add("operators", operators);
      if (layer.shape() != null) {
        row.add("shape", InspectCommand.dimensions(layer.shape()));
      }
      row.addProperty("parameters", layer.parameters());
      row.addProperty("trainable", layer.trainable());
      rows.add(row);
    }
    root.add("layers", rows);
    root.addProperty("parameters", total());
    root.addProperty("trainable", trainable());
    root.addProperty("non_trainable", total() - trainable());
    return root;
  }
}
