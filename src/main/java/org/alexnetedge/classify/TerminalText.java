package org.alexnetedge.classify;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Text for a terminal: escaped so that a file name cannot drive it, measured in columns, shortened
 * and wrapped. Stateless, so thread-safe.
 */
public final class TerminalText {

  /** Wide characters, as pairs of first and last: East Asian wide and full-width forms. */
  private static final int[] WIDE = {
    0x1100, 0x115F, // Hangul initial consonants
    0x2E80, 0x303E, // CJK radicals, punctuation
    0x3041, 0x4DBF, // kana, CJK compatibility, extension A
    0x4E00, 0xA4CF, // CJK ideographs, Yi
    0xA960, 0xA97C, // Hangul extended A
    0xAC00, 0xD7A3, // Hangul syllables
    0xF900, 0xFAFF, // CJK compatibility ideographs
    0xFE30, 0xFE6F, // CJK compatibility forms
    0xFF01, 0xFF60, // full-width forms
    0xFFE0, 0xFFE6,
    0x20000, 0x3FFFD // supplementary ideographs
  };

  private TerminalText() {}

  /**
   * The text with everything escaped that would move the cursor, colour the screen or turn the
   * direction of writing: {@code \n}, {@code \x1b}, {@code \u202e}. Backslashes stay as they are,
   * since this is for reading and not for parsing.
   */
  public static String escaped(String text) {
    if (text.codePoints().noneMatch(TerminalText::isUnsafe)) {
      return text;
    }
    StringBuilder escaped = new StringBuilder(text.length() + 16);
    text.codePoints().forEach(c -> appendEscaped(c, escaped));
    return escaped.toString();
  }

  private static void appendEscaped(int c, StringBuilder out) {
    if (!isUnsafe(c)) {
      out.appendCodePoint(c);
      return;
    }
    switch (c) {
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      default -> out.append(String.format(Locale.ROOT, c < 0x100 ? "\\x%02x" : "\\u%04x", c));
    }
  }

  private static boolean isUnsafe(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE ->
          true;
      // Direction marks and the like; the two joiners are part of how words and emoji are written.
      case Character.FORMAT -> c != 0x200C && c != 0x200D;
      default -> false;
    };
  }

  /** Columns that an escaped text takes; terminals differ on some emoji. */
  public static int width(String text) {
    return text.codePoints().map(TerminalText::width).sum();
  }

  private static int width(int c) {
    if (c < 0x300) {
      return 1;
    }
    int type = Character.getType(c);
    if (type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.FORMAT
        || (c >= 0x1160 && c <= 0x11FF)) { // Hangul vowels and finals join their initial
      return 0;
    }
    for (int i = 0; i < WIDE.length; i += 2) {
      if (c >= WIDE[i] && c <= WIDE[i + 1]) {
        return 2;
      }
    }
    return Character.isEmojiPresentation(c) ? 2 : 1;
  }

  /** The text cut in its middle to at most {@code columns}: a path keeps more of its end. */
  public static String shortened(String text, int columns) {
    if (width(text) <= columns) {
      return text;
    }
    int tail = (columns - 1) * 2 / 3;
    return head(text, columns - 1 - tail) + "…" + tail(text, tail);
  }

  /** The text cut at its end to at most {@code columns}. */
  public static String cut(String text, int columns) {
    return width(text) <= columns ? text : head(text, columns - 1).stripTrailing() + "…";
  }

  private static String head(String text, int columns) {
    int end = 0;
    int taken = 0;
    while (end < text.length()) {
      int c = text.codePointAt(end);
      taken += width(c);
      if (taken > columns) {
        break;
      }
      end += Character.charCount(c);
    }
    return text.substring(0, end);
  }

  private static String tail(String text, int columns) {
    int start = text.length();
    int taken = 0;
    int at = start;
    while (at > 0) {
      int c = text.codePointBefore(at);
      taken += width(c);
      if (taken > columns) {
        break;
      }
      at -= Character.charCount(c);
      if (width(c) > 0) {
        start = at; // never begins with a mark that belongs to what was cut away
      }
    }
    return text.substring(start);
  }

  /** The text in lines of at most {@code columns}, broken at spaces, or within a longer word. */
  public static List<String> wrapped(String text, int columns) {
    List<String> lines = new ArrayList<>();
    String line = "";
    for (String word : text.split(" ")) {
      if (!line.isEmpty() && width(line) + 1 + width(word) > columns) {
        lines.add(line);
        line = "";
      }
      line = line.isEmpty() ? word : line + " " + word;
      while (width(line) > columns) {
        // A character wider than the line stands alone in it.
        int end = Math.max(head(line, columns).length(), line.offsetByCodePoints(0, 1));
        if (end == line.length()) {
          break;
        }
        lines.add(line.substring(0, end));
        line = line.substring(end);
      }
    }
    lines.add(line);
    return lines;
  }
}
