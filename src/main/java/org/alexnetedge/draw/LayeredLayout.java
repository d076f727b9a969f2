package org.alexnetedge.draw;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alexnetedge.draw.LayerGraph.Edge;
import org.alexnetedge.draw.Scene.Curve;
import org.alexnetedge.draw.Scene.Path;
import org.alexnetedge.draw.Scene.Point;
import org.alexnetedge.draw.Scene.Polygon;
import org.alexnetedge.draw.Scene.Step;
import org.alexnetedge.draw.Scene.Straight;

/**
 * Boxes of one width and the arrows between them, from top to bottom. A graph that is higher than
 * two screens is folded into columns of about the proportions of a screen, at rows where all lines
 * come from one place; that line then goes around to the top of the next column.
 */
final class LayeredLayout {
  private static final double SPACE = 28;
  private static final double LANE = 12;
  private static final double ROW_GAP = 34;
  private static final double STEEPNESS = 0.07;
  private static final double WIDEST_GAP = 110;
  private static final double PORT_GAP = 20;
  private static final double PORT_MARGIN = 18;
  private static final double CORRIDOR = 56;
  private static final double TURN = 18;
  private static final double ARROW = 7;
  private static final double TALLEST = 2000;
  private static final double PROPORTION = 1.5;

  private final Rows rows;
  private final double boxWidth;
  private final double[] heights;
  private final double[] x;

  /** By row: the upper edge, the height, and in which column it stands. */
  private final double[] top;

  private final double[] height;
  private final int[] column;

  /** By column: its right edge. */
  private final List<Double> rightEdges = new ArrayList<>();

  /** By place: where the line from each source arrives. */
  private final Map<Integer, Map<Integer, Double>> arrivals = new HashMap<>();

  final List<Path> lines = new ArrayList<>();
  final List<Polygon> arrows = new ArrayList<>();
  private double bottom;

  /**
   * Places all.
   *
   * @param boxWidth of every box
   * @param heights of the boxes
   * @param edges each from a lower to a higher index
   * @throws DrawException when the lines are too many for a picture
   */
  LayeredLayout(double boxWidth, double[] heights, Set<Edge> edges) throws DrawException {
    this.rows = new Rows(heights.length, edges);
    this.boxWidth = boxWidth;
    this.heights = heights.clone();
    this.x = rows.middles(boxWidth, SPACE, LANE);
    int count = rows.places.size();
    top = new double[count];
    height = new double[count];
    column = new int[count];
    placeRows();
    placeColumns();
    for (int r = 0; r < count; r++) {
      drawBends(r);
      if (r + 1 < count) {
        drawGap(r);
      }
    }
  }

  double width() {
    return rightEdges.isEmpty() ? 0 : rightEdges.getLast();
  }

  double height() {
    return bottom;
  }

  /** The left edge of a box. */
  double left(int box) {
    return x[box] - boxWidth / 2;
  }

  /** The upper edge of a box; boxes less high than their row stand in its middle. */
  double top(int box) {
    int r = rows.row.get(box);
    return top[r] + (height[r] - heights[box]) / 2;
  }

  private void placeRows() {
    int count = rows.places.size();
    double total = 0;
    double widest = 0;
    double[] gap = new double[count];
    for (int r = 0; r < count; r++) {
      for (int place : rows.places.get(r)) {
        if (rows.isBox(place)) {
          height[r] = Math.max(height[r], heights[place]);
        }
        for (int to : rows.below.get(place)) {
          gap[r] = Math.max(gap[r], Math.abs(x[place] - x[to]));
        }
      }
      gap[r] = Math.min(WIDEST_GAP, ROW_GAP + STEEPNESS * gap[r]);
      total += height[r] + gap[r];
      double left = rows.places.get(r).stream().mapToDouble(this::leftOf).min().orElse(0);
      double right = rows.places.get(r).stream().mapToDouble(this::rightOf).max().orElse(0);
      widest = Math.max(widest, right - left);
    }
    double columns = Math.sqrt(total * PROPORTION / (widest + CORRIDOR));
    double target =
        total <= TALLEST ? total : Math.max(TALLEST / 2, total / Math.max(1, Math.round(columns)));
    double y = 0;
    double rest = total;
    for (int r = 0; r < count; r++) {
      if (r > 0) {
        // No column for a few last rows.
        boolean full = y + gap[r - 1] + height[r] > target && rest > target / 4;
        if (full && sources(r - 1).size() <= 1) {
          column[r] = column[r - 1] + 1;
          y = WIDEST_GAP / 2 + TURN; // room for the line that arrives
        } else {
          column[r] = column[r - 1];
          y += gap[r - 1];
        }
      }
      top[r] = y;
      y += height[r];
      rest -= height[r] + gap[r];
      bottom = Math.max(bottom, y);
    }
    if (count > 0 && column[count - 1] > 0) {
      bottom += TURN; // the line that leaves the lowest row
    }
  }

  /** The places of a row from which lines lead to the next. */
  private List<Integer> sources(int r) {
    return rows.places.get(r).stream().filter(each -> !rows.below.get(each).isEmpty()).toList();
  }

  private double leftOf(int place) {
    return x[place] - (rows.isBox(place) ? boxWidth : LANE) / 2;
  }

  private double rightOf(int place) {
    return x[place] + (rows.isBox(place) ? boxWidth : LANE) / 2;
  }

