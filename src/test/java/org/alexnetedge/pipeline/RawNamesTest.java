package org.alexnetedge.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Texts, paths and arguments keep the bytes of names. */
final class RawNamesTest {
  private static final byte[] LATIN_1 = "größe.jpg".getBytes(StandardCharsets.ISO_8859_1);

  @Test
  void any_bytes_survive_as_text() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(12)];
      random.nextBytes(bytes);
      assertArrayEquals(bytes, RawText.encode(RawText.decode(bytes)));
    }
  }

  @Test
  void surrogates_that_were_written_as_utf_8_survive_too() {
    byte[] bytes = {(byte) 0xED, (byte) 0xB2, (byte) 0x80, 'a', (byte) 0xF0, (byte) 0x9F};
    assertArrayEquals(bytes, RawText.encode(RawText.decode(bytes)));
  }

  @Test
  void text_that_is_utf_8_is_that_text() {
    String text = "größe 図 🌷.jpg";
    assertEquals(text, RawText.decode(text.getBytes(StandardCharsets.UTF_8)));
    assertArrayEquals(text.getBytes(StandardCharsets.UTF_8), RawText.encode(text));
  }

  @Test
  void any_name_survives_as_a_path() {
    Random random = new Random(2);
    for (int i = 0; i < 5_000; i++) {
      byte[] bytes = new byte[1 + random.nextInt(12)];
      random.nextBytes(bytes);
      for (int j = 0; j < bytes.length; j++) {
        bytes[j] = bytes[j] == 0 || bytes[j] == '/' ? (byte) 0xE4 : bytes[j];
      }
      assertArrayEquals(bytes, RawPath.bytes(RawPath.of(bytes)));
    }
  }

  @Test
  void slashes_and_dots_are_taken_as_the_file_system_takes_them() {
    assertEquals(Path.of("a/../ö"), RawPath.of("a//../ö/"));
    assertEquals(Path.of("/a/ö"), RawPath.of("//a///ö"));
    assertEquals(Path.of("./100%/ö"), RawPath.of("./100%/ö"));
    assertArrayEquals(
        "/tmp/ö %".getBytes(StandardCharsets.UTF_8), RawPath.bytes(RawPath.of("/tmp/ö %")));
    assertThrows(InvalidPathException.class, () -> RawPath.of("ö\0"));
    assertThrows(InvalidPathException.class, () -> RawPath.of("o\0"));
  }

  @Test
  void arguments_that_a_locale_lost_come_back() {
    byte[] line = commandLine("java", "-jar", "a.jar", "classify", RawText.decode(LATIN_1), "ü?");
    String[] lost = {"classify", "gr\uFFFD\uFFFDe.jpg", "\uFFFD\uFFFD?"};
    String[] found = RawArguments.recover(lost, line);
    assertArrayEquals(LATIN_1, RawText.encode(found[1]));
    assertEquals("ü?", found[2]);
  }

  @Test
  void a_command_line_that_is_not_ours_is_not_believed() {
    byte[] line = commandLine("java", "Main", "größe.jpg");
    String[] other = {"gr\uFFFD\uFFFDn.jpg"};
    String[] more = {"a", "b", "c", "d"};
    String[] plain = {"grosse?"};
    assertSame(other, RawArguments.recover(other, line));
    assertSame(more, RawArguments.recover(more, line));
    assertSame(plain, RawArguments.recover(plain, line));
    assertSame(other, RawArguments.recover(other)); // this JVM was started with other arguments
  }

  @Test
  void empty_arguments_count() {
    String[] lost = {"", "\uFFFD\uFFFD", ""};
    assertArrayEquals(
        new String[] {"", "ö", ""},
        RawArguments.recover(lost, commandLine("java", "Main", "", "ö", "")));
  }

  private static byte[] commandLine(String... entries) {
    return RawText.encode(String.join("\0", entries) + "\0");
  }
}
