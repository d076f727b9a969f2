package org.alexnetedge.draw;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.geom.CubicCurve2D;
import java.awt.geom.Line2D;
import java.awt.geom.PathIterator;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.List;
import org.alexnetedge.draw.Scene.Box;
import org.alexnetedge.draw.Scene.Path;
import org.alexnetedge.draw.Scene.Point;
import org.alexnetedge.draw.Scene.Text;

/** What makes a picture readable, by its geometry. */
final class Readable {
  private static final double ASCENT = 0.78;
  private static final double DESCENT = 0.22;

  private Readable() {}

  /** No text over another, a box's edge, a line or the page; no box or line over a box. */
  static void check(Scene scene) {
    List<Rectangle2D> boxes = boxes(scene).stream().map(Readable::area).toList();
    List<Text> texts = all(scene, Text.class);
    List<Rectangle2D> words = texts.stream().map(Readable::area).toList();
    Rectangle2D page = new Rectangle2D.Double(0, 0, scene.width(), scene.height());
    for (int i = 0; i < boxes.size(); i++) {
      assertTrue(page.contains(boxes.get(i)), "box off the page: " + boxes.get(i));
      for (int k = 0; k < i; k++) {
        assertTrue(!boxes.get(i).intersects(boxes.get(k)), boxes.get(i) + " over " + boxes.get(k));
      }
    }
    for (int i = 0; i < words.size(); i++) {
      Rectangle2D word = words.get(i);
      assertTrue(page.contains(word), "text off the page: " + texts.get(i));
      for (int k = 0; k < i; k++) {
        assertTrue(!word.intersects(words.get(k)), texts.get(i) + " over " + texts.get(k));
      }
      for (Rectangle2D box : boxes) {
        assertTrue(!box.intersects(word) || box.contains(word), texts.get(i) + " not in " + box);
      }
    }
    for (Path path : all(scene, Path.class)) {
      for (Line2D piece : pieces(path)) {
        assertTrue(page.contains(piece.getP1()) && page.contains(piece.getP2()), "off the page");
        for (Rectangle2D box : boxes) {
          assertTrue(!piece.intersects(inside(box)), "a line through the box " + box);
        }
        for (int i = 0; i < words.size(); i++) {
          assertTrue(!piece.intersects(words.get(i)), "a line through " + texts.get(i));
        }
      }
    }
  }

  /** The boxes but for the paper. */
  static List<Box> boxes(Scene scene) {
    return all(scene, Box.class).stream().filter(box -> !box.stroke().equals(Scene.NONE)).toList();
  }

  static <T> List<T> all(Scene scene, Class<T> kind) {
    return scene.shapes().stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  static List<String> texts(Scene scene) {
    return all(scene, Text.class).stream().map(Text::text).toList();
  }

  private static Rectangle2D area(Box box) {
    return new Rectangle2D.Double(box.x(), box.y(), box.width(), box.height());
  }

  private static Rectangle2D area(Text text) {
    return new Rectangle2D.Double(
        text.left(),
        text.y() - ASCENT * text.size(),
        text.width(),
        (ASCENT + DESCENT) * text.size());
  }

  private static Rectangle2D inside(Rectangle2D box) {
    return new Rectangle2D.Double(
        box.getX() + 0.2, box.getY() + 0.2, box.getWidth() - 0.4, box.getHeight() - 0.4);
  }

  private static List<Line2D> pieces(Path path) {
    List<Line2D> pieces = new ArrayList<>();
    Point at = path.steps().getFirst().to();
    for (Scene.Step step : path.steps().subList(1, path.steps().size())) {
      switch (step) {
        case Scene.Straight(Point to) ->
            pieces.add(new Line2D.Double(at.x(), at.y(), to.x(), to.y()));
        case Scene.Curve(Point a, Point b, Point to) -> {
          CubicCurve2D curve =
              new CubicCurve2D.Double(at.x(), at.y(), a.x(), a.y(), b.x(), b.y(), to.x(), to.y());
          double[] last = {at.x(), at.y()};
          double[] next = new double[6];
          for (PathIterator i = curve.getPathIterator(null, 0.3); !i.isDone(); i.next()) {
            i.currentSegment(next);
            pieces.add(new Line2D.Double(last[0], last[1], next[0], next[1]));
            last = next.clone();
          }
        }
      }
      at = step.to();
    }
    return pieces;
  }
}
