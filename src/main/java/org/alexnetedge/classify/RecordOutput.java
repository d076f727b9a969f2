package org.alexnetedge.classify;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where records go. Whoever opens it closes it; closing writes what is still held, and closing
 * twice is nothing. After an exception nothing more is written. Not thread-safe.
 */
public sealed interface RecordOutput extends AutoCloseable
    permits StreamOutput, OutputFile, CallbackOutput {

  /** What to do with a FILE that has records already. */
  enum Existing {
    REFUSE,
    RESUME,
    OVERWRITE
  }

  /** Standard output. */
  static RecordOutput standardOutput(RecordWriter writer) {
    return StreamOutput.standardOutput(writer);
  }

  /**
   * Opens {@code -o FILE}. {@code -} is standard output; devices, pipes and {@code /dev/stdout} are
   * written like it: nothing beside them, nothing to resume.
   *
   * @param settings what decides the records (model hash, options, ...), in the order in which
   *     differences are named; keys are as the user knows them, {@code --top}
   * @throws OutputException when the file cannot be written, is in use, has records that {@code
   *     existing} does not allow for, or is of a run with other settings
   */
  static RecordOutput open(
      Path file, Existing existing, RecordWriter writer, Map<String, String> settings)
      throws OutputException {
    return StreamOutput.isStream(file)
        ? StreamOutput.open(file, existing, writer)
        : OutputFile.open(file, existing, writer, settings);
  }

  /**
   * The records that the output has already; they must have been read to their end before the first
   * {@link #write}.
   */
  KeptRecords kept();

  /**
   * Writes one record, at the latest with the end of its batch.
   *
   * @throws OutputException when it cannot be written; the file then ends with a whole record
   * @throws ClosedPipeException when nobody reads any more
   * @throws IllegalStateException when kept records have not been read
   */
  void write(ClassifyRecord record) throws OutputException, ClosedPipeException;

  /** Hands all records to the system: from here on they survive the end of the process. */
  void endBatch() throws OutputException, ClosedPipeException;

  @Override
  void close() throws OutputException, ClosedPipeException;
}
