package org.alexnetedge.pipeline;

import java.io.InputStream;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * How inputs are found and read.
 *
 * @param looksLikePicture whether a file's first bytes (at most 32, fewer in a short file) are
 *     those of a picture; asked for files in folders whose extension does not tell
 * @param shard which part of the inputs to take; by default all
 * @param nulSeparated whether entries of lists end in NUL ({@code find -print0}) instead of a
 *     newline
 * @param fileLimit bytes; a larger file is {@code too-large}; by default 1 GiB
 * @param urlLimit bytes; a larger download is {@code too-large}; by default 64 MiB
 * @param connectTimeout for each connection; by default 10 s
 * @param urlTimeout for one URL as a whole, redirects and body included; by default 60 s
 * @param standardInput what {@code -} reads; it is not closed
 */
public record InputOptions(
    Predicate<byte[]> looksLikePicture,
    Shard shard,
    boolean nulSeparated,
    long fileLimit,
    long urlLimit,
    Duration connectTimeout,
    Duration urlTimeout,
    InputStream standardInput) {

  /** Buffers are seen as one ByteBuffer, whose size is an int. */
  static final long LARGEST_LIMIT = (1L << 31) - (1 << 20);

  public InputOptions {
    checkLimit(fileLimit, "file");
    checkLimit(urlLimit, "download");
    if (!connectTimeout.isPositive() || !urlTimeout.isPositive()) {
      throw new IllegalArgumentException("A time limit must be more than 0.");
    }
  }

  /** The defaults. */
  public static InputOptions of(Predicate<byte[]> looksLikePicture) {
    return new InputOptions(
        looksLikePicture,
        Shard.WHOLE,
        false,
        1L << 30,
        64L << 20,
        Duration.ofSeconds(10),
        Duration.ofSeconds(60),
        System.in);
  }

  public InputOptions withShard(Shard value) {
    return new InputOptions(
        looksLikePicture,
        value,
        nulSeparated,
        fileLimit,
        urlLimit,
        connectTimeout,
        urlTimeout,
        standardInput);
  }

  public InputOptions withNulSeparated(boolean value) {
    return new InputOptions(
        looksLikePicture,
        shard,
        value,
        fileLimit,
        urlLimit,
        connectTimeout,
        urlTimeout,
        standardInput);
  }

  /** The largest sizes that are read, in bytes. */
  public InputOptions withLimits(long file, long url) {
    return new InputOptions(
        looksLikePicture,
        shard,
        nulSeparated,
        file,
        url,
        connectTimeout,
        urlTimeout,
        standardInput);
  }

  public InputOptions withTimeouts(Duration connect, Duration url) {
    return new InputOptions(
        looksLikePicture, shard, nulSeparated, fileLimit, urlLimit, connect, url, standardInput);
  }

  public InputOptions withStandardInput(InputStream value) {
    return new InputOptions(
        looksLikePicture,
        shard,
        nulSeparated,
        fileLimit,
        urlLimit,
        connectTimeout,
        urlTimeout,
        value);
  }

  private static void checkLimit(long bytes, String what) {
    if (bytes < 1 || bytes > LARGEST_LIMIT) {
      throw new IllegalArgumentException(
          "The largest %s may be 1 to %,d bytes, not %,d.".formatted(what, LARGEST_LIMIT, bytes));
    }
  }
}
