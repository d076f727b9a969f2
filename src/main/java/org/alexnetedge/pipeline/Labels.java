package org.alexnetedge.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Reads names of classes from a file, in the order of the model's outputs. */
public final class Labels {
  private static final String IMAGENET = "imagenet-labels.txt";

  private Labels() {}

  /**
   * Reads a text file with one label a line, or a table: fields separated by tabs, a header line,
   * of which the column {@code label} or the first that ends in {@code name} is taken.
   *
   * @throws IllegalArgumentException with a sentence when it cannot be read or lacks a label
   */
  public static List<String> read(Path file) {
    List<String> lines = lines(file);
    boolean table = !lines.isEmpty() && lines.getFirst().contains("\t");
    List<String> header =
        table ? List.of(lines.removeFirst().toLowerCase(Locale.ROOT).split("\t", -1)) : List.of();
    int column = table ? labelColumn(header, file) : 0;
    int index = header.indexOf("index");
    List<String> labels = new ArrayList<>();
    for (String line : lines) {
      String[] cells = table ? line.split("\t", -1) : new String[] {line};
      if (column >= cells.length || cells[column].isBlank()) {
        throw new IllegalArgumentException(
            "The label file " + file + " has no label for class " + labels.size() + " (from 0).");
      }
      // A table that is sorted otherwise would name every class wrongly, and nobody would see it.
      if (index >= 0
          && index < cells.length
          && !cells[index].strip().equals(Integer.toString(labels.size()))) {
        throw new IllegalArgumentException(
            "The label file %s has index %s where %d is expected: sort it, without gaps, from 0."
                .formatted(file, cells[index], labels.size()));
      }
      labels.add(cells[column].strip());
    }
    if (labels.isEmpty()) {
      throw new IllegalArgumentException("The label file " + file + " has no labels.");
    }
    return labels;
  }

  /** The 1,000 classes of ImageNet (ILSVRC 2012) in their usual order, by torchvision's names. */
  public static List<String> imagenet() {
    try (InputStream in = Labels.class.getResourceAsStream(IMAGENET)) {
      return new String(Objects.requireNonNull(in, IMAGENET).readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> lines(Path file) {
    List<String> lines = new ArrayList<>();
    try {
      Files.readAllLines(file).forEach(line -> lines.add(line.replace("\uFEFF", "").strip()));
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("There is no label file " + file + ".");
    } catch (MalformedInputException e) {
      throw new IllegalArgumentException("The label file " + file + " is not UTF-8 text.");
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "The label file " + file + " cannot be read: " + e.getMessage() + ".");
    }
    while (!lines.isEmpty() && lines.getLast().isEmpty()) {
      lines.removeLast();
    }
    return lines;
  }

  private static int labelColumn(List<String> names, Path file) {
    if (names.contains("label")) {
      return names.indexOf("label");
    }
    for (int i = 0; i < names.size(); i++) {
      if (names.get(i).endsWith("name")) {
        return i;
      }
    }
    throw new IllegalArgumentException(
        "The first line of " + file + " names no column 'label', nor one that ends in 'name'.");
  }
}
