package org.alexnetedge.ort;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;

/**
 * A thread's memory for what calls take and give by pointer: handed out in order, and given back
 * when the block that opened it ends. A confined arena for each call would cost a malloc, a free
 * and four objects; this costs none. What does not fit is left to the garbage collector.
 *
 * <p>Cleared, as an arena's. For the thread that opened it, in nested blocks.
 */
final class Scratch implements SegmentAllocator, AutoCloseable {
  private static final int BYTES = 4096;
  private static final int DEPTH = 16;
  private static final long ALIGNMENT = 16;
  private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

  private final MemorySegment memory = Arena.ofAuto().allocate(BYTES, ALIGNMENT);
  private final long[] starts = new long[DEPTH];
  private int depth;
  private long used;

  private Scratch() {}

  /** Opens a block; it ends with {@link #close}. */
  static Scratch open() {
    Scratch scratch = OF_THREAD.get();
    scratch.starts[scratch.depth++] = scratch.used;
    return scratch;
  }

  @Override
  public MemorySegment allocate(long bytes, long alignment) {
    if (alignment > ALIGNMENT || bytes > BYTES - used) {
      return Arena.ofAuto().allocate(bytes, alignment);
    }
    MemorySegment slice = memory.asSlice(used, bytes);
    used = Math.min(BYTES, used + bytes + ALIGNMENT - 1 & -ALIGNMENT);
    return slice.fill((byte) 0);
  }

  @Override
  public void close() {
    used = starts[--depth];
  }
}
