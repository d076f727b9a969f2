package org.alexnetedge.pipeline;

/** Why an input has no result; {@link #code()} is what a record says. */
public enum ErrorKind {
  NOT_FOUND("not-found"),
  UNREADABLE("unreadable"),
  NOT_AN_IMAGE("not-an-image"),
  TRUNCATED("truncated"),
  DECODE_FAILED("decode-failed"),
  TOO_LARGE("too-large"),
  HTTP("http"),
  /** A folder or list that was named as an input holds no picture. */
  NO_PICTURES("no-pictures"),
  INFERENCE_FAILED("inference-failed");

  private final String code;

  ErrorKind(String code) {
    this.code = code;
  }

  /** Lower-case code for machines. */
  public String code() {
    return code;
  }
}
