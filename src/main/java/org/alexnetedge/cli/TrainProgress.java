package org.alexnetedge.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.function.Supplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.alexnetedge.natives.Terminal;
import org.alexnetedge.train.EpochFigures;
import org.alexnetedge.train.TrainingListener;
import org.jspecify.annotations.Nullable;

/**
 * A line for each epoch on standard error, and a bar within it when a person looks. Into a file
 * goes a line a minute instead of the bar, so that a long stage is not taken for a standstill.
 */
final class TrainProgress implements TrainingListener, AutoCloseable {
  private static final int DEFAULT_COLUMNS = 80;

  private final PrintWriter err;
  private final boolean quiet;
  private final boolean barred;
  private final Duration silence;
  private long lastLine = System.nanoTime();
  private @Nullable ProgressBar bar;
  private String barName = "";
  private @Nullable Supplier<Interruption> beginning;
  private @Nullable Interruption interruption;

  TrainProgress(PrintWriter err, boolean quiet) {
    this(err, quiet, !quiet && Terminal.isTerminal(Terminal.ERR), Duration.ofMinutes(1));
  }

  /**
   * @param silence after which a line is due where there is no bar
   */
  TrainProgress(PrintWriter err, boolean quiet, boolean barred, Duration silence) {
    this.err = err;
    this.quiet = quiet;
    this.barred = barred;
    this.silence = silence;
  }

  /** What to do when the first step comes. */
  void onBegin(Supplier<Interruption> interruptible) {
    beginning = interruptible;
  }

  /** So many pictures were looked at. */
  synchronized void looked(int count) {
    show("looking", count, -1);
  }

  @Override
  public synchronized void prepared(int done, int of) {
    show("features", done, of);
  }

  @Override
  public synchronized void begins() {
    endBar();
    if (beginning != null) {
      interruption = beginning.get();
    }
  }

  @Override
  public synchronized void remark(String text) {
    if (!quiet) {
      endBar();
      Failures.say(err, text + ".");
    }
  }

  @Override
  public synchronized void step(int epoch, int epochs, long pictures, long of) {
    show("epoch " + epoch + "/" + epochs, pictures, of);
  }

  @Override
  public synchronized void epoch(EpochFigures figures, int epochs, Duration remaining) {
    endBar();
    if (quiet) {
      return;
    }
    StringBuilder line = new StringBuilder();
    String number = Integer.toString(epochs);
    line.append(
        String.format(
            Locale.ROOT,
            "epoch %" + number.length() + "d/%s  loss %.4f  accuracy %.1f %%",
            figures.epoch(),
            number,
            figures.loss(),
            100 * figures.accuracy()));
    if (figures.validated()) {
      line.append(
          String.format(
              Locale.ROOT,
              "  val loss %.4f  val accuracy %.1f %%",
              figures.validationLoss(),
              100 * figures.validationAccuracy()));
    }
    line.append(
        String.format(
            Locale.ROOT,
            "  rate %.3g  %.0f pictures/s",
            figures.rate(),
            figures.picturesPerSecond()));
    if (figures.epoch() < epochs) {
      line.append("  ").append(inWords(remaining)).append(" left");
    }
    say(line);
  }

  private void say(CharSequence line) {
    err.println(line);
    lastLine = System.nanoTime();
  }

  @Override
  public void saved(Path checkpoint) {
    // A checkpoint at each epoch's end goes without saying.
  }

  private void show(String name, long done, long of) {
    if (!barred) {
      if (!quiet && System.nanoTime() - lastLine >= silence.toNanos()) {
        String all = of < 0 ? "" : String.format(Locale.ROOT, " of %,d", of);
        say(String.format(Locale.ROOT, "%s  %,d%s pictures", name, done, all));
      }
      return;
    }
    if (bar == null || !barName.equals(name)) {
      endBar();
      barName = name;
      bar =
          new ProgressBarBuilder()
              .setTaskName(name)
              .setUnit(" pictures", 1)
              .setInitialMax(of)
              .setStyle(ProgressBarStyle.ASCII)
              .setUpdateIntervalMillis(200)
              .showSpeed()
              .setSpeedUnit(ChronoUnit.SECONDS)
              .startsFrom(0, Duration.ZERO)
              .clearDisplayOnFinish()
              .setConsumer(
                  new ConsoleProgressBarConsumer(
                      System.err, Terminal.columns(Terminal.ERR, DEFAULT_COLUMNS)))
              .build();
    }
    bar.stepTo(done);
  }

  /** Takes the bar away before other text comes. */
  synchronized void endBar() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }

  /** {@code 45 s}, {@code 12 min}, {@code 3 h 20 min}. */
  static String inWords(Duration time) {
    long seconds = Math.round(time.toMillis() / 1e3);
    if (seconds < 100) {
      return seconds + " s";
    }
    long minutes = Math.round(seconds / 60.0);
    return minutes < 100 ? minutes + " min" : minutes / 60 + " h " + minutes % 60 + " min";
  }

  @Override
  public synchronized void close() {
    endBar();
    if (interruption != null) {
      interruption.over();
      interruption = null;
    }
  }
}
