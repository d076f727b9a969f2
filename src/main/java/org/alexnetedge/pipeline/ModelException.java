package org.alexnetedge.pipeline;

/** A model cannot be used for pictures; the message is for the user, without the file's name. */
public final class ModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ModelException(String message) {
    super(message);
  }
}
