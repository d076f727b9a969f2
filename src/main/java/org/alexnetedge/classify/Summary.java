package org.alexnetedge.classify;

/** What a run of {@link Classifier#classify} did; times are in nanoseconds. */
public final class Summary {
  long files;
  long errors;
  long weak;
  long kept;
  long readNanos;
  long decodeNanos;
  long inferenceNanos;
  boolean stopped;

  Summary() {}

  /** Records in the output, those of an earlier run included. */
  public long files() {
    return files;
  }

  /** Records that are errors, those of an earlier run included. */
  public long errors() {
    return errors;
  }

  /** Records of this run whose best score is below one half. */
  public long weak() {
    return weak;
  }

  /** Records of an earlier run. */
  public long kept() {
    return kept;
  }

  /** Time spent reading, all decoders together. */
  public long readNanos() {
    return readNanos;
  }

  /** Time spent decoding and preprocessing, all decoders together. */
  public long decodeNanos() {
    return decodeNanos;
  }

  /** Time spent in the model. */
  public long inferenceNanos() {
    return inferenceNanos;
  }

  /** Whether it ended early. */
  public boolean stopped() {
    return stopped;
  }
}
