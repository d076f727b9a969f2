package org.alexnetedge.pipeline;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HexFormat;

/**
 * Paths from and to the bytes that the file system has, whatever the locale.
 *
 * <p>{@code Path.of(String)} encodes by the locale, and throws under {@code LC_ALL=C} when a name
 * is not ASCII. On Unix a {@code Path} holds bytes, and {@code file:} URIs carry them
 * percent-encoded in both directions without decoding; that way is taken here for all that is not
 * ASCII.
 */
public final class RawPath {
  private static final Path ROOT = Path.of("/");

  private RawPath() {}

  /**
   * The path of a text as the command line gives it: UTF-8, or escaped as {@link RawText} does it.
   *
   * @throws InvalidPathException if it contains a NUL
   */
  public static Path of(String text) {
    return of(RawText.encode(text));
  }

  /**
   * The path with these bytes, relative or absolute; nothing is normalised except that slashes
   * which say nothing (doubled, trailing) are dropped.
   *
   * @throws InvalidPathException if it contains a NUL
   */
  public static Path of(byte[] bytes) {
    if (RawText.isAscii(bytes)) {
      return Path.of(new String(bytes, StandardCharsets.US_ASCII));
    }
    StringBuilder uri = new StringBuilder("file:///");
    for (byte b : bytes) {
      if (b == 0) {
        throw new InvalidPathException(RawText.decode(bytes), "Nul character not allowed");
      } else if (b != '/') {
        uri.append('%').append(HexFormat.of().toHexDigits(b));
      } else if (uri.charAt(uri.length() - 1) != '/') {
        uri.append('/');
      }
    }
    Path absolute = Path.of(URI.create(uri.toString()));
    return bytes[0] == '/' ? absolute : absolute.subpath(0, absolute.getNameCount());
  }

  /** The bytes of a path. */
  public static byte[] bytes(Path path) {
    String text = path.toString();
    // What a locale cannot decode becomes U+FFFD, so a text that is ASCII was ASCII.
    if (text.chars().allMatch(c -> c < 0x80)) {
      return text.getBytes(StandardCharsets.US_ASCII);
    }
    String uri = ROOT.resolve(path).toUri().getRawPath();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(uri.length());
    // toUri adds a slash to the name of a folder that exists.
    int end = uri.endsWith("/") ? uri.length() - 1 : uri.length();
    for (int i = path.isAbsolute() ? 0 : 1; i < end; i++) {
      if (uri.charAt(i) == '%') {
        bytes.write(HexFormat.fromHexDigits(uri, i + 1, i + 3));
        i += 2;
      } else {
        bytes.write(uri.charAt(i));
      }
    }
    return bytes.toByteArray();
  }
}
