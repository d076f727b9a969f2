package org.alexnetedge.draw;

import java.util.ArrayList;
import java.util.List;
import org.alexnetedge.draw.LayerGraph.Layer;
import org.alexnetedge.draw.Scene.Anchor;
import org.alexnetedge.draw.Scene.Path;
import org.alexnetedge.draw.Scene.Point;
import org.alexnetedge.draw.Scene.Polygon;
import org.alexnetedge.draw.Scene.Shape;
import org.alexnetedge.draw.Scene.Straight;
import org.alexnetedge.draw.Scene.Text;
import org.jspecify.annotations.Nullable;

/**
 * The maps of features as slabs in space, as the AlexNet paper has them: height and width of a slab
 * are those of the map, its thickness is the number of channels; vectors are thin and tall. On each
 * slab stands the window with which the next layer looks at it. Lengths are drawn by their square
 * roots, else what is small could not be seen beside what is large.
 *
 * <p>A graph with branches is drawn along its longest path, and the picture says how many layers
 * are not on it.
 */
public final class BlocksPicture {
  private static final double SIZE = 12;
  private static final double SMALL = 11;
  private static final double TEXT_ROOM = 150;
  private static final double TEXT_GAP = 14;
  private static final double LINE_HEIGHT = 16;
  private static final int TEXT_LINES = 4;
  private static final double SMALLEST_GAP = 46;
  private static final double ROW_WIDTH = 2100;
  private static final double ROW_GAP = 56;
  private static final double TURN = 22;
  private static final double ARROW = 8;
  private static final String WINDOW_FILL = "#ffd9a0";
  private static final String WINDOW_STROKE = "#8a4b08";

  private final List<Shape> shapes = new ArrayList<>();
  private double right;
  private double bottom;

  private BlocksPicture() {}

  /**
   * Draws a graph.
   *
   * @param title above the picture
   * @throws DrawException when fewer than two layers have a known height, width and number of
   *     channels, or a known length
   */
  public static Scene of(LayerGraph graph, String title) throws DrawException {
    Volume.Chain chain = Volume.chain(graph);
    List<Volume> volumes = chain.along();
    if (volumes.size() < 2) {
      throw new DrawException(
          "Blocks show height, width and channels of a network's layers, and these are known of"
              + " fewer than two layers here; --style layers draws any graph.");
    }
    BlocksPicture picture = new BlocksPicture();
    picture.draw(volumes);
    String line = LayerText.counted(graph.parameters(), "parameter", "parameters");
    if (chain.leftOut() > 0) {
      line +=
          " · along the longest path; "
              + LayerText.counted(chain.leftOut(), "layer", "layers")
              + " beside it not drawn";
    }
    if (chain.unknown() > 0) {
      line += " · " + LayerText.counted(chain.unknown(), "layer", "layers") + " of unknown shape";
    }
    Page page = new Page(title, line, picture.right, picture.bottom);
    picture.shapes.forEach(shape -> page.add(shape.moved(page.left(), page.top())));
    return page.scene();
  }

  private void draw(List<Volume> volumes) {
    double top = 0;
    int first = 0;
    @Nullable Slab before = null;
    while (first < volumes.size()) {
      List<Slab> row = new ArrayList<>();
      int end = first;
      // What is left of a broken row: room for the line that arrives.
      double x = first == 0 ? 0 : TURN + 2 * ARROW;
      while (end < volumes.size()) {
        Slab slab = slab(row.isEmpty() ? null : row.getLast(), volumes.get(end), x, end);
        if (slab.textRight() > ROW_WIDTH && row.size() > 1) {
          break;
        }
        row.add(slab);
        end++;
      }
      double tallest = row.stream().mapToDouble(Slab::wholeHeight).max().orElse(0);
      double middle = top + tallest / 2;
      for (int i = 0; i < row.size(); i++) {
        row.set(i, row.get(i).at(middle));
      }
      if (before != null) {
        goAround(before, row.getFirst(), top - ROW_GAP / 2);
      }
      for (int i = 0; i < row.size(); i++) {
        drawSlab(row.get(i));
        if (i > 0) {
          drawStep(row.get(i - 1), row.get(i));
        }
        drawTexts(row.get(i), top + tallest + 12);
        right = Math.max(right, row.get(i).textRight());
        right = Math.max(right, row.get(i).right());
      }
      bottom = top + tallest + 12 + TEXT_LINES * LINE_HEIGHT;
      top = bottom + ROW_GAP;
      before = row.getLast();
      first = end;
    }
  }

  /** Far enough from the one before that neither shapes nor texts meet. */
  private static Slab slab(@Nullable Slab before, Volume volume, double x, int index) {
    Slab slab = Slab.of(volume, index == 0 ? "input" : null, TEXT_ROOM);
    if (before == null) {
      return slab.from(x + Math.max(0, (slab.textWidth() - slab.width()) / 2));
    }
    double gap = SMALLEST_GAP;
    if (volume.layer() != null && before.volume().isMap()) {
      double kernel = Font.BOLD.width(kernel(volume), SMALL);
      double stride = Font.PLAIN.width(stride(volume), SMALL);
      gap = Math.max(gap, Math.max(kernel, stride) + 12);
    }
    double byShape = before.right() + gap;
    double byText =
        before.right()
            - before.width() / 2
            + (before.textWidth() + slab.textWidth() - slab.width()) / 2
            + TEXT_GAP;
    return slab.from(Math.max(byShape, byText));
  }

