package org.alexnetedge.artifacts;

/**
 * A model cannot be trained as asked. The message is a sentence for the user that names the node or
 * the parameter, and says what to do.
 */
public final class ArtifactException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ArtifactException(String message) {
    super(message);
  }
}
