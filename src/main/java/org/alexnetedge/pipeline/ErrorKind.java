package org.alexnetedge.pipeline;

import org.alexnetedge.image.ImageException;

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

  /** The kind of a picture that cannot be decoded. */
  public static ErrorKind of(ImageException.Kind kind) {
    return switch (kind) {
      case NOT_AN_IMAGE -> NOT_AN_IMAGE;
      case TRUNCATED -> TRUNCATED;
      case DECODE_FAILED -> DECODE_FAILED;
      case TOO_LARGE -> TOO_LARGE;
    };
  }

  /** Lower-case code for machines. */
  public String code() {
    return code;
  }
}
