package org.alexnetedge.pipeline;

/** One input cannot be processed; the message is a sentence without the input's name. */
public final class InputException extends Exception {
  private static final long serialVersionUID = 1L;

  private final ErrorKind kind;

  public InputException(ErrorKind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public ErrorKind kind() {
    return kind;
  }
}
