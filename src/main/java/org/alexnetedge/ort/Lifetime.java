package org.alexnetedge.ort;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Who may use a native object, and when it is released: a count of calls under way and a closed bit
 * in one word. Closing never waits; the last call to leave a closed object releases it.
 *
 * <p>Thread-safe.
 */
final class Lifetime {
  private static final long CLOSED = 1L << 62;

  private final AtomicLong state = new AtomicLong();
  private final String name;
  private final Runnable release;

  /**
   * @param name what is closed, for messages: "the session"
   * @param release runs exactly once, on the thread that closes or leaves last
   */
  Lifetime(String name, Runnable release) {
    this.name = name;
    this.release = release;
  }

  /** Enters a call; every success is followed by one {@link #leave}. */
  void enter() {
    if ((state.getAndIncrement() & CLOSED) != 0) {
      leave();
      throw new IllegalStateException("The " + name + " is closed.");
    }
  }

  void leave() {
    if (state.decrementAndGet() == CLOSED) {
      releaseOnce();
    }
  }

  boolean isClosed() {
    return (state.get() & CLOSED) != 0;
  }

  /** True for the call that closed it, false when it was closed before. */
  boolean close() {
    long before = state.getAndUpdate(s -> s | CLOSED);
    if ((before & CLOSED) != 0) {
      return false;
    }
    if (before == 0) {
      releaseOnce();
    }
    return true;
  }

  /** Between the last leave and the release a late {@link #enter} may come and go again. */
  private void releaseOnce() {
    if (state.compareAndSet(CLOSED, CLOSED | RELEASED)) {
      release.run();
    }
  }

  private static final long RELEASED = 1L << 61;
}
