package org.alexnetedge.evaluate;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.alexnetedge.classify.OutputException;
import org.alexnetedge.pipeline.RawText;
import org.jspecify.annotations.Nullable;

/**
 * A table in a text file: a header and rows with as many fields, separated by commas, or by tabs or
 * semicolons when the header has those; quoted as RFC 4180 says. Read row by row. Fields are {@link
 * RawText}, so that paths which are not UTF-8 come through.
 */
public final class DelimitedText implements AutoCloseable {
  private static final String BYTE_ORDER_MARK = "\u00ef\u00bb\u00bf"; // as Latin-1
  private static final int LONGEST_HEADER = 1 << 20;

  private final Path file;
  private final BufferedReader in;
  private final char separator;
  private final List<String> header;
  private long line = 1;
  private long rowLine = 1;

  private DelimitedText(Path file, BufferedReader in) throws IOException, DataException {
    this.file = file;
    this.in = in;
    in.mark(LONGEST_HEADER);
    String first = in.readLine();
    in.reset();
    if (first == null || first.isEmpty()) {
      throw new DataException(file + " has no header; its first line must name its columns.");
    }
    if (first.startsWith(BYTE_ORDER_MARK)) {
      in.skip(BYTE_ORDER_MARK.length());
    }
    separator =
        first.indexOf('\t') >= 0
            ? '\t'
            : first.indexOf(',') < 0 && first.indexOf(';') >= 0 ? ';' : ',';
    List<String> names = row();
    header = names == null ? List.of() : names.stream().map(String::strip).toList();
  }

  /**
   * Opens a table and reads its header.
   *
   * @throws DataException when it cannot be read or has no header
   */
  public static DelimitedText open(Path file) throws DataException {
    BufferedReader in = null;
    try {
      // Latin-1 keeps the bytes, whatever they are.
      in = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1);
      return new DelimitedText(file, in);
    } catch (IOException | DataException e) {
      if (in != null) {
        try {
          in.close();
        } catch (IOException again) {
          e.addSuppressed(again);
        }
      }
      throw e instanceof DataException told ? told : unreadable(file, (IOException) e);
    }
  }

  private static DataException unreadable(Path file, IOException e) {
    return new DataException(file + " cannot be read: " + OutputException.reason(e) + ".", e);
  }

  public List<String> header() {
    return header;
  }

  /** Where a column is, by its name in any case; -1 when there is none. */
  public int find(String column) {
    for (int i = 0; i < header.size(); i++) {
      if (header.get(i).toLowerCase(Locale.ROOT).equals(column)) {
        return i;
      }
    }
    return -1;
  }

  /** Where a column is that must be there. */
  public int column(String name) throws DataException {
    int found = find(name);
    if (found < 0) {
      throw new DataException(
          "%s has no column '%s'; its columns are '%s'."
              .formatted(file, name, String.join("', '", header)));
    }
    return found;
  }

  /** The next row that is not blank, with as many fields as the header; null after the last. */
  public @Nullable List<String> next() throws DataException {
    try {
      List<String> row = row();
      while (row != null && row.size() == 1 && row.getFirst().isBlank()) {
        row = row();
      }
      if (row != null && row.size() != header.size()) {
        throw error("it has %d fields, but the header has %d".formatted(row.size(), header.size()));
      }
      return row;
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The line on which the last row began, from 1. */
  public long line() {
    return rowLine;
  }

  /** Something is wrong with the last row. */
  public DataException error(String what) {
    return new DataException("%s, line %d: %s.".formatted(file, rowLine, what));
  }

  private @Nullable List<String> row() throws IOException, DataException {
    rowLine = line;
    int c = in.read();
    if (c < 0) {
      return null;
    }
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    while (true) {
      if (c == '"') {
        quoted(field);
        c = in.read();
        if (c == '\r') {
          c = in.read();
        }
        if (c >= 0 && c != separator && c != '\n') {
          throw error("there is text behind a closing double quote");
        }
      } else {
        while (c >= 0 && c != separator && c != '\n') {
          field.append((char) c);
          c = in.read();
        }
        if (c != separator && !field.isEmpty() && field.charAt(field.length() - 1) == '\r') {
          field.setLength(field.length() - 1);
        }
      }
      fields.add(text(field));
      field.setLength(0);
      if (c != separator) {
        line += c == '\n' ? 1 : 0;
        return fields;
      }
      c = in.read();
    }
  }

  private void quoted(StringBuilder field) throws IOException, DataException {
    while (true) {
      int c = in.read();
      if (c < 0) {
        throw error("a closing double quote is missing");
      }
      if (c == '"') {
        in.mark(1);
        if (in.read() != '"') {
          in.reset();
          return;
        }
      }
      line += c == '\n' ? 1 : 0;
      field.append((char) c);
    }
  }

  private static String text(StringBuilder latin1) {
    return RawText.decode(latin1.toString().getBytes(StandardCharsets.ISO_8859_1));
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      // It was only read: nothing is lost.
    }
  }
}
