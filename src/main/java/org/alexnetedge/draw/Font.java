package org.alexnetedge.draw;

import java.util.Locale;

/**
 * The two faces of the pictures, with widths that do not depend on the fonts of a machine: those of
 * DejaVu Sans, one of the widest of the common sans-serif fonts, so that a text takes no more room
 * in Arial, Helvetica or Liberation Sans.
 */
public enum Font {
  PLAIN(
      318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636,
      636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770,
      632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732, 684, 989,
      685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278,
      579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636,
      838),
  BOLD(
      348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696,
      696, 696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734,
      830, 683, 683, 821, 837, 372, 372, 775, 637, 995, 837, 850, 733, 850, 770, 720, 682, 812, 774,
      1103, 771, 724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716, 678, 435, 716, 712,
      343, 343, 665, 343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582,
      712, 365, 712, 838);

  private static final char FIRST = ' ';
  private static final int EM = 1000;

  /** Letters between ASCII and the scripts from Hebrew on, but for a few. */
  private static final int OTHER_LETTER = 900;

  private static final int HEBREW = 0x590;
  private static final int WIDE_SCRIPTS = 0x1100;

  /** Of the characters 0x20 to 0x7e, in thousandths of the font's size. */
  private final int[] widths;

  Font(int... widths) {
    this.widths = widths;
  }

  /** An upper bound of the width in common fonts. */
  double width(String text, double size) {
    return text.codePoints().mapToLong(this::width).sum() * size / EM;
  }

  private int width(int c) {
    if (c >= FIRST && c - FIRST < widths.length) {
      return widths[c - FIRST];
    }
    int type = Character.getType(c);
    if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
      return 0;
    }
    if (c == '·') {
      return widths['.' - FIRST];
    }
    return c < HEBREW ? OTHER_LETTER : c < WIDE_SCRIPTS ? EM : EM * 5 / 4;
  }

  /** Whether the table speaks of all characters, or they are letters of nearly known width. */
  static boolean isKnown(String text) {
    return text.codePoints().allMatch(c -> c < HEBREW || c == '…' || c == '→');
  }

  /** The text cut in its middle to a width; more is kept of its end, where layers differ. */
  String fit(String text, double size, double width) {
    if (width(text, size) <= width) {
      return text;
    }
    double room = width - width("…", size);
    int end = 0;
    double taken = 0;
    while (end < text.length()) {
      double next = width(text.codePointAt(end)) * size / EM;
      if (taken + next > room / 3) {
        break;
      }
      taken += next;
      end += Character.charCount(text.codePointAt(end));
    }
    int start = text.length();
    while (start > end) {
      double next = width(text.codePointBefore(start)) * size / EM;
      if (taken + next > room) {
        break;
      }
      taken += next;
      start -= Character.charCount(text.codePointBefore(start));
    }
    return text.substring(0, end) + "…" + text.substring(start);
  }

  /**
   * The text with everything escaped that XML cannot hold, or that cannot be seen and turns the
   * direction of writing: {@code \n}, {@code \u202e}.
   */
  static String visible(String text) {
    StringBuilder visible = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              boolean hidden =
                  switch (Character.getType(c)) {
                    case Character.CONTROL,
                        Character.LINE_SEPARATOR,
                        Character.PARAGRAPH_SEPARATOR,
                        Character.SURROGATE,
                        Character.UNASSIGNED ->
                        true;
                    // The two joiners are part of how words are written.
                    case Character.FORMAT -> c != 0x200C && c != 0x200D;
                    default -> false;
                  };
              if (hidden) {
                visible.append(
                    c == '\n'
                        ? "\\n"
                        : c == '\t' ? "\\t" : String.format(Locale.ROOT, "\\u%04x", c));
              } else {
                visible.appendCodePoint(c);
              }
            });
    return visible.toString();
  }
}
