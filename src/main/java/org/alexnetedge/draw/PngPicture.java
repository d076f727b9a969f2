package org.alexnetedge.draw;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import javax.imageio.ImageIO;
import org.alexnetedge.draw.Scene.Box;
import org.alexnetedge.draw.Scene.Curve;
import org.alexnetedge.draw.Scene.Path;
import org.alexnetedge.draw.Scene.Point;
import org.alexnetedge.draw.Scene.Polygon;
import org.alexnetedge.draw.Scene.Shape;
import org.alexnetedge.draw.Scene.Step;
import org.alexnetedge.draw.Scene.Straight;
import org.alexnetedge.draw.Scene.Text;

/** A scene as PNG, a pixel for each unit; needs no screen, but a font. */
public final class PngPicture {
  /** 3 bytes each: 192 MB, which the launcher's heap holds. */
  private static final long MOST_PIXELS = 64_000_000;

  private final Graphics2D graphics;

  private PngPicture(Graphics2D graphics) {
    this.graphics = graphics;
  }

  /**
   * Writes the picture. The stream is left open.
   *
   * @throws DrawException when the page is too large for pixels, or this Java cannot paint text:
   *     where there is no font, or no library to find one
   * @throws IOException when the stream cannot be written
   */
  public static void write(Scene scene, OutputStream out) throws DrawException, IOException {
    int width = (int) Math.ceil(scene.width());
    int height = (int) Math.ceil(scene.height());
    if ((long) width * height > MOST_PIXELS) {
      throw new DrawException(
          "The picture would have "
              + width
              + " x "
              + height
              + " pixels, which is too large for PNG here; SVG has no such limit (-o FILE.svg).");
    }
    ImageIO.setUseCache(false);
    if (!ImageIO.write(painted(scene, width, height), "png", out)) {
      throw new IOException("this Java cannot write PNG");
    }
  }

  private static BufferedImage painted(Scene scene, int width, int height) throws DrawException {
    String headless = System.getProperty("java.awt.headless");
    System.setProperty("java.awt.headless", "true");
    try {
      BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
      Graphics2D graphics = image.createGraphics();
      graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
      graphics.setRenderingHint(
          RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      new PngPicture(graphics).paint(scene);
      graphics.dispose();
      return image;
    } catch (OutOfMemoryError e) {
      throw e;
    } catch (RuntimeException | Error e) {
      // What the JDK (25) throws: a RuntimeException without fontconfig, an Error without fonts,
      // a LinkageError without its own library for fonts.
      throw new DrawException(
          "This machine cannot paint text ("
              + e.getMessage()
              + "): write SVG, which needs no fonts (-o FILE.svg), or install fontconfig and a font"
              + " (Debian, Ubuntu: sudo apt install fontconfig fonts-dejavu-core).",
          e);
    } finally {
      if (headless == null) {
        System.clearProperty("java.awt.headless");
      } else {
        System.setProperty("java.awt.headless", headless);
      }
    }
  }

  private void paint(Scene scene) {
    for (Shape shape : scene.shapes()) {
      switch (shape) {
        case Box box ->
            fillAndDraw(
                new RoundRectangle2D.Double(
                    box.x(),
                    box.y(),
                    box.width(),
                    box.height(),
                    2 * box.radius(),
                    2 * box.radius()),
                box.fill(),
                box.stroke());
        case Polygon polygon -> fillAndDraw(outline(polygon), polygon.fill(), polygon.stroke());
        case Path path -> paint(path);
        case Text text -> paint(text);
      }
    }
  }

  private void fillAndDraw(java.awt.Shape shape, String fill, String stroke) {
    if (!fill.equals(Scene.NONE)) {
      graphics.setColor(Color.decode(fill));
      graphics.fill(shape);
    }
    if (!stroke.equals(Scene.NONE)) {
      graphics.setColor(Color.decode(stroke));
      graphics.setStroke(stroke(1, false));
      graphics.draw(shape);
    }
  }

  private static BasicStroke stroke(double thickness, boolean dashed) {
    return new BasicStroke(
        (float) thickness,
        BasicStroke.CAP_BUTT,
        BasicStroke.JOIN_ROUND,
        1,
        dashed ? new float[] {4, 3} : null,
        0);
  }

  private static Path2D outline(Polygon polygon) {
    Path2D outline = new Path2D.Double();
    List<Point> corners = polygon.corners();
    outline.moveTo(corners.getFirst().x(), corners.getFirst().y());
    corners.subList(1, corners.size()).forEach(corner -> outline.lineTo(corner.x(), corner.y()));
    outline.closePath();
    return outline;
  }

  private void paint(Path path) {
    Path2D line = new Path2D.Double();
    line.moveTo(path.steps().getFirst().to().x(), path.steps().getFirst().to().y());
    for (Step step : path.steps().subList(1, path.steps().size())) {
      switch (step) {
        case Straight(Point to) -> line.lineTo(to.x(), to.y());
        case Curve(Point first, Point second, Point to) ->
            line.curveTo(first.x(), first.y(), second.x(), second.y(), to.x(), to.y());
      }
    }
    graphics.setColor(Color.decode(path.stroke()));
    graphics.setStroke(stroke(path.thickness(), path.dashed()));
    graphics.draw(line);
  }

  private void paint(Text text) {
    if (text.text().isEmpty()) {
      return;
    }
    java.awt.Font font =
        new java.awt.Font(
                java.awt.Font.SANS_SERIF,
                text.font() == Font.BOLD ? java.awt.Font.BOLD : java.awt.Font.PLAIN,
                1)
            .deriveFont((float) text.size());
    double wide = font.getStringBounds(text.text(), graphics.getFontRenderContext()).getWidth();
    // A font that is wider than was reckoned with is made narrower.
    double narrower = Math.min(1, text.width() / Math.max(1, wide));
    wide *= narrower;
    double left =
        switch (text.anchor()) {
          case START -> text.x();
          case MIDDLE -> text.x() - wide / 2;
          case END -> text.x() - wide;
        };
    graphics.setFont(
        narrower < 1 ? font.deriveFont(AffineTransform.getScaleInstance(narrower, 1)) : font);
    graphics.setColor(Color.decode(text.color()));
    graphics.drawString(text.text(), (float) left, (float) text.y());
  }
}
