package org.alexnetedge.classify;

import java.nio.file.Path;
import java.util.Locale;

/** How records are written. */
public enum RecordFormat {
  /** For people on a terminal; cannot be read back. */
  TABLE("table", false, false),
  /** One JSON object a line. */
  JSONL("jsonl", true, false),
  /** A header and one row a file; a quoted field may hold line ends. */
  CSV("csv", true, true);

  private final String code;
  private final boolean resumable;
  private final boolean quoted;

  RecordFormat(String code, boolean resumable, boolean quoted) {
    this.code = code;
    this.resumable = resumable;
    this.quoted = quoted;
  }

  /** What {@code auto} means for an output file: CSV by its ending, else JSON Lines. */
  public static RecordFormat forFile(Path file) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(".csv") ? CSV : JSONL;
  }

  /** Lower-case code for options and {@code FILE.run}. */
  public String code() {
    return code;
  }

  /** Whether an unfinished file can be read back and continued. */
  public boolean resumable() {
    return resumable;
  }

  /** Whether a line end between double quotes belongs to the record. */
  boolean quoted() {
    return quoted;
  }
}
