package org.alexnetedge.artifacts;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.alexnetedge.onnx.Node;

/**
 * Which parameters of a model are trained.
 *
 * @param kind which part
 * @param globs patterns of parameter names for {@link Kind#MATCHING}, else none; {@code *} stands
 *     for any text, {@code ?} for one character
 */
public record Trainable(Kind kind, List<String> globs) {

  /** A part of a model. */
  public enum Kind {
    /** The last weighted layer. */
    HEAD,
    /** From the first fully connected layer on; the head where there is none. */
    CLASSIFIER,
    /** All weighted layers: convolutions, fully connected layers, batch normalisation. */
    ALL,
    /** Parameters by name. */
    MATCHING
  }

  public Trainable {
    globs = List.copyOf(globs);
    if (globs.isEmpty() == (kind == Kind.MATCHING)) {
      throw new IllegalArgumentException("patterns belong to " + Kind.MATCHING);
    }
  }

  public static Trainable head() {
    return new Trainable(Kind.HEAD, List.of());
  }

  public static Trainable classifier() {
    return new Trainable(Kind.CLASSIFIER, List.of());
  }

  public static Trainable all() {
    return new Trainable(Kind.ALL, List.of());
  }

  public static Trainable matching(String... globs) {
    return new Trainable(Kind.MATCHING, List.of(globs));
  }

  /** {@code head}, {@code classifier}, {@code all}, or patterns separated by commas. */
  public static Trainable parse(String text) {
    return switch (text) {
      case "head" -> head();
      case "classifier" -> classifier();
      case "all" -> all();
      default -> {
        List<String> globs = Stream.of(text.split(",", -1)).map(String::strip).toList();
        if (globs.contains("")) {
          throw new IllegalArgumentException(
              "what is trained is head, classifier, all, or names of parameters separated by"
                  + " commas, not '"
                  + text
                  + "'");
        }
        yield new Trainable(Kind.MATCHING, globs);
      }
    };
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return switch (kind) {
      case HEAD -> "head";
      case CLASSIFIER -> "classifier";
      case ALL -> "all";
      case MATCHING -> String.join(",", globs);
    };
  }

  /**
   * Names of the parameters in the order of computation.
   *
   * @throws ArtifactException when there are none, or a pattern matches none
   */
  List<String> of(ForwardGraph graph) {
    List<WeightedLayer> layers = WeightedLayer.of(graph);
    Set<String> chosen = new LinkedHashSet<>();
    switch (kind) {
      case HEAD -> {
        if (!layers.isEmpty()) {
          chosen.addAll(last(layers).parameters());
        }
      }
      case CLASSIFIER -> classifier(layers).forEach(layer -> chosen.addAll(layer.parameters()));
      case ALL -> layers.forEach(layer -> chosen.addAll(layer.parameters()));
      case MATCHING -> globs.forEach(glob -> chosen.addAll(matching(glob, graph)));
    }
    if (chosen.isEmpty()) {
      throw new ArtifactException(
          "The model has no float32 parameters that could be trained as '" + this + "'.");
    }
    return inOrder(chosen, graph);
  }

  /** Batch normalisation is never the head: it has nothing to tell classes apart by. */
  private static WeightedLayer last(List<WeightedLayer> layers) {
    for (WeightedLayer layer : layers.reversed()) {
      if (!layer.node().op().equals("BatchNormalization")) {
        return layer;
      }
    }
    return layers.getLast();
  }

  private static List<WeightedLayer> classifier(List<WeightedLayer> layers) {
    for (int i = 0; i < layers.size(); i++) {
      if (layers.get(i).isFullyConnected()) {
        return layers.subList(i, layers.size());
      }
    }
    return layers.isEmpty() ? layers : List.of(last(layers));
  }

  private static List<String> matching(String glob, ForwardGraph graph) {
    Pattern pattern = Pattern.compile(regex(glob));
    Set<String> statistics = graph.runningStatistics();
    List<String> found =
        graph.parameters().keySet().stream()
            .filter(name -> pattern.matcher(name).matches() && !statistics.contains(name))
            .toList();
    if (found.isEmpty()) {
      throw new ArtifactException(
          "No float32 parameter of the model is called '"
              + glob
              + "'; it has "
              + String.join(", ", graph.parameters().keySet())
              + ".");
    }
    return found;
  }

  private static String regex(String glob) {
    StringBuilder regex = new StringBuilder();
    glob.codePoints()
        .forEach(
            c ->
                regex.append(
                    switch (c) {
                      case '*' -> ".*";
                      case '?' -> ".";
                      default -> Pattern.quote(Character.toString(c));
                    }));
    return regex.toString();
  }

  private static List<String> inOrder(Set<String> chosen, ForwardGraph graph) {
    Set<String> ordered = new LinkedHashSet<>();
    for (Node node : graph.nodes()) {
      node.inputs().stream().filter(chosen::contains).forEach(ordered::add);
    }
    for (String name : chosen) {
      if (!ordered.contains(name)) {
        throw new ArtifactException(
            "The parameter '" + name + "' has no influence on the model's output.");
      }
    }
    return new ArrayList<>(ordered);
  }
}
