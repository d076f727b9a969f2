package org.alexnetedge.train;

import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.alexnetedge.evaluate.DataException;
import org.jspecify.annotations.Nullable;

/**
 * Batches of samples in a given order; while one goes through the network, the next is made. For
 * one thread.
 */
final class BatchReader implements AutoCloseable {
  private final Samples samples;
  private final int size;
  private final Batch[] buffers;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("batches").factory()::newThread);

  private int[] order = {};
  private int epoch;
  private int from;
  private int buffer;
  private @Nullable Future<Batch> made;

  /**
   * @param size rows of a batch
   */
  BatchReader(Samples samples, int size) {
    this.samples = samples;
    this.size = size;
    // Freed when nothing refers to it: a batch may still be filled when this is closed.
    Arena arena = Arena.ofAuto();
    int rows = Math.min(size, samples.size());
    buffers = new Batch[] {new Batch(arena, samples, rows), new Batch(arena, samples, rows)};
  }

  /**
   * Begins with another order.
   *
   * @param start index in the order of the first sample
   */
  void begin(int epochFrom0, int[] indices, int start) {
    finish();
    epoch = epochFrom0;
    order = indices;
    from = start;
    prepare();
  }

  private void prepare() {
    if (from >= order.length) {
      made = null;
      return;
    }
    int[] indices = Arrays.copyOfRange(order, from, Math.min(from + size, order.length));
    Batch next = buffers[buffer];
    int ofEpoch = epoch;
    buffer = 1 - buffer;
    from += indices.length;
    made =
        thread.submit(
            () -> {
              next.fill(samples, ofEpoch, indices);
              return next;
            });
  }

  /** The next batch, valid until the call after the next; null after the last. */
  @Nullable Batch next() throws DataException, InterruptedException {
    if (made == null) {
      return null;
    }
    try {
      Batch batch = made.get();
      prepare();
      return batch;
    } catch (ExecutionException e) {
      made = null;
      switch (e.getCause()) {
        case DataException data -> throw data;
        case RuntimeException runtime -> throw runtime;
        case Error error -> throw error;
        default -> throw new AssertionError(e.getCause());
      }
    }
  }

  /** Waits for the batch that is under way, which nobody wants any more. */
  private void finish() {
    if (made != null) {
      try {
        made.get();
      } catch (ExecutionException e) {
        // Nobody wants it.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      made = null;
    }
  }

  @Override
  public void close() {
    finish();
    thread.shutdown();
  }
}
