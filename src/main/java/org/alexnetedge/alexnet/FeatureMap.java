package org.alexnetedge.alexnet;

/** Shape of one sample between two layers, [channels, height, width]; a flat row has 1 x 1. */
public record FeatureMap(int channels, int height, int width) {

  /** Values in one sample. */
  public long size() {
    return (long) channels * height * width;
  }
}
