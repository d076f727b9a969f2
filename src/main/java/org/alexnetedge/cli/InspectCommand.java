package org.alexnetedge.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.alexnetedge.onnx.Dimension;
import org.alexnetedge.onnx.ModelSummary;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.ValueInfo;
import org.alexnetedge.onnx.ValueType;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code alexnet inspect}: what an ONNX file is, without running it. */
@Command(
    name = "inspect",
    description = "Shows what an ONNX model takes, gives and is made of.",
    footer = {
      "",
      "  alexnet inspect model.onnx",
      "  alexnet inspect model.onnx --summary",
      "  alexnet inspect model.onnx --json"
    })
final class InspectCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "An ONNX file.")
  private @Nullable Path file;

  @Option(names = "--json", description = "One JSON object instead of text.")
  private boolean json;

  @Option(
      names = "--summary",
      description = "A table of the layers with their output shapes and parameters.")
  private boolean summary;

  @Override
  public Integer call() {
    Path path = Objects.requireNonNull(file);
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    try (Arena arena = Arena.ofConfined()) {
      OnnxModel model = OnnxModel.read(path, arena);
      if (json) {
        Gson gson = new GsonBuilder().disableHtmlEscaping().setPrettyPrinting().create();
        JsonObject object =
            summary ? SummaryTable.of(model).toJson() : toJson(path, model, ModelSummary.of(model));
        out.println(gson.toJson(object));
      } else if (summary) {
        SummaryTable.of(model).print(out);
      } else {
        InspectText.print(path, model, ModelSummary.of(model), out);
      }
      out.flush();
      return 0;
    }
  }

  private static JsonObject toJson(Path path, OnnxModel model, ModelSummary summary) {
    JsonObject root = new JsonObject();
    root.addProperty("file", path.toString());
    root.addProperty("bytes", path.toFile().length());
    root.addProperty("producer", model.producerName());
    root.addProperty("producer_version", model.producerVersion());
    root.addProperty("ir_version", model.irVersion());
    JsonObject opsets = new JsonObject();
    model.opsets().forEach((k, v) -> opsets.addProperty(k.isEmpty() ? "ai.onnx" : k, v));
    root.add("opsets", opsets);
    root.add("inputs", toJson(model.graph().inputs()));
    root.add("outputs", toJson(model.graph().outputs()));
    root.addProperty("parameters", model.parameterCount());
    JsonObject byType = new JsonObject();
    summary
        .parameters()
        .forEach(
            (type, size) -> {
              JsonObject one = new JsonObject();
              one.addProperty("count", size.count());
              one.addProperty("bytes", size.bytes());
              byType.add(type.label(), one);
            });
    root.add("parameters_by_type", byType);
    JsonObject operators = new JsonObject();
    summary.operators().forEach(operators::addProperty);
    root.add("operators", operators);
    JsonArray layers = new JsonArray();
    for (ModelSummary.WeightedLayer layer : summary.layers()) {
      JsonObject one = new JsonObject();
      one.addProperty("name", layer.node().name());
      one.addProperty("operator", layer.node().op());
      one.addProperty("parameters", layer.parameters());
      layers.add(one);
    }
    root.add("layers", layers);
    JsonObject metadata = new JsonObject();
    model.metadata().forEach(metadata::addProperty);
    root.add("metadata", metadata);
    return root;
  }

  private static JsonArray toJson(List<ValueInfo> values) {
    JsonArray array = new JsonArray();
    for (ValueInfo value : values) {
      JsonObject one = new JsonObject();
      one.addProperty("name", value.name());
      if (value.type() instanceof ValueType.OfTensor(var element, var shape)) {
        one.addProperty("type", element.label());
        if (shape != null) {
          one.add("shape", dimensions(shape));
        }
      } else {
        one.addProperty("type", value.type().toString());
      }
      array.add(one);
    }
    return array;
  }

  /** Lengths as numbers, symbols as texts, unknown ones as null. */
  static JsonArray dimensions(List<Dimension> shape) {
    JsonArray dimensions = new JsonArray();
    for (Dimension dimension : shape) {
      switch (dimension) {
        case Dimension.Fixed(long length) -> dimensions.add(length);
        case Dimension.Symbolic(String name) -> dimensions.add(name);
        case Dimension.Unknown() -> dimensions.add((String) null);
      }
    }
    return dimensions;
  }
}
