package org.alexnetedge.draw;

import java.util.ArrayList;
import java.util.List;
import org.alexnetedge.draw.Scene.Anchor;
import org.alexnetedge.draw.Scene.Box;
import org.alexnetedge.draw.Scene.Shape;
import org.alexnetedge.draw.Scene.Text;

/** A sheet of paper with a title, a line below it, and room for a picture. */
final class Page {
  private static final double MARGIN = 28;
  private static final double TITLE_SIZE = 19;
  private static final double LINE_SIZE = 13;
  private static final double HEAD = 62;
  private static final double WIDEST_TITLE = 640;

  private final String title;
  private final double width;
  private final double height;
  private final double left;
  private final List<Shape> shapes = new ArrayList<>();

  /**
   * An empty page.
   *
   * @param line of smaller letters below the title
   * @param pictureWidth that the picture needs; it is put in the middle
   * @param pictureHeight that the picture needs
   */
  Page(String title, String line, double pictureWidth, double pictureHeight) {
    String visible = Font.visible(title);
    double wished =
        Math.max(
            Math.min(WIDEST_TITLE, Font.BOLD.width(visible, TITLE_SIZE)),
            Font.PLAIN.width(line, LINE_SIZE));
    double room = Math.ceil(Math.max(pictureWidth, wished));
    this.title = visible;
    this.width = room + 2 * MARGIN;
    this.height = Math.ceil(HEAD + pictureHeight + 2 * MARGIN);
    this.left = MARGIN + (room - pictureWidth) / 2;
    shapes.add(new Box(0, 0, width, height, 0, Scene.PAPER, Scene.NONE));
    shapes.add(
        new Text(
            MARGIN,
            MARGIN + TITLE_SIZE,
            Anchor.START,
            Font.BOLD,
            TITLE_SIZE,
            Scene.INK,
            Font.BOLD.fit(visible, TITLE_SIZE, room)));
    shapes.add(
        new Text(
            MARGIN,
            MARGIN + TITLE_SIZE + 22,
            Anchor.START,
            Font.PLAIN,
            LINE_SIZE,
            Scene.PALE_INK,
            line));
  }

  /** Where the picture begins. */
  double left() {
    return left;
  }

  double top() {
    return MARGIN + HEAD;
  }

  void add(Shape shape) {
    shapes.add(shape);
  }

  Scene scene() {
    return new Scene(title, width, height, shapes);
  }
}
