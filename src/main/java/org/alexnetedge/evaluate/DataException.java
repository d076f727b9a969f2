package org.alexnetedge.evaluate;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Labelled data cannot be used; the message is a sentence that names the file and the place. */
public final class DataException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  public DataException(String message) {
    super(message);
  }

  public DataException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
