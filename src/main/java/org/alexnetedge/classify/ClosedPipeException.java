package org.alexnetedge.classify;

/**
 * Whoever read the output has stopped reading, as {@code head} does. No fault: a command ends
 * quietly.
 */
public final class ClosedPipeException extends Exception {
  private static final long serialVersionUID = 1L;

  ClosedPipeException(Throwable cause) {
    super("the output's reader has gone", cause);
  }
}
