package org.alexnetedge.train;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Features of pictures as samples, for training a head alone. In each epoch a picture is seen in
 * one of its views, drawn by seed, epoch and index. Thread-safe; holds nothing that is to be
 * closed.
 */
public final class FeatureSamples implements Samples {
  private final Features features;
  private final int[] labels;
  private final Targets targets;
  private final long seed;

  /**
   * @param samples the pictures that the features are of, in their order
   * @param targets labels to targets
   * @param seed of the views' order
   */
  public FeatureSamples(Features features, List<Sample> samples, Targets targets, long seed) {
    if (features.size() != samples.size()) {
      throw new IllegalArgumentException(
          "the features are of %d pictures, not of %d".formatted(features.size(), samples.size()));
    }
    this.features = features;
    this.labels = samples.stream().mapToInt(Sample::label).toArray();
    this.targets = targets;
    this.seed = seed;
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public long[] inputShape() {
    return new long[] {features.features()};
  }

  @Override
  public int classes() {
    return targets.outputs();
  }

  @Override
  public void fill(
      int epoch,
      int[] indices,
      MemorySegment inputs,
      MemorySegment targetRows,
      MemorySegment weights) {
    for (int row = 0; row < indices.length; row++) {
      int index = indices[row];
      features.copy(index, view(epoch, index), inputs, row);
      targets.write(labels[index], targetRows, weights, row);
    }
  }

  /** The view in which a picture is seen in an epoch. */
  private int view(int epoch, int index) {
    int views = features.views();
    return views == 1 ? 0 : new Draws(seed, Draws.Purpose.VIEW, epoch, index).below(views);
  }

  /** Does nothing: the features free themselves. */
  @Override
  public void close() {}
}
