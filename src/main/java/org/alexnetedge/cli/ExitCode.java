package org.alexnetedge.cli;

/** Exit codes that scripts can trust. SIGINT and SIGTERM give 130 and 143 by the JVM itself. */
final class ExitCode {
  static final int DONE = 0;

  /** Done, but some records are errors. */
  static final int SOME_ERRORS = 1;

  static final int USAGE = 2;

  /** A model, a library or a device cannot be used. */
  static final int MODEL = 3;

  /** Output, run folder or training data cannot be used. */
  static final int OUTPUT = 4;

  /** Our own fault (EX_SOFTWARE of sysexits.h). */
  static final int INTERNAL = 70;

  private ExitCode() {}
}
