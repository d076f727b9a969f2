package org.alexnetedge.train;

import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The figures of a run's epochs, in memory and as {@code metrics.jsonl}, one line an epoch. */
final class History {
  private final Path file;
  private final List<EpochFigures> epochs = new ArrayList<>();

  History(Path file) {
    this.file = file;
  }

  /**
   * Reads the file, and cuts it back to these first epochs: those after the last checkpoint are
   * done again.
   *
   * @throws TrainingException when it has fewer, or is no such file
   */
  void readFirst(int count) throws TrainingException {
    epochs.clear();
    try {
      List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
      if (lines.size() < count) {
        throw new TrainingException(
            "%s has %d lines, but the last checkpoint comes after epoch %d."
                .formatted(file, lines.size(), count));
      }
      for (String line : lines.subList(0, count)) {
        epochs.add(EpochFigures.parse(line));
      }
      // Also cuts off a line that a kill left unfinished.
      StringBuilder kept = new StringBuilder();
      lines.subList(0, count).forEach(line -> kept.append(line).append('\n'));
      DurableFiles.write(file, kept.toString());
    } catch (JsonParseException e) {
      throw new TrainingException(file + " is not what this program wrote.", e);
    } catch (IOException e) {
      throw TrainingException.cannot("read", file, e);
    }
  }

  void add(EpochFigures epoch) throws TrainingException {
    try {
      Files.writeString(
          file, epoch.toJson() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      DurableFiles.force(file);
    } catch (IOException e) {
      throw TrainingException.cannot("write", file, e);
    }
    epochs.add(epoch);
  }

  /** From the first epoch; a view that grows. */
  List<EpochFigures> epochs() {
    return Collections.unmodifiableList(epochs);
  }
}
