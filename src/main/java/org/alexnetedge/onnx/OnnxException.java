package org.alexnetedge.onnx;

/**
 * A model or tensor file cannot be read, understood or written. The message is a sentence for the
 * user that names the file and says what is wrong with it.
 */
public final class OnnxException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public OnnxException(String message) {
    super(message);
  }

  public OnnxException(String message, Throwable cause) {
    super(message, cause);
  }
}