  private static String kernel(Volume volume) {
    Layer layer = volume.layer();
    return layer != null && volume.isMap() && volume.repeated() == 1 ? LayerText.kernel(layer) : "";
  }

  private static String stride(Volume volume) {
    Layer layer = volume.layer();
    return layer != null && volume.isMap() && volume.repeated() == 1 ? LayerText.stride(layer) : "";
  }

  private void drawSlab(Slab slab) {
    Kind kind = slab.kind();
    shapes.add(new Polygon(slab.front(), kind.fill(), kind.stroke()));
    shapes.add(new Polygon(slab.top(), "#ffffff", kind.stroke()));
    shapes.add(new Polygon(slab.side(), kind.fill(), kind.stroke()));
    for (double part : slab.cuts()) {
      double x = slab.x() + part * slab.thickness();
      shapes.add(
          line(
              kind.stroke(),
              true,
              new Point(x, slab.y() + slab.height()),
              new Point(x, slab.y()),
              new Point(x + slab.dx(), slab.y() - slab.dy())));
    }
  }

  /** What a layer does between two slabs: its window, or lines from all to all. */
  private void drawStep(Slab before, Slab slab) {
    Layer layer = slab.volume().layer();
    List<Long> window = layer == null ? List.of() : LayerText.kernelSize(layer);
    double apexY = slab.y() + slab.height() / 2;
    Point apex = new Point(slab.x(), apexY);
    if (before.volume().isMap()
        && slab.volume().isMap()
        && window.size() == 2
        && slab.volume().repeated() == 1) {
      List<Point> corners = before.window(window.get(0), window.get(1));
      shapes.add(new Polygon(corners, WINDOW_FILL, WINDOW_STROKE));
      corners.forEach(corner -> shapes.add(line(WINDOW_STROKE, false, corner, apex)));
      double middle = (before.right() + slab.x()) / 2;
      double high = corners.stream().mapToDouble(Point::y).min().orElse(apexY);
      double low = corners.stream().mapToDouble(Point::y).max().orElse(apexY);
      shapes.add(
          new Text(
              middle,
              Math.min(high, apexY) - 7,
              Anchor.MIDDLE,
              Font.BOLD,
              SMALL,
              Scene.INK,
              kernel(slab.volume())));
      String stride = stride(slab.volume());
      if (!stride.isEmpty()) {
        shapes.add(
            new Text(
                middle,
                Math.max(low, apexY) + 16,
                Anchor.MIDDLE,
                Font.PLAIN,
                SMALL,
                Scene.INK,
                stride));
      }
    } else {
      Point upper = new Point(before.right(), before.y() - before.dy());
      Point lower = new Point(before.right(), before.y() + before.height() - before.dy());
      shapes.add(line(Scene.PALE_INK, true, upper, new Point(slab.x(), slab.y())));
      shapes.add(line(Scene.PALE_INK, true, lower, new Point(slab.x(), slab.y() + slab.height())));
    }
  }

  private void drawTexts(Slab slab, double top) {
    double middle = slab.x() + slab.width() / 2;
    double base = top + SIZE;
    for (int i = 0; i < slab.texts().size(); i++) {
      boolean size = i == 0;
      shapes.add(
          new Text(
              middle,
              base,
              Anchor.MIDDLE,
              size ? Font.BOLD : Font.PLAIN,
              size ? SIZE : SMALL,
              size ? Scene.INK : Scene.PALE_INK,
              slab.texts().get(i)));
      base += LINE_HEIGHT;
    }
  }

  /** From the end of a row to the begin of the next. */
  private void goAround(Slab from, Slab to, double between) {
    double start = from.y() - from.dy() / 2 + from.height() / 2;
    double end = to.y() + to.height() / 2;
    double out = Math.max(from.right(), from.textRight()) + TURN / 2;
    double in = ARROW / 2;
    right = Math.max(right, out + 2);
    shapes.add(
        line(
            Scene.PALE_INK,
            false,
            new Point(from.right(), start),
            new Point(out, start),
            new Point(out, between),
            new Point(in, between),
            new Point(in, end),
            new Point(to.x() - ARROW, end)));
    shapes.add(
        new Polygon(
            List.of(
                new Point(to.x() - ARROW, end - ARROW / 2),
                new Point(to.x() - ARROW, end + ARROW / 2),
                new Point(to.x(), end)),
            Scene.PALE_INK,
            Scene.PALE_INK));
  }

  private static Path line(String color, boolean dashed, Point... points) {
    List<Scene.Step> steps = new ArrayList<>();
    for (Point point : points) {
      steps.add(new Straight(point));
    }
    return new Path(steps, color, 1, dashed);
  }
}
