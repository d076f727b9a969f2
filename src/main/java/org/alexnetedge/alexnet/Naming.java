package org.alexnetedge.alexnet;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.alexnetedge.onnx.Tensor;

/**
 * How frameworks name an AlexNet's tensors, and which of this project's parameters each of them is.
 */
enum Naming {
  /** {@code features.0.weight}; batch normalisation as this project names it. */
  TORCHVISION(
      Pattern.compile(
          "(?<prefix>.*?)(?<layer>features\\.(?:0|3|6|8|10)(?:\\.bn)?|classifier\\.[146])"
              + "\\.(?<suffix>weight|bias|running_mean|running_var)")),

  /**
   * {@code conv1.weight}, also {@code conv1.0.weight} of a PyTorch module that is a sequence,
   * {@code conv1_w} of Caffe2, and {@code conv1.0}, {@code conv1/blobs/1}: Caffe's own blobs by
   * number.
   */
  CAFFE(
      Pattern.compile(
          "(?<prefix>(?:.*[./])??)(?<layer>conv[1-5](?:\\.bn)?|fc[678])"
              + "(?:[./](?:0|conv|fc|blobs)(?=[./]))?"
              + "[./_](?<suffix>weights?|w|0|bias(?:es)?|b|1|running_mean|running_var)",
          Pattern.CASE_INSENSITIVE)),

  /** {@code conv2d/kernel}: layers of any name, told apart by their shapes and their order. */
  KERAS(Pattern.compile("(?<layer>.*)/(?<suffix>kernel|bias|gamma|beta|moving_(?:mean|variance))"));

  /** A tensor under the name that it has in the file. */
  record Stored(String name, Tensor tensor) {}

  private static final Map<String, String> SUFFIXES =
      Map.ofEntries(
          Map.entry("weights", "weight"),
          Map.entry("w", "weight"),
          Map.entry("0", "weight"),
          Map.entry("kernel", "weight"),
          Map.entry("gamma", "weight"),
          Map.entry("biases", "bias"),
          Map.entry("b", "bias"),
          Map.entry("1", "bias"),
          Map.entry("beta", "bias"),
          Map.entry("moving_mean", "running_mean"),
          Map.entry("moving_variance", "running_var"));

  private final Pattern pattern;

  Naming(Pattern pattern) {
    this.pattern = pattern;
  }

  /** The tensors whose names are understood, by the names of this project's parameters. */
  Map<String, Stored> understood(Map<String, Tensor> tensors) {
    return this == KERAS ? byOrder(tensors) : byPrefix(tensors);
  }

  /**
   * A checkpoint's names may all begin with {@code module.} or the like: the commonest is taken.
   */
  private Map<String, Stored> byPrefix(Map<String, Tensor> tensors) {
    Map<String, Map<String, Stored>> byPrefix = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          Matcher matcher = pattern.matcher(name);
          if (matcher.matches()) {
            String parameter =
                matcher.group("layer").toLowerCase(Locale.ROOT)
                    + "."
                    + parameterSuffix(matcher.group("suffix"));
            byPrefix
                .computeIfAbsent(matcher.group("prefix"), _ -> new LinkedHashMap<>())
                .putIfAbsent(parameter, new Stored(name, tensor));
          }
        });
    return byPrefix.values().stream().max(Comparator.comparingInt(Map::size)).orElse(Map.of());
  }

  private static String parameterSuffix(String suffix) {
    String lower = suffix.toLowerCase(Locale.ROOT);
    return SUFFIXES.getOrDefault(lower, lower);
  }

  /** The first convolution is conv1, the first dense layer fc6, and so on. */
  private Map<String, Stored> byOrder(Map<String, Tensor> tensors) {
    Map<String, List<Map.Entry<String, Stored>>> layers = new LinkedHashMap<>();
    tensors.forEach(
        (name, tensor) -> {
          Matcher matcher = pattern.matcher(name);
          if (matcher.matches()) {
            layers
                .computeIfAbsent(matcher.group("layer"), _ -> new ArrayList<>())
                .add(Map.entry(matcher.group("suffix"), new Stored(name, tensor)));
          }
        });
    Map<String, Stored> understood = new LinkedHashMap<>();
    Map<String, Integer> counts = new HashMap<>();
    for (List<Map.Entry<String, Stored>> layer : layers.values()) {
      kind(layer)
          .ifPresent(
              kind -> {
                int number = counts.merge(kind, 1, Integer::sum) + (kind.equals("fc") ? 5 : 0);
                layer.forEach(
                    each ->
                        understood.put(
                            kind + number + "." + parameterSuffix(each.getKey()), each.getValue()));
              });
    }
    return understood;
  }

  private static Optional<String> kind(List<Map.Entry<String, Stored>> layer) {
    for (Map.Entry<String, Stored> each : layer) {
      int rank = each.getValue().tensor().rank();
      if (each.getKey().equals("kernel")) {
        return rank == 4 ? Optional.of("conv") : rank == 2 ? Optional.of("fc") : Optional.empty();
      }
      if (each.getKey().equals("gamma") || each.getKey().startsWith("moving")) {
        return Optional.of("bn");
      }
    }
    return Optional.empty();
  }
}
