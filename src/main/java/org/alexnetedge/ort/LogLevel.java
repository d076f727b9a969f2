package org.alexnetedge.ort;

/** {@code OrtLoggingLevel}: a logger passes its own level and those above it. */
public enum LogLevel {
  /** Every step; much text. */
  VERBOSE,
  /** What a session does as it is made and run. */
  INFO,
  /** What works, but perhaps not as it was meant. */
  WARNING,
  /** What failed; the call fails as well. */
  ERROR,
  /** What ends the process. */
  FATAL;

  static LogLevel of(int level) {
    return values()[Math.clamp(level, 0, FATAL.ordinal())];
  }
}
