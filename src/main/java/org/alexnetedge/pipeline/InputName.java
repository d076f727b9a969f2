package org.alexnetedge.pipeline;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * An input's name as records give it: the path as it was reached from the argument, or the URL.
 *
 * @param text the name; bytes that are not UTF-8 appear as U+FFFD
 * @param bytesHex the name's bytes in lower-case hex when they are not UTF-8, else null
 */
public record InputName(String text, @Nullable String bytesHex) {

  /** A name that is text already. */
  public static InputName of(String text) {
    return new InputName(text, null);
  }

  /** A file name as the file system has it. */
  public static InputName of(byte[] bytes) {
    try {
      return of(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return new InputName(
          new String(bytes, StandardCharsets.UTF_8), HexFormat.of().formatHex(bytes));
    }
  }

  @Override
  public String toString() {
    return text;
  }
}
