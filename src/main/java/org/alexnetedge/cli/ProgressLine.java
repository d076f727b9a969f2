package org.alexnetedge.cli;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.alexnetedge.classify.Progress;
import org.alexnetedge.natives.Terminal;
import org.alexnetedge.pipeline.InputName;
import org.jspecify.annotations.Nullable;

/** A bar with rate and remaining time on standard error, when a person looks at it. */
final class ProgressLine implements Progress, AutoCloseable {
  private static final int DEFAULT_COLUMNS = 80;

  private final @Nullable ProgressBar bar;

  /**
   * @param task what stands before the bar
   * @param shown whether there is a bar
   * @param count asked for the number of inputs on a thread of its own; negative: not known
   */
  ProgressLine(String task, boolean shown, LongSupplier count) {
    if (!shown) {
      bar = null;
      return;
    }
    ProgressBar made =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setUnit(" photos", 1)
            .setInitialMax(-1)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(200)
            .showSpeed()
            .setSpeedUnit(ChronoUnit.SECONDS)
            .startsFrom(0, Duration.ZERO)
            .clearDisplayOnFinish()
            // The default asks for the width by starting stty at every redraw.
            .setConsumer(
                new ConsoleProgressBarConsumer(
                    System.err, Terminal.columns(Terminal.ERR, DEFAULT_COLUMNS)))
            .build();
    bar = made;
    Thread.ofPlatform()
        .daemon()
        .name("count")
        .start(
            () -> {
              long n = count.getAsLong();
              if (n >= 0) {
                made.maxHint(n);
              }
            });
  }

  @Override
  public void done(InputName name) {
    if (bar != null) {
      bar.step();
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
