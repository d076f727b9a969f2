package org.alexnetedge.train;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Graph;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxException;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.StoredTensor;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.onnx.ValueInfo;
import org.alexnetedge.ort.training.TrainingSession;
import org.alexnetedge.pipeline.ModelDescription;
import org.alexnetedge.pipeline.ModelDescription.Output;
import org.alexnetedge.pipeline.ModelDescription.Task;

/**
 * The file that comes out of a run: the start model with the trained numbers in the place of its
 * own, without dropout, and with words about how it was trained.
 */
final class Result {
  private Result() {}

  /**
   * Puts trained parameters into a model.
   *
   * @param start the whole model before the first step
   * @param session that has the parameters
   * @param names of the session's parameters by the model's names for them
   * @param arena owner of the copied numbers
   */
  static OnnxModel withParameters(
      OnnxModel start, TrainingSession session, Map<String, String> names, Arena arena) {
    GraphBuilder graph = GraphBuilder.of(start);
    Map<String, StoredTensor> initializers = start.graph().initializers();
    names.forEach(
        (name, trained) -> {
          Tensor tensor = copy(session, trained, arena);
          StoredTensor before =
              start
                  .graph()
                  .constant(name)
                  .orElseThrow(
                      () ->
                          new OnnxException(
                              "The run's parameters.json names '"
                                  + name
                                  + "', which its start.onnx does not have; one of them is"
                                  + " damaged."));
          if (before.size() != tensor.size()) {
            throw new IllegalStateException(
                "The parameter " + name + " became " + tensor + ", it was " + before + ".");
          }
          if (initializers.containsKey(name)) {
            graph.removeInitializer(name);
          }
          graph.initializer(name, tensor.reshaped(before.shape()));
        });
    // A weight may also be the output of a Constant node, whose place the initializer takes.
    List<Node> nodes =
        start.graph().nodes().stream()
            .filter(node -> node.outputs().stream().noneMatch(names::containsKey))
            .toList();
    return graph.nodes(withoutDropout(nodes, start.graph())).build();
  }

  private static Tensor copy(TrainingSession session, String name, Arena arena) {
    try (org.alexnetedge.ort.Tensor value = session.parameter(name)) {
      MemorySegment numbers = arena.allocate(value.data().byteSize(), Float.BYTES);
      numbers.copyFrom(value.data());
      return Tensor.of(ElementType.FLOAT32, value.shape(), numbers);
    }
  }

  /** In inference a dropout passes on what it gets. */
  private static List<Node> withoutDropout(List<Node> nodes, Graph graph) {
    List<String> results = graph.outputs().stream().map(ValueInfo::name).toList();
    Map<String, String> passed = new HashMap<>();
    List<Node> kept = new ArrayList<>();
    for (Node node : nodes) {
      boolean droppable =
          node.op().equals("Dropout")
              && node.domain().isEmpty()
              && !results.contains(node.outputs().getFirst())
              && node.outputs().stream()
                  .skip(1)
                  .allMatch(mask -> mask.isEmpty() || graph.consumers(mask).isEmpty());
      String input = node.inputs().isEmpty() ? "" : node.inputs().getFirst();
      if (droppable) {
        passed.put(node.outputs().getFirst(), passed.getOrDefault(input, input));
      } else {
        kept.add(
            node.withInputs(
                node.inputs().stream().map(name -> passed.getOrDefault(name, name)).toList()));
      }
    }
    return kept;
  }

  /** Makes a model that gives logits give probabilities. */
  static OnnxModel withProbabilities(OnnxModel model) {
    ModelDescription said = ModelDescription.read(model.metadata());
    if (said.output() == Output.PROBABILITIES) {
      return model;
    }
    ValueInfo logits = model.graph().outputs().getFirst();
    String name = "probabilities";
    boolean taken =
        model.graph().nodes().stream().anyMatch(node -> node.outputs().contains("probabilities"));
    String output = taken ? logits.name() + "_probabilities" : name;
    Node activation =
        said.task() == Task.SIGMOID
            ? Node.of("Sigmoid", List.of(logits.name()), List.of(output))
            : Node.of("Softmax", List.of(logits.name()), List.of(output))
                .with("axis", Attribute.of(1));
    return GraphBuilder.of(model)
        .node(activation)
        .clearOutputs()
        .output(output, logits.type())
        .metadata("output", Output.PROBABILITIES.code())
        .build();
  }

  /** Looks at the finished file before it gets its name. */
  @FunctionalInterface
  interface Check {
    /** Why the file is not what it should be; empty when it is. */
    Optional<String> wrong(Path file) throws DataException, TrainingException, InterruptedException;
  }

  /**
   * Writes the file beside its place, checks it, and puts it in place at once; where a link is,
   * what it points to is replaced.
   *
   * @throws TrainingException when it cannot be written, or the check finds something
   */
  static void publish(OnnxModel model, Path output, Check check)
      throws TrainingException, DataException, InterruptedException {
    Path target = target(output);
    Path temporary = target.resolveSibling("." + target.getFileName() + ".unchecked");
    try {
      model.write(temporary);
      Optional<String> wrong = check.wrong(temporary);
      if (wrong.isPresent()) {
        throw new TrainingException(
            output + " was not written, since it is not what was trained: " + wrong.get());
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      DurableFiles.force(target.getParent());
    } catch (OnnxException e) {
      throw new TrainingException(
          e.getMessage().replace(temporary.toString(), output.toString()), e);
    } catch (IOException e) {
      throw TrainingException.cannot("write", output, e);
    } finally {
      temporary.toFile().delete(); // No longer there when all went well.
    }
  }

  private static Path target(Path output) throws TrainingException {
    try {
      return Files.exists(output) ? output.toRealPath() : output.toAbsolutePath();
    } catch (IOException e) {
      throw TrainingException.cannot("write", output, e);
    }
  }
}
