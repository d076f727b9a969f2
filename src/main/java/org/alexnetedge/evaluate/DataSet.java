package org.alexnetedge.evaluate;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.alexnetedge.classify.OutputException;
import org.alexnetedge.pipeline.Argument;
import org.alexnetedge.pipeline.Input;
import org.alexnetedge.pipeline.InputName;
import org.alexnetedge.pipeline.InputOptions;
import org.alexnetedge.pipeline.Inputs;
import org.alexnetedge.pipeline.RawPath;
import org.alexnetedge.pipeline.RawText;
import org.jspecify.annotations.Nullable;

/**
 * Pictures whose classes are known: a folder with one folder for each class, or a table with the
 * columns {@code path}, {@code label} and perhaps {@code split}. The names of the pictures are in
 * memory, the pictures are not. Not thread-safe; close after the last picture was read.
 */
public final class DataSet implements AutoCloseable {
  private final InputOptions options;
  private final List<String> labels;
  private final List<Input> pictures = new ArrayList<>();
  private final List<String> truths = new ArrayList<>();

  /** What the rows of a table have in their column {@code split}; empty without one. */
  private final List<String> splits = new ArrayList<>();

  private final List<String> remarks = new ArrayList<>();

  /** What pictures were found with, and downloads are made by. */
  private final List<Inputs> open = new ArrayList<>();

  private DataSet(InputOptions options, List<String> labels) {
    this.options = options;
    this.labels = List.copyOf(labels);
  }

  /**
   * Finds the pictures.
   *
   * @param given path of the folder or table, as {@link RawText}; paths in a table are relative to
   *     its folder
   * @param split only rows of a table with this in their column {@code split}; null for all
   * @param options how pictures are found and read
   * @throws DataException when it is neither, a row is wrong, or there is no label
   */
  public static DataSet read(String given, @Nullable String split, InputOptions options)
      throws DataException {
    Path path = RawPath.of(given);
    if (!Files.exists(path)) {
      throw new DataException("There is no folder or table " + path + ".");
    }
    if (!Files.isDirectory(path)) {
      return ofTable(given, path, split, options);
    }
    if (split != null) {
      throw new DataException(
          path + " is a folder, and --split chooses rows of a table; name a folder in it instead.");
    }
    return ofFolder(given, path, options);
  }

