package org.alexnetedge.ort;

/** ONNX Runtime refused something, or is not what is expected; the message is its own or ours. */
public final class OrtException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** {@code OrtErrorCode} of onnxruntime_c_api.h. */
  public enum Code {
    /** No error. */
    OK,
    /** Something else, or found by this binding itself. */
    FAIL,
    /** A name, type, shape or option does not fit. */
    INVALID_ARGUMENT,
    /** A file is missing. */
    NO_SUCHFILE,
    /** There is no model in what was given. */
    NO_MODEL,
    /** The engine could not begin. */
    ENGINE_ERROR,
    /** A run failed, or the machine lacks something. */
    RUNTIME_EXCEPTION,
    /** A file is no ONNX model, or is damaged. */
    INVALID_PROTOBUF,
    /** The model is loaded already. */
    MODEL_LOADED,
    /** There is no kernel for an operator, or the library lacks a part. */
    NOT_IMPLEMENTED,
    /** The model breaks a rule of ONNX. */
    INVALID_GRAPH,
    /** An execution provider failed, or cannot be used. */
    EP_FAIL,
    /** Opening was called off. */
    MODEL_LOAD_CANCELED,
    /** The provider takes compiled models only. */
    MODEL_REQUIRES_COMPILATION,
    /** Something that was asked for by name is not there. */
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
