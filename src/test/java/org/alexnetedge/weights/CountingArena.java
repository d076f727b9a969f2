package org.alexnetedge.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** An arena that remembers how much was asked of it. */
final class CountingArena implements Arena {
  private final Arena arena = Arena.ofConfined();
  private long bytes;

  /** Bytes of all segments so far. */
  long bytes() {
    return bytes;
  }

  @Override
  public MemorySegment allocate(long byteSize, long byteAlignment) {
    bytes += byteSize;
    return arena.allocate(byteSize, byteAlignment);
  }

  @Override
  public MemorySegment.Scope scope() {
    return arena.scope();
  }

  @Override
  public void close() {
    arena.close();
  }
}
