package org.alexnetedge.classify;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import org.alexnetedge.pipeline.InputName;
import org.jspecify.annotations.Nullable;

/**
 * Comma-separated values: a header, then one row a file, quoted as RFC 4180 says, with {@code '\n'}
 * as the line end. The columns are {@code file}, then {@code index1,label1,score1} and so on for
 * each of K places, then {@code error,message} (the kind and the sentence), then {@code file_bytes}
 * (hex, when the name is not UTF-8). What does not apply is empty; a label that is known and empty
 * is {@code ""}. Texts stay as they are: nothing is put before those that a spreadsheet could take
 * for a formula.
 */
public final class CsvRows implements RecordWriter {

  private static final int AFTER_PLACES = 3;

  private final int places;

  /**
   * Rows with room for a number of predictions.
   *
   * @param places K, the most predictions of a record
   */
  public CsvRows(int places) {
    this.places = places;
  }

  @Override
  public RecordFormat format() {
    return RecordFormat.CSV;
  }

  @Override
  public String header() {
    StringBuilder line = new StringBuilder("file");
    for (int place = 1; place <= places; place++) {
      line.append(",index").append(place).append(",label").append(place);
      line.append(",score").append(place);
    }
    return line.append(",error,message,file_bytes\n").toString();
  }

  @Override
  public void write(ClassifyRecord record, Writer out) throws IOException {
    field(record.file().text(), out);
    List<Prediction> predictions =
        record instanceof ClassifyRecord.Result result ? result.predictions() : List.of();
    if (predictions.size() > places) {
      throw new IllegalArgumentException(
          predictions.size() + " predictions do not fit into " + places + " places");
    }
    for (int place = 0; place < places; place++) {
      if (place < predictions.size()) {
        Prediction prediction = predictions.get(place);
        out.append(',').append(Integer.toString(prediction.index())).append(',');
        field(prediction.label(), out);
        out.append(',').append(Float.toString(prediction.score()));
      } else {
        out.write(",,,");
      }
    }
    out.write(',');
    if (record instanceof ClassifyRecord.Failure failure) {
      out.append(failure.kind().code()).append(',');
      field(failure.message(), out);
    } else {
      out.write(',');
    }
    out.write(',');
    field(record.file().bytesHex(), out);
    out.write('\n');
  }

  private static void field(@Nullable String text, Writer out) throws IOException {
    if (text == null) {
      return;
    }
    if (!text.isEmpty() && text.chars().noneMatch(c -> c == ',' || c == '"' || c < ' ')) {
      out.write(text);
      return;
    }
    out.write('"');
    out.write(text.replace("\"", "\"\""));
    out.write('"');
  }

  @Override
  public KeptRecord read(String text) throws IOException {
    List<String> fields = fields(text);
    if (fields.size() != 1 + 3 * places + AFTER_PLACES) {
      throw new IOException(
          "it has " + fields.size() + " fields and not " + (1 + 3 * places + AFTER_PLACES));
    }
    String bytesHex = fields.getLast();
    boolean failed = !fields.get(fields.size() - AFTER_PLACES).isEmpty();
    return new KeptRecord(
        new InputName(fields.getFirst(), bytesHex.isEmpty() ? null : bytesHex), failed);
  }

  private static List<String> fields(String row) throws IOException {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    int at = 0;
    while (true) {
      boolean quoted = at < row.length() && row.charAt(at) == '"';
      at = quoted ? quoted(row, at + 1, field) : plain(row, at, field);
      fields.add(field.toString());
      field.setLength(0);
      if (at == row.length()) {
        return fields;
      }
      if (row.charAt(at) != ',') {
        throw new IOException("a double quote stands within a field");
      }
      at++;
    }
  }

  private static int plain(String row, int at, StringBuilder field) {
    int end = at;
    while (end < row.length() && row.charAt(end) != ',' && row.charAt(end) != '"') {
      end++;
    }
    field.append(row, at, end);
    return end;
  }

  private static int quoted(String row, int at, StringBuilder field) throws IOException {
    while (true) {
      int quote = row.indexOf('"', at);
      if (quote < 0) {
        throw new IOException("a field's closing double quote is missing");
      }
      field.append(row, at, quote);
      if (quote + 1 == row.length() || row.charAt(quote + 1) != '"') {
        return quote + 1;
      }
      field.append('"');
      at = quote + 2;
    }
  }
}
