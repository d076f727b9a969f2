package org.alexnetedge.pipeline;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The command line as the shell gave it. The JVM decodes arguments by the locale and loses what
 * does not fit: {@code größe.jpg} under {@code LC_ALL=C}, a Latin-1 name under any UTF-8 locale.
 * Linux keeps the bytes in {@code /proc/self/cmdline}, whose last entries are the program's
 * arguments.
 */
public final class RawArguments {
  private static final Path COMMAND_LINE = Path.of("/proc/self/cmdline");

  private RawArguments() {}

  /**
   * The arguments in the form of {@link RawText}. Where the bytes cannot be had, or are not those
   * of {@code arguments}, they are returned as they are.
   *
   * @param arguments what {@code main} was given, all of it
   */
  public static String[] recover(String[] arguments) {
    if (List.of(arguments).stream().noneMatch(RawArguments::mayHaveLost)) {
      return arguments;
    }
    try {
      return recover(arguments, Files.readAllBytes(COMMAND_LINE));
    } catch (IOException e) {
      return arguments; // not Linux, or no /proc in this container
    }
  }

  static String[] recover(String[] arguments, byte[] commandLine) {
    List<byte[]> entries = split(commandLine);
    int first = entries.size() - arguments.length;
    if (first < 1) { // entry 0 is the JVM itself
      return arguments;
    }
    String[] recovered = new String[arguments.length];
    for (int i = 0; i < arguments.length; i++) {
      byte[] bytes = entries.get(first + i);
      if (!agrees(arguments[i], bytes)) {
        return arguments;
      }
      recovered[i] = RawText.decode(bytes);
    }
    return recovered;
  }

  /** Each entry ends in a NUL, empty ones too. */
  private static List<byte[]> split(byte[] commandLine) {
    List<byte[]> entries = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < commandLine.length; i++) {
      if (commandLine[i] == 0) {
        entries.add(Arrays.copyOfRange(commandLine, start, i));
        start = i + 1;
      }
    }
    return entries;
  }

  /** A question mark, too: some encodings have no other sign for a byte they do not know. */
  private static boolean mayHaveLost(String argument) {
    return argument.chars().anyMatch(c -> c >= 0x80 || c == '?');
  }

  /** Whether {@code bytes} decode to {@code argument}, as far as ASCII, which all locales keep. */
  private static boolean agrees(String argument, byte[] bytes) {
    return ascii(argument).equals(ascii(new String(bytes, StandardCharsets.ISO_8859_1)))
        && (RawText.isAscii(bytes) ? argument.length() == bytes.length : mayHaveLost(argument));
  }

  private static String ascii(String text) {
    StringBuilder kept = new StringBuilder(text.length());
    text.chars().filter(c -> c < 0x80 && c != '?').forEach(c -> kept.append((char) c));
    return kept.toString();
  }
}