  private static DataSet ofFolder(String given, Path folder, InputOptions options)
      throws DataException {
    List<byte[]> names = new ArrayList<>();
    int others = 0;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        byte[] name = RawPath.bytes(entry.getFileName());
        if (name[0] != '.' && Files.isDirectory(entry)) {
          names.add(name);
        } else if (name[0] != '.') {
          others++;
        }
      }
    } catch (DirectoryIteratorException e) {
      throw unreadable(folder, e.getCause());
    } catch (IOException e) {
      throw unreadable(folder, e);
    }
    if (names.isEmpty()) {
      throw new DataException(
          folder + " holds no folders; expected one for each class, with its pictures.");
    }
    names.sort(Arrays::compareUnsigned);
    DataSet data = new DataSet(options, names.stream().map(RawText::decode).toList());
    String prefix = given.endsWith("/") ? given : given + "/";
    for (String label : data.labels) {
      Inputs found = new Inputs(List.of(new Argument.Named(prefix + label)), options);
      data.open.add(found);
      for (Input input = found.next(); input != null; input = found.next()) {
        data.pictures.add(input);
        data.truths.add(label);
      }
    }
    if (others > 0) {
      data.remarks.add(
          "%,d file%s directly in %s belong%s to no class and %s not looked at"
              .formatted(
                  others,
                  others == 1 ? "" : "s",
                  folder,
                  others == 1 ? "s" : "",
                  others == 1 ? "is" : "are"));
    }
    return data;
  }

  private static DataException unreadable(Path folder, IOException e) {
    return new DataException(folder + " cannot be read: " + OutputException.reason(e) + ".", e);
  }

  private static DataSet ofTable(
      String given, Path file, @Nullable String split, InputOptions options) throws DataException {
    String folder = given.substring(0, given.lastIndexOf('/') + 1);
    List<Argument> paths = new ArrayList<>();
    List<String> truths = new ArrayList<>();
    List<String> rowSplits = new ArrayList<>();
    TreeSet<String> splits = new TreeSet<>();
    try (DelimitedText table = DelimitedText.open(file)) {
      int path = table.column("path");
      int label = table.column("label");
      int chosen = split == null ? table.find("split") : table.column("split");
      for (List<String> row = table.next(); row != null; row = table.next()) {
        if (chosen >= 0) {
          splits.add(row.get(chosen));
          if (split != null && !row.get(chosen).equals(split)) {
            continue;
          }
        }
        if (row.get(label).isEmpty()) {
          throw table.error("the label is empty");
        }
        if (chosen >= 0) {
          rowSplits.add(row.get(chosen));
        }
        paths.add(picture(folder, row.get(path), table));
        truths.add(row.get(label));
      }
    }
    if (paths.isEmpty()) {
      throw new DataException(
          split == null || splits.isEmpty()
              ? file + " has no rows, so there is no picture."
              : "%s has no row of split '%s'; there are '%s'."
                  .formatted(file, split, String.join("', '", splits)));
    }
    DataSet data = new DataSet(options, List.copyOf(new TreeSet<>(truths)));
    data.splits.addAll(rowSplits);
    if (split == null && splits.size() > 1) {
      data.remarks.add(
          "all splits of %s are taken together ('%s'); --split takes one"
              .formatted(file, String.join("', '", splits)));
    }
    Inputs found = new Inputs(paths, options);
    data.open.add(found);
    for (int i = 0; i < paths.size(); i++) {
      Input input = found.next();
      if (input == null || !input.name().equals(nameOf(paths.get(i)))) {
        // Labels would no longer be those of their pictures.
        data.close();
        throw new DataException(paths.get(i).given() + " became a folder meanwhile.");
      }
      data.pictures.add(input);
      data.truths.add(truths.get(i));
    }
    return data;
  }

  private static InputName nameOf(Argument argument) {
    return InputName.of(RawText.encode(argument.given()));
  }

  /** A row's argument; a folder, which is no single picture, would not be in step with labels. */
  private static Argument picture(String folder, String path, DelimitedText table)
      throws DataException {
    if (path.isEmpty()) {
      throw table.error("the path is empty");
    }
    Argument entry = Argument.entry(path);
    if (entry instanceof Argument.Url) {
      return entry;
    }
    String whole = path.startsWith("/") ? path : folder + path;
    try {
      if (Files.isDirectory(RawPath.of(whole))) {
        throw table.error("'" + path + "' is a folder; expected a picture");
      }
    } catch (InvalidPathException e) {
      throw table.error("'" + path + "' can be no file's name");
    }
    return new Argument.Named(whole);
  }

  /** The labels in sorted order; some may have no pictures. */
  public List<String> labels() {
    return labels;
  }

  /** Number of pictures, readable or not. */
  public int size() {
    return pictures.size();
  }

  /** The true label of picture i. */
  public String label(int i) {
    return truths.get(i);
  }

  /** Whether a label has pictures, readable or not; an empty class folder has none. */
  boolean hasPictures(String label) {
    for (int i = 0; i < pictures.size(); i++) {
      if (truths.get(i).equals(label) && !pictures.get(i).isEmptyFolder()) {
        return true;
      }
    }
    return false;
  }

  /** What the row of picture i has in its column {@code split}; null when there is none. */
  public @Nullable String split(int i) {
    return splits.isEmpty() ? null : splits.get(i);
  }

  /** The picture i: what {@link #inputs} gives as its i-th. */
  public Input picture(int i) {
    return pictures.get(i);
  }

  /**
   * Entries of the class folders that were passed over: hidden ones, and files that are no
   * pictures.
   */
  public long skipped() {
    return open.stream().mapToLong(Inputs::skipped).sum();
  }

  /** What a reader should know about the data, one phrase each. */
  public List<String> remarks() {
    return List.copyOf(remarks);
  }

  /** The pictures, in the order of {@link #label}; to be closed before this. */
  public Inputs inputs() {
    Inputs inputs = new Inputs(List.of(), options);
    inputs.putBack(pictures);
    return inputs;
  }

  @Override
  public void close() {
    open.forEach(Inputs::close);
  }
}
