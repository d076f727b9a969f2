package org.alexnetedge.weights;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Link;
import io.jhdf.api.Node;
import io.jhdf.api.dataset.ContiguousDataset;
import io.jhdf.object.datatype.FloatingPoint;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/** Walks through the groups of an HDF5 file in the layouts of Keras 2 and 3. */
final class KerasWeights {
  /** Models in models in models; a damaged file may have a group inside itself. */
  private static final int DEEPEST = 16;

  private static final int MOST_TENSORS = 100_000;

  private final KerasNames names;
  private final String where;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private int visited;

  private KerasWeights(KerasNames names, String where) {
    this.names = names;
    this.where = where;
  }

  /**
   * The weights of an HDF5 file in memory.
   *
   * @param bytes the whole file; tensors are views of it
   * @param where for messages
   */
  static Map<String, Tensor> read(MemorySegment bytes, KerasNames names, String where) {
    KerasWeights weights = new KerasWeights(names, where);
    try (HdfFile file = HdfFile.fromByteBuffer(bytes.asByteBuffer())) {
      weights.walk(file);
    } catch (WeightsException e) {
      throw e;
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      // Whatever jHDF makes of bytes that are no HDF5: it trusts lengths and addresses.
      throw new WeightsException(where + " is not a whole HDF5 file, or it is damaged.", e);
    }
    if (weights.tensors.isEmpty()) {
      throw new WeightsException(where + " is an HDF5 file without weights of a Keras model.");
    }
    return weights.tensors;
  }

  private void walk(HdfFile file) {
    Group root = file.getChild("model_weights") instanceof Group inside ? inside : file;
    List<String> order = strings(root.getAttribute("layer_names"));
    if (!order.isEmpty() || root != file) {
      for (Group layer : groups(root, order)) {
        keras2(layer, layer.getName(), DEEPEST);
      }
    } else {
      keras3(root, "", DEEPEST);
    }
  }

  /** Layers with weights named {@code LAYER/.../kernel:0}. */
  private void keras2(Group group, String layer, int depth) {
    check(depth);
    List<String> declared = strings(group.getAttribute("weight_names"));
    if (declared.isEmpty()) {
      for (Node child : children(group)) {
        if (child instanceof Group inner) {
          keras2(inner, layer, depth - 1);
        } else if (child instanceof Dataset data) {
          add(layer + "/" + variable(data.getName()), data);
        }
      }
    }
    for (String name : declared) {
      if (group.getByPath(name) instanceof Dataset data) {
        String variable = variable(name);
        // A model inside a model has several kernels: their own layers tell them apart.
        String inner = name.contains("/") ? name.substring(0, name.lastIndexOf('/')) : "";
        boolean again = tensors.containsKey(layer + "/" + variable);
        add(again ? layer + "/" + inner + "/" + variable : layer + "/" + variable, data);
      }
    }
  }

  /** {@code kernel} of {@code conv2d/kernel:0}. */
  private static String variable(String name) {
    String last = name.substring(name.lastIndexOf('/') + 1);
    int colon = last.indexOf(':');
    return colon < 0 ? last : last.substring(0, colon);
  }

  /** Groups {@code layers/KIND_N/vars} with the weights as {@code 0}, {@code 1}... */
  private void keras3(Group group, String prefix, int depth) {
    check(depth);
    boolean top = depth == DEEPEST;
    for (Group child : groups(group, List.copyOf(top ? List.of() : names.byGroup().keySet()))) {
      String name = child.getName();
      if (top && name.equals("optimizer") || name.equals("seed_generator")) {
        continue;
      }
      if (name.equals("layers")) {
        keras3(child, prefix, depth - 1);
      } else if (name.equals("vars")) {
        variables(child, prefix.isEmpty() ? "model" : prefix.substring(0, prefix.length() - 1));
      } else {
        keras3(child, prefix + layerName(child, prefix) + "/", depth - 1);
      }
    }
  }

  private String layerName(Group layer, String prefix) {
    String configured = prefix.isEmpty() ? names.byGroup().get(layer.getName()) : null;
    if (configured == null && layer.getChild("vars") instanceof Group vars) {
      List<String> said = strings(vars.getAttribute("name"));
      configured = said.size() == 1 && !said.getFirst().isBlank() ? said.getFirst() : null;
    }
    return configured == null ? layer.getName() : configured;
  }

