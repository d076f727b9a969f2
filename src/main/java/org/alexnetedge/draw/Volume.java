package org.alexnetedge.draw;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.alexnetedge.draw.LayerGraph.Edge;
import org.alexnetedge.draw.LayerGraph.Layer;
import org.alexnetedge.onnx.Dimension;
import org.jspecify.annotations.Nullable;

/**
 * What stands between two layers of the longest path, without its batch dimension: a map of
 * features, or a vector (height and width 0).
 *
 * @param height in pixels of the map
 * @param width in pixels of the map
 * @param channels of the map, or the length of the vector
 * @param layer that gives it; null for what comes in
 * @param repeated how many layers of this kind and shape follow each other; 1 for one
 */
record Volume(long height, long width, long channels, @Nullable Layer layer, int repeated) {
  /** In a deep network equal layers in a row are drawn once. */
  private static final int MANY = 24;

  /**
   * The volumes of a graph.
   *
   * @param along the first, which comes in, and then what each layer of the path gives that changes
   *     the shape or has a window or weights of its own
   * @param leftOut layers that are not on the path
   * @param unknown layers on the path whose shape is not known, or is neither a map nor a vector
   */
  record Chain(List<Volume> along, long leftOut, long unknown) {}

  boolean isMap() {
    return height > 0;
  }

  /** For instance {@code 55 × 55 × 96} or {@code 4,096}. */
  String size() {
    return isMap()
        ? height + " × " + width + " × " + LayerText.number(channels)
        : LayerText.number(channels);
  }

  static Chain chain(LayerGraph graph) {
    List<Layer> path = longestPath(graph);
    List<Volume> volumes = new ArrayList<>();
    long unknown = 0;
    for (Layer layer : path) {
      boolean weighty =
          switch (layer.kind()) {
            case CONVOLUTION, POOLING, DENSE -> true;
            default -> false;
          };
      Volume volume = of(layer.shape(), layer);
      if (layer.nodes().isEmpty() || layer.kind() == Kind.FORM) {
        continue;
      }
      if (volume == null) {
        unknown++;
        continue;
      }
      if (volumes.isEmpty()) {
        Volume before = of(layer.input(), null);
        if (before != null) {
          volumes.add(before);
        }
      }
      if (weighty || volumes.isEmpty() || !volumes.getLast().hasSizeOf(volume)) {
        volumes.add(volume);
      }
    }
    return new Chain(
        volumes.size() > MANY ? joined(volumes) : volumes,
        graph.count() - path.stream().filter(layer -> !layer.nodes().isEmpty()).count(),
        unknown);
  }

  private boolean hasSizeOf(Volume other) {
    return height == other.height && width == other.width && channels == other.channels;
  }

  private static @Nullable Volume of(@Nullable List<Dimension> shape, @Nullable Layer layer) {
    if (shape == null || shape.size() != 4 && shape.size() != 2) {
      return null;
    }
    long[] lengths = new long[shape.size()];
    for (int i = 1; i < lengths.length; i++) {
      if (!(shape.get(i) instanceof Dimension.Fixed(long length)) || length < 1) {
        return null;
      }
      lengths[i] = length;
    }
    return lengths.length == 2
        ? new Volume(0, 0, lengths[1], layer, 1)
        : new Volume(lengths[2], lengths[3], lengths[1], layer, 1);
  }

  private static List<Volume> joined(List<Volume> volumes) {
    List<Volume> joined = new ArrayList<>();
    for (Volume volume : volumes) {
      Volume last = joined.isEmpty() ? null : joined.getLast();
      if (last != null && last.layer != null && volume.layer != null && last.hasSizeOf(volume)) {
        joined.set(
            joined.size() - 1,
            new Volume(last.height, last.width, last.channels, last.layer, last.repeated + 1));
      } else {
        joined.add(volume);
      }
    }
    return joined;
  }

  /** Of several as long as each other, the first of those with the most parameters. */
  private static List<Layer> longestPath(LayerGraph graph) {
    int n = graph.layers().size();
    int[] length = new int[n];
    long[] parameters = new long[n];
    int[] before = new int[n];
    List<List<Integer>> sources = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      sources.add(new ArrayList<>());
    }
    for (Edge edge : graph.edges()) {
      sources.get(edge.to()).add(edge.from());
    }
    int last = -1;
    for (int i = 0; i < n; i++) {
      before[i] = -1;
      Collections.sort(sources.get(i));
      for (int source : sources.get(i)) {
        if (before[i] < 0
            || length[source] + 1 > length[i]
            || length[source] + 1 == length[i] && parameters[source] > parameters[before[i]]) {
          length[i] = length[source] + 1;
          before[i] = source;
        }
      }
      parameters[i] =
          graph.layers().get(i).parameters() + (before[i] < 0 ? 0 : parameters[before[i]]);
      if (last < 0
          || length[i] > length[last]
          || length[i] == length[last] && parameters[i] > parameters[last]) {
        last = i;
      }
    }
    List<Layer> path = new ArrayList<>();
    for (int i = last; i >= 0; i = before[i]) {
      path.addFirst(graph.layers().get(i));
    }
    return path;
  }
}
