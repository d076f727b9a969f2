package org.alexnetedge.alexnet;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.alexnetedge.alexnet.Naming.Stored;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/** Finds out from the names and shapes of a checkpoint's tensors which AlexNet they belong to. */
public final class Recognition {
  /** Weights and biases of five convolutions and three dense layers. */
  private static final int TENSORS = 16;

  /** Fewer known names than this are another network's that shares some. */
  private static final int ENOUGH = 11;

  private static final int MOST_LINES = 24;
  private static final int FIRST = 5;

  private final Naming naming;
  private final Map<String, Stored> understood;
  private final Map<String, Tensor> all;
  private final List<String> assumptions = new ArrayList<>();

  private Recognition(Naming naming, Map<String, Stored> understood, Map<String, Tensor> all) {
    this.naming = naming;
    this.understood = understood;
    this.all = all;
  }

  /**
   * Recognises an AlexNet of any width, with any number of classes: torchvision's, with or without
   * batch normalisation; the paper's and Caffe's, in one column or in groups; Keras'.
   *
   * @param tensors by the names that they have in the checkpoint; floats as float32
   * @param asked the variant that it must be, or null for the one that the names say
   * @param input height and width of the pictures, or null for the variant's own where that fits
   *     the weights, else the one nearest to a multiple of 32 that does
   * @param arena owner of the weights that are turned around, which are Keras' only
   * @throws RecognitionException when they are another network's, or not all fit
   */
  public static Recognized of(
      Map<String, Tensor> tensors, @Nullable Variant asked, @Nullable Integer input, Arena arena) {
    List<Naming> candidates =
        switch (asked) {
          case null -> List.of(Naming.values());
          case TORCHVISION -> List.of(Naming.TORCHVISION);
          case PAPER, CAFFE -> List.of(Naming.CAFFE);
          case KERAS -> List.of(Naming.KERAS);
        };
    Naming best = candidates.getFirst();
    Map<String, Stored> understood = Map.of();
    for (Naming naming : candidates) {
      Map<String, Stored> found = naming.understood(tensors);
      if (found.size() > understood.size()) {
        best = naming;
        understood = found;
      }
    }
    if (basic(understood) < ENOUGH) {
      throw another(tensors, asked, basic(understood));
    }
    return new Recognition(best, understood, tensors).recognise(asked, input, arena);
  }

  private static long basic(Map<String, Stored> understood) {
    return understood.keySet().stream()
        .filter(name -> !name.contains("bn") && !name.contains("running"))
        .count();
  }

  private static RecognitionException another(
      Map<String, Tensor> tensors, @Nullable Variant asked, long known) {
    List<String> first =
        tensors.entrySet().stream()
            .limit(FIRST)
            .map(each -> each.getKey() + " " + shape(each.getValue()))
            .toList();
    String of = asked == null ? "an AlexNet" : "an AlexNet (" + asked.code() + ")";
    return new RecognitionException(
        "These weights are not those of "
            + of
            + ": of the "
            + TENSORS
            + " tensors that it has, "
            + (known == 0 ? "none is" : known == 1 ? "one is" : known + " are")
            + " there"
            + family(tensors.keySet())
            + ". The first of "
            + tensors.size()
            + " tensors: "
            + String.join(", ", first)
            + ". Other networks are exported to ONNX where they were made; 'tag' adds labels and"
            + " preprocessing to such a file.",
        List.of());
  }

  private static String family(Set<String> names) {
    if (names.stream().anyMatch(name -> name.matches("(.*\\.)?layer[1-4]\\.\\d+\\.conv\\d\\..*"))) {
      return "; the names are a ResNet's";
    }
    if (names.stream().anyMatch(name -> name.contains("denseblock"))) {
      return "; the names are a DenseNet's";
    }
    if (names.stream().anyMatch(name -> name.contains("attn") || name.contains("attention"))) {
      return "; the names are a transformer's";
    }
    if (names.stream().anyMatch(name -> name.matches("(.*\\.)?features\\.\\d+\\.weight"))) {
      return "; the names are like those of a VGG or another network of torchvision's";
    }
    return "";
  }

