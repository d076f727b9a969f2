package org.alexnetedge.pipeline;

import java.util.Locale;

/**
 * One word of the command line that names inputs. Strings are {@link RawText}, so that names which
 * are not UTF-8 pass.
 */
public sealed interface Argument {

  /** A file or a folder. */
  record Named(String path) implements Argument {}

  /** A picture on the network: {@code http://} or {@code https://}. */
  record Url(String url) implements Argument {}

  /**
   * {@code @LIST}: a file with one path or URL a line. It may be a pipe that a shell opened
   * ({@code @/dev/fd/63}).
   */
  record ListFile(String path) implements Argument {}

  /** {@code -}: such a list on standard input. */
  record StandardInput() implements Argument {}

  /** What a word of the command line means; a file whose name begins with @ is {@code ./@name}. */
  static Argument parse(String word) {
    if (word.equals("-")) {
      return new StandardInput();
    }
    return word.startsWith("@") ? new ListFile(word.substring(1)) : entry(word);
  }

  /** What an entry of a list means: {@code -} and {@code @} are names there like any others. */
  static Argument entry(String entry) {
    String lower = entry.substring(0, Math.min(8, entry.length())).toLowerCase(Locale.ROOT);
    return lower.startsWith("http://") || lower.equals("https://")
        ? new Url(entry)
        : new Named(entry);
  }

  /** The argument as it was given, in the form of {@link RawText}. */
  default String given() {
    return switch (this) {
      case Named named -> named.path();
      case Url url -> url.url();
      case ListFile list -> "@" + list.path();
      case StandardInput _ -> "-";
    };
  }
}
