package org.alexnetedge.classify;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.alexnetedge.pipeline.InputName;
import org.jspecify.annotations.Nullable;

/**
 * The whole records of a file that is resumed, in order, read as they are asked for. A last record
 * without its line end is what a kill left: it is not offered, and is cut off before the first
 * record is appended. Not thread-safe; usable until its {@link RecordOutput} is closed.
 */
public final class KeptRecords {

  /** No record is nearly as long, so what is longer is no file of ours. */
  private static final int LONGEST = 1 << 26;

  private final @Nullable Path path;
  private final @Nullable RandomAccessFile file;
  private final @Nullable RecordWriter writer;
  private final byte[] chunk;
  private int at;
  private int filled;
  private long end;
  private long count;
  private boolean headerRead;
  private boolean exhausted;

  private KeptRecords(
      @Nullable Path path, @Nullable RandomAccessFile file, @Nullable RecordWriter writer) {
    this.path = path;
    this.file = file;
    this.writer = writer;
    this.chunk = new byte[file == null ? 0 : 1 << 16];
    this.exhausted = file == null;
  }

  static KeptRecords none() {
    return new KeptRecords(null, null, null);
  }

  /** Reads from the file's position, which must be its start. */
  static KeptRecords of(Path path, RandomAccessFile file, RecordWriter writer) {
    return new KeptRecords(path, file, writer);
  }

  /** Records read so far. */
  public long count() {
    return count;
  }

  /**
   * The next record, null after the last.
   *
   * @throws OutputException when the file cannot be read, or holds something else
   */
  public @Nullable KeptRecord next() throws OutputException {
    if (exhausted || writer == null) {
      return null;
    }
    try {
      if (!headerRead && !readHeader()) {
        return null;
      }
      String text = nextText();
      if (text == null) {
        return null;
      }
      KeptRecord record = writer.read(text);
      count++;
      return record;
    } catch (CharacterCodingException e) {
      throw garbage("it is not UTF-8", e);
    } catch (IOException e) {
      throw garbage(OutputException.reason(e), e);
    }
  }

  /**
   * Checks that the next record is of an input, which is how a resumed run passes those that are
   * done.
   *
   * @param input the name of the next input
   * @return its record, null when the file has no more: this input is the first to do
   * @throws OutputException when the record is of another input
   */
  public @Nullable KeptRecord expect(InputName input) throws OutputException {
    KeptRecord record = next();
    if (record != null && !record.isOf(input)) {
      throw new OutputException(
          ("%s: record %d is of %s, but the input in this place is %s; "
                  + "the inputs have changed, so start again with --overwrite")
              .formatted(path, count, named(record.file()), named(input)));
    }
    return record;
  }

  /**
   * Checks that there are no more records, after the last input.
   *
   * @throws OutputException when there is one
   */
  public void expectEnd() throws OutputException {
    long inputs = count;
    KeptRecord record = next();
    if (record != null) {
      throw new OutputException(
          ("%s: record %d is of %s, but there are only %d inputs; "
                  + "the inputs have changed, so start again with --overwrite")
              .formatted(path, count, named(record.file()), inputs));
    }
  }

  /** Whether {@link #next} has come to the end. */
  boolean exhausted() {
    return exhausted;
  }

  /** Bytes up to and with the last whole record that was read. */
  long end() {
    return end;
  }

  private boolean readHeader() throws IOException {
    headerRead = true;
    if (writer == null || writer.header().isEmpty()) {
      return true;
    }
    String header = nextText();
    if (header == null) {
      return false;
    }
    if (!writer.header().equals(header + "\n")) {
      throw new IOException("the header is another");
    }
    return true;
  }

  /** The next record's text without its line end, null when there is no whole one. */
  private @Nullable String nextText() throws IOException {
    boolean quotable = writer != null && writer.format().quoted();
    boolean quoted = false;
    ByteArrayOutputStream record = new ByteArrayOutputStream(256);
    while (true) {
      int start = at;
      while (at < filled) {
        byte b = chunk[at++];
        if (b == '"' && quotable) {
          quoted = !quoted; // a doubled quote within a field changes it twice
        } else if (b == '\n' && !quoted) {
          record.write(chunk, start, at - 1 - start);
          end += record.size() + 1L;
          return decoded(record.toByteArray());
        }
      }
      record.write(chunk, start, at - start);
      if (record.size() > LONGEST) {
        throw new IOException("it has no end");
      }
      at = 0;
      filled = file == null ? -1 : file.read(chunk);
      if (filled <= 0) {
        filled = 0;
        exhausted = true;
        return null;
      }
    }
  }

  private static String decoded(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  private OutputException garbage(String why, IOException cause) {
    return new OutputException(
        ("%s: record %d cannot be read back: %s; "
                + "the file was changed, so start again with --overwrite")
            .formatted(path, count + 1, why),
        cause);
  }

  private static String named(InputName name) {
    String text = TerminalText.escaped(name.text());
    return name.bytesHex() == null ? text : text + " (bytes " + name.bytesHex() + ")";
  }
}
