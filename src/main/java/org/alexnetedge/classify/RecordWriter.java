package org.alexnetedge.classify;

import java.io.IOException;
import java.io.Writer;

/**
 * The text of records in one format. Every record ends with a line end ({@code '\n'}), and texts
 * are the same whatever the locale. Immutable, so thread-safe.
 */
public sealed interface RecordWriter permits JsonLines, CsvRows, TableRows {

  /** The format that this writes. */
  RecordFormat format();

  /** What stands before the first record, with its line end; empty for most formats. */
  default String header() {
    return "";
  }

  /**
   * Writes one record.
   *
   * @throws IOException only when {@code out} does
   */
  void write(ClassifyRecord record, Writer out) throws IOException;

  /**
   * Reads back which input a record is of.
   *
   * @param text one record without its line end
   * @throws IOException when it is not a record of this format; the message says why
   * @throws UnsupportedOperationException when the format is not {@link RecordFormat#resumable()}
   */
  KeptRecord read(String text) throws IOException;
}
