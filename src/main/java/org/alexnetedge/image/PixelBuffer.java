package org.alexnetedge.image;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Off-heap memory for one picture, used again for the next. Grows and never shrinks, except that
 * what a giant picture took is given back with the next one.
 *
 * <p>A segment handed out is dead after the next {@link #ofSize} that has to grow and after {@link
 * #close}: touching it then is an IllegalStateException, never a crash.
 */
final class PixelBuffer implements AutoCloseable {
  private static final long GIANT = 64L << 20; // 22 megapixels
  private static final long ALIGNMENT = 64;

  private @Nullable Arena arena;
  private MemorySegment memory = MemorySegment.NULL;
  private boolean closed;

  /** Memory of exactly this size with whatever content. */
  MemorySegment ofSize(long bytes) {
    if (closed) {
      throw new IllegalStateException("The decoder is closed.");
    }
    long capacity = memory.byteSize();
    if (bytes > capacity || capacity > GIANT && bytes <= GIANT) {
      free();
      arena = Arena.ofShared(); // Closing one is slow, but growth is rare.
      long generous = bytes > GIANT ? bytes : Math.min(GIANT, bytes + bytes / 2);
      memory = arena.allocate(Math.max(generous, ALIGNMENT), ALIGNMENT);
    }
    return memory.asSlice(0, bytes);
  }

  private void free() {
    if (arena != null) {
      arena.close();
      arena = null;
      memory = MemorySegment.NULL;
    }
  }

  /** Frees the memory; closing twice is nothing. */
  @Override
  public void close() {
    closed = true;
    free();
  }
}
