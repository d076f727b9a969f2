package org.alexnetedge.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import org.alexnetedge.classify.TerminalText;
import org.alexnetedge.train.Ending;
import org.alexnetedge.train.TrainConfig;
import org.alexnetedge.train.TrainingRun;

/** What a run came to, in two or three sentences on standard error. */
final class TrainReport {
  private TrainReport() {}

  static void print(
      TrainingRun.Outcome outcome, TrainConfig config, Path run, PrintWriter err, boolean quiet) {
    if (outcome.output() == null) {
      err.println(
          text(
              "Stopped in epoch "
                  + Math.min(outcome.epochs() + 1, config.epochs())
                  + " of "
                  + config.epochs()
                  + "; nothing is lost. To go on: alexnet train --resume "
                  + quoted(run)));
      return;
    }
    if (quiet) {
      return;
    }
    StringBuilder report = new StringBuilder();
    report.append(shown(outcome.output())).append(": ");
    if (outcome.validation() > 0) {
      report.append(
          String.format(
              Locale.ROOT,
              "accuracy %.1f %%, loss %.4f on %,d pictures held back",
              100 * outcome.accuracy(),
              outcome.loss(),
              outcome.validation()));
    } else {
      report.append("not measured, since no pictures were held back");
    }
    report.append(
        outcome.taken() > 0
            ? " (weights of epoch " + outcome.taken() + " of " + outcome.epochs() + ")."
            : " (weights of the last step).");
    err.println(text(report.toString()));
    if (outcome.ending() == Ending.EARLY) {
      err.println("Stopped early: the epochs after it were not better.");
    } else if (outcome.ending() == Ending.TIME) {
      err.println(
          text(
              "The time limit ended it in epoch "
                  + (outcome.epochs() + 1)
                  + " of "
                  + config.epochs()
                  + ". To go on: alexnet train --resume "
                  + quoted(run)));
    }
  }

  private static String text(String line) {
    return TerminalText.escaped(line);
  }

  /** Relative to where we are, when it is below. */
  private static Path shown(Path file) {
    Path here = Path.of("").toAbsolutePath();
    return file.startsWith(here) ? here.relativize(file) : file;
  }

  /** As a shell takes it. */
  private static String quoted(Path path) {
    String text = path.toString();
    return text.matches("[A-Za-z0-9_./=+:,@%-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
