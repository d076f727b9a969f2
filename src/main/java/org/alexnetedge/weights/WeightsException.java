package org.alexnetedge.weights;

/**
 * A file of weights cannot be read, understood or written. The message is a sentence for the user
 * that names the file and says what is wrong with it.
 */
public final class WeightsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public WeightsException(String message) {
    super(message);
  }

  public WeightsException(String message, Throwable cause) {
    super(message, cause);
  }
}
