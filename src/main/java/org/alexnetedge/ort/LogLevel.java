package org.alexnetedge.ort;

/** {@code OrtLoggingLevel}: a logger passes its own level and those above it. */
public enum LogLevel {
  VERBOSE,
  INFO,
  WARNING,
  ERROR,
  FATAL;

  static LogLevel of(int level) {
    return values()[Math.clamp(level, 0, FATAL.ordinal())];
  }
}