  private Recognized recognise(@Nullable Variant asked, @Nullable Integer input, Arena arena) {
    Configuration sizes;
    Network network;
    try {
      sizes = sizes(asked);
      sizes = sizes.withInput(input != null ? input : fittingInput(sizes));
      network = network(sizes);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new RecognitionException(
          "These weights do not make a network: " + e.getMessage(), List.of());
    }
    check(network, sizes.variant());
    return new Recognized(sizes, network, weights(network, arena), assumptions);
  }

  /** All but the input: from the shapes, and from the variant where a tensor is missing. */
  private Configuration sizes(@Nullable Variant asked) {
    boolean torchvision = naming == Naming.TORCHVISION;
    List<String> convolutions = torchvision ? numbered("features.", 0, 3, 6, 8, 10) : CONVOLUTIONS;
    List<String> dense = torchvision ? numbered("classifier.", 1, 4, 6) : DENSE;
    Variant variant =
        asked != null
            ? asked
            : switch (naming) {
              case TORCHVISION -> Variant.TORCHVISION;
              case CAFFE -> Variant.PAPER;
              case KERAS -> Variant.KERAS;
            };
    List<Integer> channels = new ArrayList<>();
    for (int i = 0; i < convolutions.size(); i++) {
      channels.add(outputs(convolutions.get(i), variant.widths().channels().get(i)));
    }
    int seen = inputs(convolutions.get(1), channels.getFirst());
    int groups = channels.getFirst() % seen == 0 ? channels.getFirst() / seen : 1;
    boolean batchNorm =
        naming != Naming.KERAS && understood.keySet().stream().anyMatch(n -> n.contains(".bn."));
    if (naming == Naming.CAFFE && asked == null && !batchNorm) {
      variant = groups > 1 ? Variant.CAFFE : Variant.PAPER;
      assumptions.add(
          groups > 1
              ? "local response normalisation with Caffe's constants, as the weights are in groups"
                  + " (--arch paper takes the paper's)"
              : "local response normalisation with the paper's constants (--arch caffe takes"
                  + " Caffe's)");
    }
    int last = outputs(dense.get(2), variant.classes());
    return Configuration.of(variant)
        .withWidths(
            new AlexNet.Widths(channels, outputs(dense.getFirst(), variant.widths().hidden())))
        .withClasses(naming == Naming.KERAS && last == 1 ? 2 : last)
        .withBatchNorm(batchNorm)
        .withGroups(groups);
  }

  private static final List<String> CONVOLUTIONS = numbered("conv", 1, 2, 3, 4, 5);
  private static final List<String> DENSE = numbered("fc", 6, 7, 8);

  private static List<String> numbered(String prefix, int... numbers) {
    return Arrays.stream(numbers).mapToObj(number -> prefix + number).toList();
  }

  /** Keras' network for two classes has one output; one with two has a softmax over them. */
  private Network network(Configuration sizes) {
    if (naming != Naming.KERAS || sizes.classes() != 2 || outputs("fc8", 1) != 2) {
      return AlexNet.of(sizes);
    }
    Network three = AlexNet.of(sizes.withClasses(3));
    return new Network(
        three.name(),
        three.input(),
        three.layers().stream()
            .map(layer -> layer.name().equals("fc8") ? new Layer.Linear("fc8", 2) : layer)
            .toList());
  }

  /** The first dimension of a layer's weight in our order. */
  private int outputs(String layer, int otherwise) {
    Stored weight = understood.get(layer + ".weight");
    if (weight != null && weight.tensor().rank() >= 2) {
      return Math.toIntExact(ours(weight.tensor()).getFirst());
    }
    Stored bias = understood.get(layer + ".bias");
    return bias == null ? otherwise : Math.toIntExact(bias.tensor().size());
  }

  /** The second dimension of a layer's weight in our order. */
  private int inputs(String layer, int otherwise) {
    Stored weight = understood.get(layer + ".weight");
    return weight == null || weight.tensor().rank() < 2 || ours(weight.tensor()).get(1) < 1
        ? otherwise
        : Math.toIntExact(ours(weight.tensor()).get(1));
  }

  private List<Long> ours(Tensor tensor) {
    List<Long> shape = KerasLayout.list(squeezed(tensor).shape());
    // The other way around is another turn the same way only for two axes.
    return naming != Naming.KERAS
        ? shape
        : shape.size() == 4
            ? List.of(shape.get(3), shape.get(2), shape.get(0), shape.get(1))
            : KerasLayout.shape(shape);
  }

