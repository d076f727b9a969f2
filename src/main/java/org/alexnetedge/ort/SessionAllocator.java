package org.alexnetedge.ort;

import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A session's allocator for one kind of memory. ONNX Runtime frees a tensor by the allocator that
 * made it, and one tensor can be in several values (a sequence, a binding, the output that an input
 * is passed on as); so allocator and session stay until the last of these is released.
 *
 * <p>Thread-safe.
 */
final class SessionAllocator {
  private final Session session;
  private final long handle;
  private final AtomicInteger users = new AtomicInteger(1);

  private SessionAllocator(Session session, long handle) {
    this.session = session;
    this.handle = handle;
  }

  /** An allocator that the caller leaves. */
  static SessionAllocator of(Session session, Memory memory) {
    Api api = session.environment().api();
    long sessionHandle = session.enter();
    try (Arena arena = Arena.ofConfined()) {
      long info = memory.create(api, arena);
      try {
        return new SessionAllocator(
            session, api.make(Function.CreateAllocator, sessionHandle, info));
      } finally {
        api.plain(Function.ReleaseMemoryInfo, info);
      }
    } catch (Throwable t) {
      session.leave();
      throw t;
    }
  }

  long handle() {
    return handle;
  }

  /** One user more; for who knows that there is one. */
  void keep() {
    users.incrementAndGet();
  }

  void leave() {
    if (users.decrementAndGet() == 0) {
      session.environment().api().plain(Function.ReleaseAllocator, handle);
      session.leave();
    }
  }
}
