package org.alexnetedge.classify;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TableRowsTest {

  @Test
  void a_table_of_80_columns_looks_like_this() throws IOException {
    assertEquals(
        """
        photos/golden.jpg              97.3%  golden retriever      Labrador retri… 1.2%
        photos/ho…-over-the-hill.jpg   43.1%? Eskimo dog            Siberian husky 41.0%
        photos/notes.txt               error  This is not an image: it begins with
                                              "Meeting of May 3", and no image format
                                              that is read here begins like that.
        photos/\\x1b[2Jevil\\n.jpg      >99.9%  class 7
        photos/日…秋田犬の写真集.jpg  100.0%  a label that is far…  and another t… 20.0%
        photos/nothing.jpg                 –  no score reaches the threshold
        """,
        TableLook.table(80, false));
  }

  @Test
  void no_line_is_wider_than_the_terminal() throws IOException {
    for (int width = 40; width < 200; width++) {
      for (String line : TableLook.table(width, false).lines().toList()) {
        assertTrue(TerminalText.width(line) <= width, width + ": " + line);
        assertEquals(line.stripTrailing(), line);
      }
    }
  }

  @Test
  void elsewhere_than_on_a_terminal_nothing_is_shortened() throws IOException {
    String table = TableLook.table(0, false);
    assertFalse(table.contains("…"));
    assertEquals(TableLook.RECORDS.size(), table.lines().count());
  }

  @Test
  void colours_change_nothing_but_colours() throws IOException {
    String coloured = TableLook.table(100, true);
    assertTrue(coloured.contains("\u001b[1;31merror\u001b[0m"), "errors are red");
    assertTrue(coloured.contains("\u001b[33m43.1%?\u001b[0m"), "weak scores are yellow");
    assertEquals(TableLook.table(100, false), coloured.replaceAll("\u001b\\[[0-9;]*m", ""));
  }

  @Test
  void scores_are_rounded_but_never_to_certainty() {
    assertEquals(
        List.of("0.0%", "<0.1%", "0.1%", "50.0%", "99.9%", ">99.9%", "100.0%"),
        List.of(0f, 1e-9f, 0.001f, 0.5f, 0.999f, 0.99999f, 1f).stream()
            .map(TableRows::percent)
            .toList());
    assertEquals(
        List.of("12.25", "-3.00", "1234", "nan"),
        List.of(12.25f, -3f, 1234f, Float.NaN).stream().map(TableRows::percent).toList());
  }
}
