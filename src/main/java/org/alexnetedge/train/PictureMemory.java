package org.alexnetedge.train;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Bounded memory, off the heap, for pictures that are decoded once. What was put into it stays: an
 * epoch takes every picture once, and then to drop one for another would be to lose both.
 *
 * <p>Thread-safe; the creator closes it, after those that use it.
 */
public final class PictureMemory implements AutoCloseable {
  private final Arena arena = Arena.ofShared();
  private final AtomicLong left;
  private boolean closed;

  /**
   * @param bytes the most that is taken; 0 for none
   */
  public PictureMemory(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException(
          "The memory for decoded pictures must be 0 (none) or more, got " + bytes + " bytes.");
    }
    left = new AtomicLong(bytes);
  }

  /** Memory of this size for as long as this is open; null when there is not so much left. */
  @Nullable MemorySegment take(long bytes) {
    long before = left.getAndUpdate(free -> free >= bytes ? free - bytes : free);
    if (before < bytes) {
      return null;
    }
    try {
      return arena.allocate(bytes);
    } catch (OutOfMemoryError e) {
      left.set(0); // The machine has less than it was believed to have.
      return null;
    }
  }

  /** Bytes that are still free. */
  public long left() {
    return left.get();
  }

  /** Frees all of it; closing twice is nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      arena.close();
    }
  }
}
