package org.alexnetedge.classify;

import java.io.IOException;
import java.io.Writer;
import java.util.List;
import java.util.Locale;

/**
 * A table for people, written as the records come: the file's name, the best score and label, the
 * other predictions as far as there is room. A best score below one half carries a question mark.
 * An error has its sentence in place of predictions, broken into lines. Names and labels are
 * escaped, so that they cannot drive the terminal.
 *
 * <pre>
 * photos/go…triever.jpg   97.3%  golden retriever    Labrador retriever 1.2% · kuvasz 0.4%
 * photos/sled.jpg         43.1%? Eskimo dog          Siberian husky 41.0%
 * photos/notes.txt        error  This is not an image.
 * </pre>
 */
public final class TableRows implements RecordWriter {

  private static final String PLAIN = "";
  private static final String BOLD = "1";
  private static final String DIM = "2";
  private static final String GREEN = "32";
  private static final String YELLOW = "33";
  private static final String RED = "31";
  private static final String BOLD_RED = "1;31";

  private static final int GAP = 2;
  private static final int SCORE = 6; // "100.0%"
  private static final int LEAST_WIDTH = 40;
  private static final int LEAST_OTHERS = 12;
  private static final int UNLIMITED = 1_000_000;

  private final boolean colours;
  private final int width;
  private final int name;
  private final int label;
  private final boolean shorten;

  /**
   * A table.
   *
   * @param width the terminal's columns; 0 when it goes elsewhere, where nothing is shortened
   * @param colours whether to use ANSI colours
   */
  public TableRows(int width, boolean colours) {
    this.colours = colours;
    this.shorten = width > 0;
    this.width = shorten ? Math.max(width, LEAST_WIDTH) : UNLIMITED;
    // A third for the name and a quarter for the label leave room for two more in 100 columns.
    this.name = Math.clamp(this.width * 35L / 100, 14, 44);
    this.label = Math.clamp(this.width / 4, 10, 26);
  }

  @Override
  public RecordFormat format() {
    return RecordFormat.TABLE;
  }

  @Override
  public void write(ClassifyRecord record, Writer out) throws IOException {
    String file = TerminalText.escaped(record.file().text());
    file = shorten ? TerminalText.shortened(file, name) : file;
    int used = pad(file, name, out) + GAP;
    switch (record) {
      case ClassifyRecord.Result result ->
          predictions(result.predictions(), result.isWeak(), used, out);
      case ClassifyRecord.Failure failure -> failure(failure.message(), used, out);
    }
    out.write('\n');
  }

  @Override
  public KeptRecord read(String text) {
    throw new UnsupportedOperationException("a table is not read back");
  }

  private void failure(String message, int used, Writer out) throws IOException {
    int indent = used + SCORE + GAP;
    out.write(" ".repeat(GAP + 1));
    styled("error", BOLD_RED, out);
    String separator = " ".repeat(GAP);
    for (String line : TerminalText.wrapped(TerminalText.escaped(message), width - indent)) {
      out.write(separator);
      styled(line, RED, out);
      separator = "\n" + " ".repeat(indent);
    }
  }

  private void predictions(List<Prediction> predictions, boolean weak, int used, Writer out)
      throws IOException {
    if (predictions.isEmpty()) {
      out.write(" ".repeat(GAP + SCORE - 1));
      String none = "–  no score reaches the threshold";
      styled(TerminalText.cut(none, width - used - SCORE + 1), DIM, out);
      return;
    }
    Prediction best = predictions.getFirst();
    String score = percent(best.score());
    out.write(" ".repeat(GAP + Math.max(0, SCORE - score.length())));
    styled(score + (weak ? "?" : ""), weak ? YELLOW : GREEN, out);
    out.write(weak ? " " : "  ");
    used += Math.max(SCORE, score.length()) + GAP;
    int room = width - used - label - GAP;
    boolean others = predictions.size() > 1 && room >= LEAST_OTHERS;
    String text = TerminalText.cut(label(best), others && shorten ? label : width - used);
    styled(text, weak ? PLAIN : BOLD, out);
    if (others) {
      out.write(" ".repeat(Math.max(0, label - TerminalText.width(text))));
      others(predictions.subList(1, predictions.size()), room, out);
    }
  }

  /** As many whole predictions as fit; the first is shortened when not even it does. */
  private void others(List<Prediction> others, int room, Writer out) throws IOException {
    StringBuilder text = new StringBuilder();
    for (Prediction next : others) {
      String score = " " + percent(next.score());
      if (text.isEmpty()) {
        text.append(TerminalText.cut(label(next), room - score.length())).append(score);
        continue;
      }
      String more = " · " + label(next) + score;
      if (TerminalText.width(text.toString()) + TerminalText.width(more) > room) {
        break;
      }
      text.append(more);
    }
    out.write(" ".repeat(GAP));
    styled(text.toString(), DIM, out);
  }

  private static String label(Prediction prediction) {
    String label = prediction.label();
    return label == null ? "class " + prediction.index() : TerminalText.escaped(label);
  }

  /** A score in at most six columns; what is no probability is shown as the number it is. */
  static String percent(float score) {
    if (Float.isNaN(score)) {
      return "nan";
    }
    if (score < 0 || score > 1) {
      return String.format(Locale.ROOT, Math.abs(score) < 100 ? "%.2f" : "%.0f", score);
    }
    long tenths = Math.round(score * 1000.0);
    if (tenths == 0 && score > 0) {
      return "<0.1%";
    }
    if (tenths == 1000 && score < 1) {
      return ">99.9%";
    }
    return tenths / 10 + "." + tenths % 10 + "%";
  }

  private static int pad(String text, int columns, Writer out) throws IOException {
    int taken = TerminalText.width(text);
    out.write(text);
    out.write(" ".repeat(Math.max(0, columns - taken)));
    return Math.max(columns, taken);
  }

  private void styled(String text, String style, Writer out) throws IOException {
    out.write(colours && !style.isEmpty() ? "\u001b[" + style + "m" + text + "\u001b[0m" : text);
  }
}
