package org.alexnetedge.draw;

import java.util.ArrayList;
import java.util.List;

/**
 * A picture as shapes in their places, painted in order. Units are pixels at the picture's natural
 * size; x goes right and y goes down. Colours are {@code #rrggbb}, or {@link #NONE}.
 *
 * @param title what the picture is of, for those who do not see it
 * @param width of the page
 * @param height of the page
 */
public record Scene(String title, double width, double height, List<Shape> shapes) {
  /** Instead of a colour: not painted. */
  static final String NONE = "none";

  static final String PAPER = "#ffffff";

  /** Contrast to all fills that are used: 12 to 1 and more (WCAG 2 asks for 7 to 1). */
  static final String INK = "#1b1f24";

  /** For what matters less; 7 to 1 and more on paper. */
  static final String PALE_INK = "#4a5058";

  public Scene {
    shapes = List.copyOf(shapes);
  }

  /** A place on the page. */
  public record Point(double x, double y) {
    Point moved(double dx, double dy) {
      return new Point(x + dx, y + dy);
    }
  }

  /** What there is to paint. */
  public sealed interface Shape {
    Shape moved(double dx, double dy);
  }

  /** A rectangle with round corners; the corner given is the upper left one. */
  public record Box(
      double x, double y, double width, double height, double radius, String fill, String stroke)
      implements Shape {
    @Override
    public Box moved(double dx, double dy) {
      return new Box(x + dx, y + dy, width, height, radius, fill, stroke);
    }
  }

  /** A closed outline. */
  public record Polygon(List<Point> corners, String fill, String stroke) implements Shape {
    public Polygon {
      corners = List.copyOf(corners);
    }

    @Override
    public Polygon moved(double dx, double dy) {
      return new Polygon(corners.stream().map(each -> each.moved(dx, dy)).toList(), fill, stroke);
    }
  }

  /** A line that begins at the first step, where it does not come from anywhere. */
  public record Path(List<Step> steps, String stroke, double thickness, boolean dashed)
      implements Shape {
    public Path {
      steps = List.copyOf(steps);
    }

    @Override
    public Path moved(double dx, double dy) {
      List<Step> moved = new ArrayList<>();
      steps.forEach(step -> moved.add(step.moved(dx, dy)));
      return new Path(moved, stroke, thickness, dashed);
    }
  }

  /** A piece of a line, named by where it ends. */
  public sealed interface Step {
    Point to();

    Step moved(double dx, double dy);
  }

  /** Straight. */
  public record Straight(Point to) implements Step {
    @Override
    public Straight moved(double dx, double dy) {
      return new Straight(to.moved(dx, dy));
    }
  }

  /** A cubic Bézier curve, which stays within its corners. */
  public record Curve(Point first, Point second, Point to) implements Step {
    @Override
    public Curve moved(double dx, double dy) {
      return new Curve(first.moved(dx, dy), second.moved(dx, dy), to.moved(dx, dy));
    }
  }

  /**
   * A line of text.
   *
   * @param x of its left end, middle or right end, as the anchor says
   * @param y of its base line
   * @param size of the font
   */
  public record Text(
      double x, double y, Anchor anchor, Font font, double size, String color, String text)
      implements Shape {
    @Override
    public Text moved(double dx, double dy) {
      return new Text(x + dx, y + dy, anchor, font, size, color, text);
    }

    /** An upper bound of the width in common fonts. */
    double width() {
      return font.width(text, size);
    }

    double left() {
      return switch (anchor) {
        case START -> x;
        case MIDDLE -> x - width() / 2;
        case END -> x - width();
      };
    }
  }

  /** Which part of a text its x is. */
  public enum Anchor {
    START,
    MIDDLE,
    END
  }
}
