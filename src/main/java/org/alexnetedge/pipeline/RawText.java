package org.alexnetedge.pipeline;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * Bytes as text without loss: UTF-8, where a byte that is not UTF-8 becomes one char of the
 * unpaired surrogates U+DC80 to U+DCFF, which no UTF-8 text contains. So names of files travel
 * through code that knows strings only (an option parser), and {@link #encode} gives back the very
 * same bytes.
 *
 * <p>The convention is Python's {@code surrogateescape} (PEP 383). Not for printing: a record shows
 * {@link InputName}.
 */
public final class RawText {
  /** Byte b, which is 0x80 or more, becomes the char ESCAPE + b. */
  private static final int ESCAPE = 0xDC00;

  private RawText() {}

  /** The text of any bytes; the inverse of {@link #encode}. */
  public static String decode(byte[] bytes) {
    if (isAscii(bytes)) {
      return new String(bytes, StandardCharsets.US_ASCII);
    }
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes);
    // UTF-8 and the escapes both give at most one char a byte.
    CharBuffer out = CharBuffer.allocate(bytes.length);
    for (CoderResult result = decoder.decode(in, out, true);
        result.isError();
        result = decoder.decode(in, out, true)) {
      for (int i = 0; i < result.length(); i++) {
        out.put((char) (ESCAPE + (in.get() & 0xFF)));
      }
    }
    return out.flip().toString();
  }

  /** The bytes of a text: UTF-8, and one byte for each escape. */
  public static byte[] encode(String text) {
    if (text.chars().noneMatch(c -> isEscape((char) c))) {
      return text.getBytes(StandardCharsets.UTF_8);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length() + 16);
    int plain = 0;
    for (int i = 0; i < text.length(); i++) {
      boolean paired = i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
      if (isEscape(text.charAt(i)) && !paired) {
        out.writeBytes(text.substring(plain, i).getBytes(StandardCharsets.UTF_8));
        out.write(text.charAt(i) - ESCAPE);
        plain = i + 1;
      }
    }
    out.writeBytes(text.substring(plain).getBytes(StandardCharsets.UTF_8));
    return out.toByteArray();
  }

  static boolean isAscii(byte[] bytes) {
    for (byte b : bytes) {
      if (b < 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean isEscape(char c) {
    return c >= ESCAPE + 0x80 && c <= ESCAPE + 0xFF;
  }
}
