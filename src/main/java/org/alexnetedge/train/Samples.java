package org.alexnetedge.train;

import java.lang.foreign.MemorySegment;
import org.alexnetedge.evaluate.DataException;

/**
 * What a network learns from, or is measured on: inputs with targets. The numbers of a sample are a
 * function of the epoch and its index alone, whatever else is in the batch, whatever the threads
 * do. One thread at a time calls {@link #fill}.
 */
public interface Samples extends AutoCloseable {
  /** Number of samples. */
  int size();

  /** Shape of one input, without the batch. */
  long[] inputShape();

  /** Length of a row of targets: the model's outputs, 1 for a yes or no. */
  int classes();

  /**
   * Fills a batch; row i gets sample {@code indices[i]}.
   *
   * @param epoch from 0; where a picture is looked at several times, the number of the view
   * @param inputs float32, native byte order, [N, inputShape]; may be longer than N rows
   * @param targets float32, [N, classes]
   * @param weights float32, [N], by which each sample's loss is multiplied
   * @throws DataException when a sample cannot be read any more
   */
  void fill(
      int epoch, int[] indices, MemorySegment inputs, MemorySegment targets, MemorySegment weights)
      throws DataException;

  @Override
  void close();
}
