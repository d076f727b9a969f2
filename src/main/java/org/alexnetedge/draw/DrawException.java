package org.alexnetedge.draw;

import org.jspecify.annotations.Nullable;

/** There can be no such picture; the message is a sentence that says why and what to do. */
public final class DrawException extends Exception {
  private static final long serialVersionUID = 1L;

  public DrawException(String message) {
    super(message);
  }

  public DrawException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
