package org.alexnetedge.evaluate;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.alexnetedge.pipeline.InputName;
import org.alexnetedge.pipeline.RawText;
import org.jspecify.annotations.Nullable;

/**
 * Predictions that were made elsewhere: a table with a column {@code label}, the true class, and
 * one column of scores for each class. These are {@code p0}, {@code p1} and so on, where {@code
 * label} is the class's number, or its name when names are given; or else all columns but {@code
 * row}, {@code file}, {@code path} and {@code split}, named as the labels are.
 */
public final class PredictionsFile {
  /** Columns that are no scores, those that name a picture first. */
  private static final List<String> OTHERS = List.of("file", "path", "row", "split", "label");

  private static final int NAMING = 3;
  private static final int AMBIGUOUS = -1;

  private final DelimitedText table;
  private final List<Integer> columns = new ArrayList<>();
  private final List<String> labels;
  private final Map<String, Integer> classes = new HashMap<>();

  private PredictionsFile(DelimitedText table, Path file, @Nullable List<String> names)
      throws DataException {
    this.table = table;
    while (table.find("p" + columns.size()) >= 0) {
      columns.add(table.find("p" + columns.size()));
    }
    boolean numbered = !columns.isEmpty();
    for (String name : table.header()) {
      if (numbered
          && name.matches("p\\d{1,9}")
          && Integer.parseInt(name.substring(1)) >= columns.size()) {
        throw new DataException(
            "%s has a column %s, but none p%d.".formatted(file, name, columns.size()));
      }
    }
    List<String> own = new ArrayList<>();
    for (int i = 0; i < table.header().size(); i++) {
      String name = table.header().get(i);
      if (!numbered && !OTHERS.contains(name.toLowerCase(Locale.ROOT))) {
        columns.add(i);
        own.add(name);
      }
    }
    if (columns.isEmpty()) {
      throw new DataException(
          file
              + " has no columns of scores; expected p0, p1 and so on, or one named as each"
              + " label.");
    }
    Set<String> distinct = new HashSet<>(own);
    if (distinct.size() < own.size()) {
      throw new DataException(file + " has two columns of one name.");
    }
    if (names != null && names.size() != columns.size()) {
      throw new DataException(
          "%s has scores for %,d classes, but there are %,d labels."
              .formatted(file, columns.size(), names.size()));
    }
    for (int k = 0; k < columns.size(); k++) {
      String number = Integer.toString(k);
      if (numbered) {
        classes.put(number, k);
        own.add(number);
      }
    }
    labels = names != null ? List.copyOf(names) : own;
    Map<String, Integer> named = new HashMap<>();
    for (int k = 0; k < labels.size(); k++) {
      named.merge(labels.get(k), k, (_, _) -> AMBIGUOUS);
    }
    classes.putAll(named); // A name goes before a number.
  }

  /**
   * Reads predictions; numbers in double precision.
   *
   * @param labels names of the classes instead of the file's own, or null
   * @throws DataException when the file cannot be read or is no such table, with the line
   */
  public static Evaluation read(Path file, @Nullable List<String> labels) throws DataException {
    try (DelimitedText table = DelimitedText.open(file)) {
      int label = table.column("label");
      return new PredictionsFile(table, file, labels).rows(label, file);
    }
  }

  private Evaluation rows(int label, Path file) throws DataException {
    List<double[]> rows = new ArrayList<>();
    List<Integer> truth = new ArrayList<>();
    List<InputName> pictures = new ArrayList<>();
    for (List<String> row = table.next(); row != null; row = table.next()) {
      Integer k = classes.get(row.get(label).strip());
      if (k == null) {
        throw table.error("the label '" + row.get(label) + "' is none of the classes");
      }
      if (k == AMBIGUOUS) {
        throw table.error(
            "the label '" + row.get(label) + "' stands for two classes; give the class's number");
      }
      double[] scores = new double[columns.size()];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = number(row, columns.get(i));
      }
      rows.add(scores);
      truth.add(k);
      pictures.add(name(row));
    }
    if (rows.isEmpty()) {
      throw new DataException(file + " has no rows, so there are no predictions.");
    }
    LabelledScores scores =
        LabelledScores.of(
            rows.toArray(new double[0][]), truth.stream().mapToInt(Integer::intValue).toArray());
    return new Evaluation(scores, labels, pictures, List.of(), List.of());
  }

  private double number(List<String> row, int column) throws DataException {
    String text = row.get(column).strip();
    try {
      double number = Double.parseDouble(text);
      if (Double.isFinite(number)) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw table.error(
        "'%s' in column '%s' is no number".formatted(text, table.header().get(column)));
  }

  /** The first column that names a picture, else its line. */
  private InputName name(List<String> row) {
    for (String column : OTHERS.subList(0, NAMING)) {
      int at = table.find(column);
      if (at >= 0) {
        return column.equals("row")
            ? InputName.of("row " + row.get(at))
            : InputName.of(RawText.encode(row.get(at)));
      }
    }
    return InputName.of("line " + table.line());
  }
}
