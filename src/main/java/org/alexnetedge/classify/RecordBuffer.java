package org.alexnetedge.classify;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Whole records on their way out: what is taken from here always ends at a record's end. */
final class RecordBuffer {

  /** Enough for one system call to be cheap, and little to lose when the process is killed. */
  private static final int FULL = 1 << 16;

  private final RecordWriter writer;
  private final StringWriter text = new StringWriter();
  private int records;

  RecordBuffer(RecordWriter writer) {
    this.writer = writer;
  }

  void addHeader() {
    text.write(writer.header());
  }

  void add(ClassifyRecord record) {
    int before = text.getBuffer().length();
    try {
      writer.write(record, text);
      records++;
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    } catch (RuntimeException e) {
      text.getBuffer().setLength(before);
      throw e;
    }
  }

  boolean isFull() {
    return text.getBuffer().length() >= FULL;
  }

  boolean isEmpty() {
    return text.getBuffer().isEmpty();
  }

  /** Records that {@link #take} would give, headers not counted. */
  int records() {
    return records;
  }

  /** Empties it: UTF-8 whatever the locale. */
  byte[] take() {
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    text.getBuffer().setLength(0);
    records = 0;
    return bytes;
  }
}
