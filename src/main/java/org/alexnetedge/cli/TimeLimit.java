package org.alexnetedge.cli;

import java.time.Duration;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ParameterException;

/** How long something may take, as people write it. */
final class TimeLimit {
  private static final Pattern FORM = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)([smh])");

  private TimeLimit() {}

  /** Reads {@code 90s}, {@code 30m} or {@code 1.5h}; null stays null. */
  static @Nullable Duration parse(
      @Nullable String text, Function<String, ParameterException> usage) {
    if (text == null) {
      return null;
    }
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw usage.apply("--time-limit must be such as 90s, 30m or 8h, not '" + text + "'.");
    }
    double seconds =
        Double.parseDouble(matcher.group(1))
            * switch (matcher.group(2)) {
              case "s" -> 1;
              case "m" -> 60;
              default -> 3600;
            };
    return Duration.ofMillis(Math.round(seconds * 1000));
  }
}
