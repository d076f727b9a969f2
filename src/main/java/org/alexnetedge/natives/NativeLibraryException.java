package org.alexnetedge.natives;

/**
 * A native library cannot be found, extracted or opened. The message is one sentence for the user:
 * which file, why, and what to do.
 */
public final class NativeLibraryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message for the user, with a full stop
   */
  public NativeLibraryException(String message) {
    super(message);
  }

  /**
   * @param message for the user, with a full stop
   * @param cause what the JDK said
   */
  public NativeLibraryException(String message, Throwable cause) {
    super(message, cause);
  }
}
