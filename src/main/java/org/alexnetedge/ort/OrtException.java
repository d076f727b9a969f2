package org.alexnetedge.ort;

/** ONNX Runtime refused something, or is not what is expected; the message is its own or ours. */
public final class OrtException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** {@code OrtErrorCode} of onnxruntime_c_api.h. */
  public enum Code {
    OK,
    FAIL,
    INVALID_ARGUMENT,
    NO_SUCHFILE,
    NO_MODEL,
    ENGINE_ERROR,
    RUNTIME_EXCEPTION,
    INVALID_PROTOBUF,
    MODEL_LOADED,
    NOT_IMPLEMENTED,
    INVALID_GRAPH,
    EP_FAIL,
    MODEL_LOAD_CANCELED,
    MODEL_REQUIRES_COMPILATION,
    NOT_FOUND,
    /** A code that this version does not know. */
    UNKNOWN;

    static Code of(int code) {
      return code >= 0 && code < UNKNOWN.ordinal() ? values()[code] : UNKNOWN;
    }
  }

  private final Code code;

  OrtException(String message) {
    super(message);
    this.code = Code.FAIL;
  }

  /** An error of this kind. */
  public OrtException(Code code, String message) {
    super(message);
    this.code = code;
  }

  /** ONNX Runtime's error code; {@link Code#FAIL} for what this binding found by itself. */
  public Code code() {
    return code;
  }
}
