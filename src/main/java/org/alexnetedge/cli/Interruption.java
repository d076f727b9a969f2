package org.alexnetedge.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * On SIGINT and SIGTERM the JVM runs its shutdown hooks and ends with 130 or 143; this hook first
 * lets the job end with whole records.
 */
final class Interruption {
  /** A batch on a slow machine, and its records. */
  private static final long PATIENCE_SECONDS = 10;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook;

  /**
   * @param stop asks the job to end soon
   */
  Interruption(Runnable stop) {
    this(stop, PATIENCE_SECONDS);
  }

  /**
   * @param stop asks the job to end soon
   * @param patience how many seconds it may take to end
   */
  Interruption(Runnable stop, long patience) {
    hook =
        new Thread(
            () -> {
              stop.run();
              try {
                ended.await(patience, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** The job has ended, one way or another. */
  void over() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending, and the hook waits for this.
      ended.countDown();
    }
  }
}