  private void variables(Group vars, String layer) {
    List<Dataset> stored = new ArrayList<>();
    for (Node child : children(vars)) {
      if (child instanceof Dataset data) {
        stored.add(data);
      }
    }
    List<String> called = called(stored);
    for (int i = 0; i < stored.size(); i++) {
      add(layer + "/" + called.get(i), stored.get(i));
    }
  }

  /** The names that layers give to their weights, in the order in which Keras makes them. */
  private static List<String> called(List<Dataset> stored) {
    int rank = stored.isEmpty() ? 0 : stored.getFirst().getDimensions().length;
    if (rank >= 2 && stored.size() <= 2) {
      return List.of("kernel", "bias");
    }
    if (rank == 1 && stored.size() == 4) {
      return List.of("gamma", "beta", "moving_mean", "moving_variance");
    }
    return stored.stream().map(Node::getName).toList();
  }

  private void add(String name, Dataset data) {
    if (++visited > MOST_TENSORS) {
      throw new WeightsException(where + " is damaged: it has no end of tensors.");
    }
    if (!(data.getDataType() instanceof FloatingPoint type)) {
      return;
    }
    if (!(data instanceof ContiguousDataset contiguous)) {
      throw new WeightsException(
          where
              + " keeps '"
              + name
              + "' in pieces or compressed, which is not read: load the model in Keras and save"
              + " its weights again.");
    }
    Tensor tensor = tensor(name, contiguous, type);
    if (tensors.putIfAbsent(name, tensor) != null) {
      throw new WeightsException(where + " has two tensors '" + name + "'.");
    }
  }

  private Tensor tensor(String name, ContiguousDataset data, FloatingPoint type) {
    int bytes = type.getSize();
    ElementType element =
        switch (bytes + " " + type.getExponentSize()) {
          case "2 5" -> ElementType.FLOAT16;
          case "4 8" -> ElementType.FLOAT32;
          case "8 11" -> ElementType.FLOAT64;
          default ->
              throw new WeightsException(
                  where + " has floats of " + 8 * bytes + " bits in '" + name + "'.");
        };
    long[] shape = data.getDimensionsAsLong();
    MemorySegment segment = MemorySegment.ofBuffer(data.getBuffer());
    boolean turned = type.getByteOrder() == ByteOrder.BIG_ENDIAN;
    try {
      return Tensor.of(
          element, shape, new NpyElements(element, bytes, turned, 'f').toLittleEndian(segment));
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new WeightsException(
          where + " is damaged: '" + name + "' has another size than its shape.", e);
    }
  }

  private void check(int depth) {
    if (depth == 0) {
      throw new WeightsException(where + " is damaged: it has groups without end.");
    }
  }

  private static List<Group> groups(Group group, List<String> order) {
    List<Group> groups = new ArrayList<>();
    for (Node child : children(group)) {
      if (child instanceof Group inner) {
        groups.add(inner);
      }
    }
    groups.sort(
        Comparator.comparingInt(
            each -> {
              int place = order.indexOf(each.getName());
              return place < 0 ? Integer.MAX_VALUE : place;
            }));
    return groups;
  }

  /** Without links, which may lead to other files, in the order of Keras' numbers. */
  private static List<Node> children(Group group) {
    List<Node> children = new ArrayList<>(group.getChildren().values());
    children.removeIf(child -> child instanceof Link);
    children.sort(
        Comparator.comparing((Node child) -> unnumbered(child.getName()))
            .thenComparing(child -> number(child.getName())));
    return children;
  }

  private static String unnumbered(String name) {
    return name.replaceFirst("_?\\d{1,9}$", "");
  }

  private static int number(String name) {
    String digits = name.substring(unnumbered(name).length()).replace("_", "");
    return digits.isEmpty() ? -1 : Integer.parseInt(digits);
  }

  private static List<String> strings(@Nullable Attribute attribute) {
    return switch (attribute == null ? null : attribute.getData()) {
      case String one -> List.of(one);
      case String[] several -> List.of(several);
      case null, default -> List.of();
    };
  }
}
