package org.alexnetedge.pipeline;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One of several parts into which inputs are divided, for machines that share a collection. An
 * input belongs to a part by its name alone, so parts stay the same while files arrive: the first 8
 * bytes of SHA-256 of the name, as an unsigned big-endian number, modulo {@code count}, plus 1. The
 * name is, for a file in a folder, its path relative to the folder that was named, in the file
 * system's bytes with {@code /} between; for all else, the argument or the list's entry as given.
 *
 * @param index from 1 to {@code count}
 * @param count from 1
 */
public record Shard(int index, int count) {
  /** Everything. */
  public static final Shard WHOLE = new Shard(1, 1);

  private static final Pattern FORM = Pattern.compile("(\\d{1,9})/(\\d{1,9})");

  public Shard {
    if (index < 1 || index > count) {
      throw new IllegalArgumentException(
          "Shard %d/%d: expected I/N with I from 1 to N.".formatted(index, count));
    }
  }

  /**
   * Reads {@code I/N}.
   *
   * @throws IllegalArgumentException with a sentence, if it is something else
   */
  public static Shard parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "Shard %s: expected I/N with I from 1 to N, such as 1/4.".formatted(text));
    }
    return new Shard(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  /** Whether the input with this name belongs to this part. */
  public boolean has(byte[] name) {
    if (count == 1) {
      return true;
    }
    byte[] hash;
    try {
      hash = MessageDigest.getInstance("SHA-256").digest(name);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // every JVM has it
    }
    long number = 0;
    for (int i = 0; i < 8; i++) {
      number = number << 8 | hash[i] & 0xFF;
    }
    return Long.remainderUnsigned(number, count) == index - 1;
  }

  @Override
  public String toString() {
    return index + "/" + count;
  }
}