  /** Without the axes of size 1 with which old files of Caffe begin. */
  private static Tensor squeezed(Tensor tensor) {
    long[] shape = tensor.shape();
    boolean blob = shape.length == 4 && shape[0] == 1 && shape[1] == 1;
    if (!blob) {
      return tensor;
    }
    return shape[2] == 1 ? tensor.reshaped(shape[3]) : tensor.reshaped(shape[2], shape[3]);
  }

  /** An input whose last map has as many values as the first dense layer takes. */
  private int fittingInput(Configuration sizes) {
    String first = naming == Naming.TORCHVISION ? "classifier.1" : "fc6";
    long needed = inputs(first, 0);
    int own = sizes.variant().input();
    if (needed == 0 || flattened(sizes, own) == needed) {
      return own;
    }
    for (int step : new int[] {32, 1}) {
      for (int side = 32; side <= 1024; side += step) {
        if (flattened(sizes, side) == needed) {
          assumptions.add(
              "pictures of "
                  + side
                  + " x "
                  + side
                  + " pixels, one of the sizes that the first dense layer fits (--input)");
          return side;
        }
      }
    }
    return own;
  }

  private long flattened(Configuration sizes, int input) {
    try {
      return network(sizes.withInput(input)).steps().stream()
          .filter(step -> step.layer() instanceof Layer.Linear)
          .findFirst()
          .orElseThrow()
          .input()
          .channels();
    } catch (IllegalArgumentException | ArithmeticException e) {
      return -1; // Too small, or a map that adaptive pooling cannot take.
    }
  }

  private void check(Network network, Variant variant) {
    List<String> problems = new ArrayList<>();
    Set<String> used = new LinkedHashSet<>();
    for (Parameter parameter : network.parameters()) {
      Stored stored = understood.get(parameter.name());
      List<Long> needed =
          naming == Naming.KERAS ? KerasLayout.shape(parameter.shape()) : parameter.shape();
      if (stored == null) {
        problems.add(parameter.name() + " " + shape(needed) + " is missing");
        continue;
      }
      used.add(stored.name());
      Tensor tensor = stored.tensor();
      if (tensor.type() != ElementType.FLOAT32) {
        problems.add(stored.name() + " holds " + tensor.type().label() + ", no floats");
      } else if (!KerasLayout.list(squeezed(tensor).shape()).equals(needed)) {
        problems.add(
            stored.name() + " is " + shape(tensor) + ", where " + shape(needed) + " is needed");
      }
    }
    all.forEach(
        (name, tensor) -> {
          // PyTorch counts batches beside the statistics; nothing is computed with it.
          if (!used.contains(name) && !name.endsWith("num_batches_tracked")) {
            problems.add(name + " " + shape(tensor) + " is left over");
          }
        });
    if (!problems.isEmpty()) {
      throw new RecognitionException(
          String.format(
              Locale.ROOT,
              "These weights are nearly those of an AlexNet (%s), but %s not fit:",
              variant.code(),
              problems.size() == 1 ? "one tensor does" : problems.size() + " tensors do"),
          shortened(problems));
    }
  }

  private static List<String> shortened(List<String> problems) {
    if (problems.size() <= MOST_LINES) {
      return problems;
    }
    List<String> shortened = new ArrayList<>(problems.subList(0, MOST_LINES));
    shortened.add("... and " + (problems.size() - MOST_LINES) + " more");
    return shortened;
  }

  private Map<String, Tensor> weights(Network network, Arena arena) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    FeatureMap flattened = new FeatureMap(1, 1, 1);
    for (Network.Step step : network.steps()) {
      if (step.layer() instanceof Layer.Flatten) {
        flattened = step.input();
      }
      for (Parameter parameter : step.parameters()) {
        Tensor tensor = squeezed(understood.get(parameter.name()).tensor());
        weights.put(
            parameter.name(),
            naming == Naming.KERAS ? KerasLayout.toOurs(tensor, flattened, arena) : tensor);
      }
      if (step.layer() instanceof Layer.Linear) {
        flattened = step.output();
      }
    }
    return weights;
  }

  private static String shape(Tensor tensor) {
    return shape(KerasLayout.list(tensor.shape()));
  }

  private static String shape(List<Long> dimensions) {
    return dimensions.toString().replace(" ", "");
  }
}
