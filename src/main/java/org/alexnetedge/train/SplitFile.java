package org.alexnetedge.train;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.evaluate.DelimitedText;
import org.alexnetedge.image.Format;
import org.alexnetedge.pipeline.Input;
import org.alexnetedge.pipeline.InputOptions;
import org.alexnetedge.pipeline.RawPath;
import org.alexnetedge.pipeline.RawText;

/**
 * The pictures of a run in a file: {@code split.tsv}, a table with tabs and the columns {@code
 * path} (absolute), {@code label}, {@code split} ({@code train} or {@code val}) and {@code sha256}.
 * {@code evaluate} reads it as any other table. Fields with tabs, quotes or line breaks are quoted
 * as RFC 4180 says; names that are not UTF-8 are there with their bytes.
 */
public final class SplitFile {
  private SplitFile() {}

  /** Writes the file anew. */
  public static void write(TrainingData data, Path file) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      out.write(RawText.encode("path\tlabel\tsplit\tsha256\n"));
      write(data.training(), data.labels(), DataReader.TRAINING, out);
      write(data.validation(), data.labels(), DataReader.VALIDATION, out);
    }
  }

  private static void write(
      List<Sample> samples, List<String> labels, String split, OutputStream out)
      throws IOException {
    for (Sample sample : samples) {
      String path = RawText.decode(RawPath.bytes(sample.file().toAbsolutePath().normalize()));
      String row =
          field(path)
              + '\t'
              + field(labels.get(sample.label()))
              + '\t'
              + split
              + '\t'
              + sample.sha256()
              + '\n';
      out.write(RawText.encode(row));
    }
  }

  private static String field(String text) {
    boolean plain = text.chars().noneMatch(c -> c == '\t' || c == '"' || c == '\n' || c == '\r');
    return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  /**
   * Reads a file that {@link #write} made, without a look at the pictures.
   *
   * @param labels as they were written, in the order that the samples' labels get
   * @throws DataException when it is not such a file
   */
  public static TrainingData read(Path file, List<String> labels) throws DataException {
    List<Sample> training = new ArrayList<>();
    List<Sample> validation = new ArrayList<>();
    try (DelimitedText table = DelimitedText.open(file)) {
      int path = table.column("path");
      int label = table.column("label");
      int split = table.column("split");
      int sha256 = table.column("sha256");
      for (List<String> row = table.next(); row != null; row = table.next()) {
        int number = labels.indexOf(row.get(label));
        if (number < 0) {
          throw table.error("there is no class '" + row.get(label) + "'");
        }
        Sample sample = new Sample(path(row.get(path), table), number, row.get(sha256));
        switch (row.get(split)) {
          case DataReader.TRAINING -> training.add(sample);
          case DataReader.VALIDATION -> validation.add(sample);
          default -> throw table.error("the split is neither train nor val");
        }
      }
    }
    return new TrainingData(labels, training, validation, List.of(), List.of());
  }

  private static Path path(String text, DelimitedText table) throws DataException {
    try {
      return RawPath.of(text);
    } catch (InvalidPathException e) {
      throw table.error("'" + text + "' can be no file's name");
    }
  }

  /**
   * Makes sure that all files have the bytes that they had.
   *
   * @param progress told how many were read, by any thread, one at a time
   * @throws DataException that names some of those that are gone or changed
   */
  public static void verify(TrainingData data, int threads, IntConsumer progress)
      throws DataException {
    InputOptions files = InputOptions.of(first -> Format.sniff(first) != null);
    List<Sample> samples = new ArrayList<>(data.training());
    samples.addAll(data.validation());
    List<Input> inputs = samples.stream().map(s -> Input.of(s.file(), files)).toList();
    List<PictureCheck> checks = PictureCheck.of(inputs, null, threads, progress);
    List<String> changed = new ArrayList<>();
    for (int i = 0; i < samples.size(); i++) {
      String sha256 = checks.get(i).sha256();
      if (!samples.get(i).sha256().equals(sha256)) {
        String what = sha256 == null ? " (cannot be read)" : " (changed)";
        changed.add(samples.get(i).name().text() + what);
      }
    }
    if (!changed.isEmpty()) {
      throw new DataException(
          ("%,d of %,d pictures are not what they were when the run began: %s. Put them back to go"
                  + " on with it, or start a new run.")
              .formatted(changed.size(), samples.size(), DataRemarks.list(changed)));
    }
  }
}
