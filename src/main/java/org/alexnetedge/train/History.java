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
   * Reads the first epochs, and leaves the file as it is.
   *
   * @throws TrainingException when it has fewer, or is no such file
   */
  void readFirst(int count) throws TrainingException {
    epochs.clear();
    try {
      List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
      if (lines.size() < count) {
        throw new TrainingException(
            "%s has %d lines, but the checkpoint comes after epoch %d."
                .formatted(file, lines.size(), count));
      }
      for (String line : lines.subList(0, count)) {
        epochs.add(EpochFigures.parse(line));
      }
    } catch (JsonParseException e) {
      throw new TrainingException(file + " is not what this program wrote.", e);
    } catch (IOException e) {
      throw TrainingException.cannot("read", file, e);
    }
  }

  /**
   * Reads the first epochs, and cuts the file back to them: those after the last checkpoint are
   * done again.
   *
   * @throws TrainingException when it has fewer, is no such file, or cannot be written
   */
  void goBackTo(int count) throws TrainingException {
    readFirst(count);
    StringBuilder kept = new StringBuilder(); // Without a line that a kill left unfinished.
    epochs.forEach(epoch -> kept.append(epoch.toJson()).append('\n'));
    try {
      DurableFiles.write(file, kept.toString());
    } catch (IOException e) {
      throw TrainingException.cannot("write", file, e);
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