  private void placeColumns() {
    double left = 0;
    for (int first = 0; first < top.length; ) {
      int end = first;
      double from = Double.MAX_VALUE;
      double to = -Double.MAX_VALUE;
      while (end < top.length && column[end] == column[first]) {
        for (int place : rows.places.get(end)) {
          from = Math.min(from, leftOf(place));
          to = Math.max(to, rightOf(place));
        }
        end++;
      }
      for (int r = first; r < end; r++) {
        for (int place : rows.places.get(r)) {
          x[place] += left - from;
        }
      }
      rightEdges.add(left + to - from);
      left += to - from + CORRIDOR;
      first = end;
    }
  }

  private void drawBends(int r) {
    for (int place : rows.places.get(r)) {
      if (!rows.isBox(place)) {
        line(List.of(straight(x[place], top[r]), straight(x[place], top[r] + height[r])));
      }
    }
  }

  private void drawGap(int r) {
    boolean folded = column[r] != column[r + 1];
    for (int place : sources(r)) {
      List<Integer> targets = new ArrayList<>(rows.below.get(place));
      targets.sort(Comparator.comparingDouble(target -> x[target]));
      if (folded) {
        goAround(r, place, targets);
        continue;
      }
      double[] from = ports(place, targets);
      for (int i = 0; i < targets.size(); i++) {
        Point start = new Point(from[i], bottomOf(place));
        curve(start, top[r] + height[r], targets.get(i), place);
      }
    }
  }

  /** Below the column, up beside it, and down to the row that begins the next. */
  private void goAround(int r, int place, List<Integer> targets) {
    double low = top[r] + height[r] + TURN;
    double up = rightEdges.get(column[r]) + CORRIDOR / 2;
    double middle = (x[targets.getFirst()] + x[targets.getLast()]) / 2;
    double high = top[r + 1] - WIDEST_GAP / 2 - TURN + ARROW;
    double end = high + TURN;
    line(
        List.of(
            straight(x[place], bottomOf(place)),
            straight(x[place], low),
            straight(up, low),
            straight(up, high),
            straight(middle, high),
            straight(middle, end)));
    for (int target : targets) {
      curve(new Point(middle, end), end, target, place);
    }
  }

  /** From a start straight down to where its row ends, then to the target's port. */
  private void curve(Point start, double rowEnd, int target, int source) {
    double port = port(target, source);
    double end = rows.isBox(target) ? top(target) : top[rows.row.get(target)];
    double rowStart = top[rows.row.get(target)];
    double tip = rows.isBox(target) ? ARROW : 0;
    double half = (rowStart - tip - rowEnd) / 2;
    List<Step> steps = new ArrayList<>();
    steps.add(new Straight(start));
    if (start.y() < rowEnd) {
      steps.add(straight(start.x(), rowEnd));
    }
    if (Math.abs(start.x() - port) < 0.05) {
      steps.add(straight(port, end - tip));
    } else {
      steps.add(
          new Curve(
              new Point(start.x(), rowEnd + half),
              new Point(port, rowEnd + half),
              new Point(port, rowStart - tip)));
      if (end > rowStart) {
        steps.add(straight(port, end - tip));
      }
    }
    line(steps);
    if (rows.isBox(target)) {
      arrows.add(
          new Polygon(
              List.of(
                  new Point(port - ARROW / 2, end - ARROW),
                  new Point(port + ARROW / 2, end - ARROW),
                  new Point(port, end)),
              LayersPicture.LINE,
              LayersPicture.LINE));
    }
  }

  private void line(List<Step> steps) {
    lines.add(new Path(steps, LayersPicture.LINE, 1.4, false));
  }

  private double bottomOf(int place) {
    int r = rows.row.get(place);
    return rows.isBox(place) ? top(place) + heights[place] : top[r] + height[r];
  }

  /** Where lines leave a place for these targets, given from left to right. */
  private double[] ports(int place, List<Integer> others) {
    double[] wishes = others.stream().mapToDouble(other -> x[other]).toArray();
    if (!rows.isBox(place) || wishes.length < 2) {
      Arrays.fill(wishes, x[place]);
      return wishes;
    }
    double low = left(place) + PORT_MARGIN;
    double high = low + boxWidth - 2 * PORT_MARGIN;
    for (int i = 0; i < wishes.length; i++) {
      wishes[i] = Math.clamp(wishes[i], low, high);
    }
    double[] weights = others.stream().mapToDouble(other -> rows.isBox(other) ? 1 : 1e-3).toArray();
    return Spread.within(low, high, PORT_GAP, wishes, weights);
  }

  /** Where the line from a source arrives at a place. */
  private double port(int place, int source) {
    if (column[rows.row.get(place)] != column[rows.row.get(source)]) {
      return x[place];
    }
    return arrivals.computeIfAbsent(place, this::arrivals).get(source);
  }

  private Map<Integer, Double> arrivals(int place) {
    List<Integer> sources = new ArrayList<>(rows.above.get(place));
    sources.sort(Comparator.comparingDouble(each -> x[each]));
    double[] ports = ports(place, sources);
    Map<Integer, Double> arrivals = new HashMap<>();
    for (int i = 0; i < ports.length; i++) {
      arrivals.put(sources.get(i), ports[i]);
    }
    return arrivals;
  }

  private static Straight straight(double x, double y) {
    return new Straight(new Point(x, y));
  }
}
