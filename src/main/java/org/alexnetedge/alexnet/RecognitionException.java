package org.alexnetedge.alexnet;

import java.util.List;

/** Weights that are no AlexNet's, or do not fit the one that they look like. */
public final class RecognitionException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient List<String> details;

  RecognitionException(String sentence, List<String> details) {
    super(sentence);
    this.details = List.copyOf(details);
  }

  /** What does not fit, a line for each tensor; the last may say how many more there are. */
  public List<String> details() {
    return details == null ? List.of() : details;
  }
}
