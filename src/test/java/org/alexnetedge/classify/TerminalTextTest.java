package org.alexnetedge.classify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class TerminalTextTest {

  @Test
  void what_could_drive_a_terminal_is_escaped() {
    assertEquals("\\x1b[31m", TerminalText.escaped("\u001b[31m"));
    assertEquals("a\\nb\\r\\t\\x00\\x7f\\x9b", TerminalText.escaped("a\nb\r\t\0\u007f\u009b"));
    assertEquals("\\u202egpj.exe", TerminalText.escaped("\u202Egpj.exe"));
    assertEquals("\\ud800", TerminalText.escaped("\uD800"));
    assertEquals("\\u2028", TerminalText.escaped("\u2028"));
  }

  @Test
  void what_people_write_stays() {
    for (String text : List.of("", "a b", "Käse", "日本", "👩\u200D🔬", "a\\b", "e\u0301")) {
      assertEquals(text, TerminalText.escaped(text));
    }
  }

  @Test
  void width_is_in_columns() {
    assertEquals(4, TerminalText.width("Käse"));
    assertEquals(1, TerminalText.width("e\u0301"));
    assertEquals(4, TerminalText.width("日本"));
    assertEquals(2, TerminalText.width("🐶"));
    assertEquals(4, TerminalText.width("한글"));
    assertEquals(2, TerminalText.width("한")); // one syllable of three parts
    assertEquals(3, TerminalText.width("ｱｲｳ"));
  }

  @Test
  void a_path_is_shortened_in_its_middle() {
    assertEquals("photos/a.jpg", TerminalText.shortened("photos/a.jpg", 12));
    assertEquals("pho…17.jpg", TerminalText.shortened("photos/2024/IMG_0017.jpg", 10));
    assertEquals("日…犬", TerminalText.shortened("日本の柴犬", 6));
    assertEquals("x…\uD83D\uDC36", TerminalText.shortened("xyz\uD83D\uDC31\uD83D\uDC36", 4));
  }

  @Test
  void a_mark_never_stands_without_its_letter() {
    assertEquals("…", TerminalText.shortened("e\u0301e\u0301", 1));
    assertTrue(TerminalText.shortened("aaaae\u0301b", 3).endsWith("…b"));
  }

  @Test
  void lines_break_at_spaces_and_in_words_that_are_too_long() {
    assertEquals(List.of("one two", "three"), TerminalText.wrapped("one two three", 8));
    assertEquals(List.of("abcde", "f gh"), TerminalText.wrapped("abcdef gh", 5));
    assertEquals(List.of("日", "本"), TerminalText.wrapped("日本", 1));
    assertEquals(List.of(""), TerminalText.wrapped("", 5));
  }
}
