package org.alexnetedge.pipeline;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The encoded bytes of one picture at a time, off the heap, in memory that is used again for the
 * next one. Once it has grown to the size of the pictures, reading allocates nothing off the heap.
 *
 * <p>The creator owns the memory and closes it. One thread uses it at a time; it may be handed to
 * another thread, for example through a queue. Closing twice is nothing; use after close, of a view
 * too, is an IllegalStateException.
 */
public final class EncodedPicture implements AutoCloseable {
  private static final long STEP = 64 << 10;

  /** What is larger is given back for the next picture: a single huge one is not paid for twice. */
  private static final long KEPT = 64L << 20;

  /**
   * Shared, so that another thread may take over and use after free is an exception. Closing a
   * shared arena stops all threads for a moment; that happens on growth only.
   */
  private @Nullable Arena arena;

  private MemorySegment memory = MemorySegment.NULL;
  private ByteBuffer view = ByteBuffer.allocate(0);
  private int size;
  private boolean closed;

  /** Empty; memory is taken when the first picture is read. */
  public EncodedPicture() {}

  /**
   * What was read last, read-only; empty before. Valid until the next read or close: the memory
   * stays this object's.
   */
  public MemorySegment bytes() {
    checkOpen();
    return memory.asSlice(0, size).asReadOnly();
  }

  /** In bytes. */
  public long size() {
    checkOpen();
    return size;
  }

  /** Forgets the content. */
  void clear() {
    checkOpen();
    size = 0;
    if (memory.byteSize() > KEPT) {
      free();
    }
  }

  /**
   * Makes room for so many bytes behind the content, which is kept.
   *
   * @throws InputException {@code too-large} if there is not so much memory
   */
  void reserve(long more) throws InputException {
    checkOpen();
    long needed = size + more;
    if (needed > memory.byteSize()) {
      // Doubling keeps a body of unknown length from being copied over and over.
      long wanted = size == 0 ? needed : Math.max(needed, 2L * memory.byteSize());
      long rounded = (wanted + STEP - 1) / STEP * STEP;
      grow(Math.max(needed, Math.min(rounded, InputOptions.LARGEST_LIMIT)));
    }
  }

  /** The free memory behind the content; {@link #added} says how much of it was filled. */
  ByteBuffer room() {
    checkOpen();
    return view.limit(view.capacity()).position(size);
  }

  /** The first {@code count} bytes of {@link #room} are content now. */
  void added(int count) {
    size += count;
  }

  private void grow(long capacity) throws InputException {
    if (size == 0) {
      free(); // first, so that old and new do not stand side by side
    }
    Arena newArena = Arena.ofShared();
    MemorySegment grown;
    try {
      grown = newArena.allocate(capacity, 64);
    } catch (OutOfMemoryError e) {
      newArena.close();
      throw new InputException(
          ErrorKind.TOO_LARGE, "There is not enough memory for its %,d bytes.".formatted(capacity));
    }
    MemorySegment.copy(memory, 0, grown, 0, size);
    free();
    arena = newArena;
    memory = grown;
    view = grown.asByteBuffer();
  }

  private void free() {
    Arena old = arena;
    arena = null;
    memory = MemorySegment.NULL;
    view = ByteBuffer.allocate(0);
    if (old != null) {
      old.close();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("This EncodedPicture is closed.");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      free();
    }
  }
}
