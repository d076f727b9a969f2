package org.alexnetedge.cli;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.alexnetedge.classify.TerminalText;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.ModelSummary;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.StoredTensor;
import org.alexnetedge.onnx.ValueInfo;
import org.jspecify.annotations.Nullable;

/** What {@code alexnet inspect} prints for people. */
final class InspectText {
  private static final int LABELS_SHOWN = 5;
  private static final int LONGEST_VALUE = 200;

  private InspectText() {}

  static void print(Path path, OnnxModel model, ModelSummary summary, PrintWriter out) {
    out.println(TerminalText.escaped(path.toString()) + "  " + megabytes(path.toFile().length()));
    List<List<String>> facts = new ArrayList<>();
    String producer = (model.producerName() + " " + model.producerVersion()).strip();
    facts.add(List.of("producer", producer.isEmpty() ? "unknown" : producer));
    facts.add(List.of("format", "IR version " + model.irVersion() + ", " + opsets(model)));
    values(facts, "input", model.graph().inputs());
    values(facts, "output", model.graph().outputs());
    summary
        .parameters()
        .forEach(
            (type, size) ->
                facts.add(
                    List.of(
                        "parameters",
                        number(size.count()) + " " + type + ", " + megabytes(size.bytes()))));
    if (summary.parameters().isEmpty()) {
      facts.add(List.of("parameters", "none"));
    }
    externalFiles(model).forEach(name -> facts.add(List.of("weights in", name)));
    facts.add(List.of("operators", operators(summary)));
    if (!model.doc().isBlank()) {
      facts.add(List.of("about", shortened(model.doc().strip())));
    }
    table(facts, "", out);

    out.println();
    out.println("Metadata");
    List<List<String>> metadata = new ArrayList<>();
    model.metadata().forEach((key, value) -> metadata.addAll(readable(key, value)));
    if (metadata.isEmpty()) {
      out.println("  none: labels and preprocessing have to be given when it is used");
    }
    table(metadata, "", out);

    if (!summary.layers().isEmpty()) {
      out.println();
      out.println("Layers with weights");
      List<List<String>> rows = new ArrayList<>();
      rows.add(List.of("node", "operator", "weights", "attributes", "parameters"));
      for (ModelSummary.WeightedLayer layer : summary.layers()) {
        rows.add(
            List.of(
                layer.node().name().isEmpty()
                    ? String.join(",", layer.node().outputs())
                    : layer.node().name(),
                layer.node().op(),
                layer.weights().stream().map(InspectText::shape).collect(Collectors.joining(" + ")),
                attributes(layer.node()),
                number(layer.parameters())));
      }
      table(rows, "parameters", out);
    }
  }

  private static void values(List<List<String>> facts, String role, List<ValueInfo> values) {
    values.forEach(value -> facts.add(List.of(role, value.name() + "  " + value.type())));
  }

  private static String opsets(OnnxModel model) {
    return model.opsets().entrySet().stream()
        .map(e -> (e.getKey().isEmpty() ? "opset" : e.getKey()) + " " + e.getValue())
        .collect(Collectors.joining(", "));
  }

  private static String operators(ModelSummary summary) {
    return summary.operators().entrySet().stream()
        .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder()))
        .map(e -> e.getKey() + (e.getValue() == 1 ? "" : " x" + e.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static List<String> externalFiles(OnnxModel model) {
    return model.graph().initializers().values().stream()
        .flatMap(tensor -> tensor.externalFile().stream())
        .distinct()
        .toList();
  }

  /** A row or several: labels counted, JSON objects taken apart, all else as it is. */
  private static List<List<String>> readable(String key, String value) {
    JsonElement parsed = parse(value);
    if (key.equals("labels") && parsed instanceof JsonArray labels) {
      String first =
          labels.asList().stream()
              .limit(LABELS_SHOWN)
              .map(InspectText::plain)
              .collect(Collectors.joining(", "));
      String more = labels.size() > LABELS_SHOWN ? ", ..." : "";
      return List.of(List.of(key, number(labels.size()) + ": " + first + more));
    }
    if (parsed instanceof JsonObject object && !object.isEmpty()) {
      List<List<String>> rows = new ArrayList<>();
      for (Map.Entry<String, JsonElement> entry : object.entrySet()) {
        rows.add(
            List.of(
                rows.isEmpty() ? key : "",
                shortened(entry.getKey() + " " + plain(entry.getValue()))));
      }
      return rows;
    }
    return List.of(List.of(key, shortened(value)));
  }

  private static @Nullable JsonElement parse(String value) {
    if (!value.startsWith("{") && !value.startsWith("[")) {
      return null;
    }
    try {
      return JsonParser.parseString(value);
    } catch (JsonParseException | StackOverflowError e) {
      return null; // Then it is shown as it is.
    }
  }

  private static String plain(JsonElement element) {
    return switch (element) {
      case JsonObject object ->
          object.entrySet().stream()
              .map(e -> e.getKey() + " " + plain(e.getValue()))
              .collect(Collectors.joining(", "));
      case JsonArray array ->
          array.asList().stream().map(InspectText::plain).collect(Collectors.joining(" "));
      default -> element.isJsonPrimitive() ? element.getAsString() : "null";
    };
  }

  private static String shape(StoredTensor tensor) {
    long[] shape = tensor.shape();
    List<String> lengths = new ArrayList<>();
    for (long length : shape) {
      lengths.add(Long.toString(length));
    }
    return String.join("x", lengths);
  }

  /** Those that say how the layer computes, without what the weights' shape says already. */
  private static String attributes(Node node) {
    List<String> words = new ArrayList<>();
    node.attributes()
        .forEach(
            (name, attribute) -> {
              switch (attribute) {
                case Attribute.Ints(List<Long> values)
                    when !name.equals("kernel_shape") && !isDefault(name, values) ->
                    words.add(name + " " + compact(values));
                case Attribute.Int(long value) when value != (name.equals("group") ? 1 : 0) ->
                    words.add(name + " " + value);
                case Attribute.Real(float value) when value != 1 -> words.add(name + " " + value);
                case Attribute.Text(String value) when !value.equals("NOTSET") ->
                    words.add(name + " " + value);
                default -> {}
              }
            });
    return String.join(", ", words);
  }

  private static boolean isDefault(String name, List<Long> values) {
    long plain = name.equals("pads") || name.equals("output_padding") ? 0 : 1;
    return values.stream().allMatch(value -> value == plain);
  }

  private static String compact(List<Long> values) {
    return values.stream().distinct().count() == 1
        ? values.getFirst().toString()
        : values.stream().map(Object::toString).collect(Collectors.joining("x"));
  }

  /** Columns as wide as their widest cell; the one with this first cell is set to the right. */
  static void table(List<List<String>> rows, String rightAligned, PrintWriter out) {
    if (rows.isEmpty()) {
      return;
    }
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int c = 0; c < columns; c++) {
        widths[c] = Math.max(widths[c], TerminalText.escaped(row.get(c)).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < columns; c++) {
        String cell = TerminalText.escaped(row.get(c));
        String space = " ".repeat(widths[c] - cell.length());
        boolean right = rows.getFirst().get(c).equals(rightAligned);
        line.append("  ").append(right ? space + cell : cell + space);
      }
      out.println(line.toString().stripTrailing());
    }
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static String megabytes(long bytes) {
    return bytes < 100_000
        ? number(bytes) + " bytes"
        : String.format(Locale.ROOT, "%,.1f MB", bytes / 1e6);
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST_VALUE
        ? text
        : text.substring(0, text.offsetByCodePoints(0, LONGEST_VALUE / 2)) + "...";
  }
}
