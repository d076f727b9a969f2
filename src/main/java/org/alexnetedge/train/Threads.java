package org.alexnetedge.train;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.alexnetedge.evaluate.DataException;

/** Work on several threads at once, which ends before the call does: it uses what is its own. */
final class Threads {
  private Threads() {}

  /** Daemon threads of this name. */
  static ExecutorService pool(int threads, String name) {
    return Executors.newFixedThreadPool(
        threads, Thread.ofPlatform().daemon().name(name + "-", 1).factory());
  }

  /** Runs all and waits for all, whatever fails; then fails as the last failure. */
  static void runAll(ExecutorService pool, List<? extends Callable<?>> work) throws DataException {
    List<Future<?>> running = new ArrayList<>();
    for (Callable<?> each : work) {
      running.add(pool.submit(each));
    }
    Throwable failure = null;
    boolean interrupted = false;
    for (Future<?> each : running) {
      boolean ended = false;
      while (!ended) {
        try {
          each.get();
          ended = true;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          failure = e.getCause();
          ended = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    switch (failure) {
      case null -> {}
      case DataException e -> throw new DataException(e.getMessage(), e);
      case Error e -> throw e;
      default -> throw new IllegalStateException("Reading pictures broke off: " + failure, failure);
    }
  }
}
