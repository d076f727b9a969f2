package org.alexnetedge.image;

/** A picture cannot be used. The message is a sentence for people, without the file's name. */
public final class ImageException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What is wrong with it. */
  public enum Kind {
    /** The bytes are no picture in any format that is known here. */
    NOT_AN_IMAGE,
    /** A part is missing, usually the end. */
    TRUNCATED,
    /** The bytes are corrupt, or of a format or variant that cannot be read. */
    DECODE_FAILED,
    /** More pixels than {@link DecodeOptions#maxPixels} allows. */
    TOO_LARGE
  }

  private final Kind kind;

  public ImageException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  static ImageException truncated(String message) {
    return new ImageException(Kind.TRUNCATED, message);
  }

  static ImageException failed(String message) {
    return new ImageException(Kind.DECODE_FAILED, message);
  }
}
