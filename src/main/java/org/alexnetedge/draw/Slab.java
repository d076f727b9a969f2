package org.alexnetedge.draw;

import java.util.ArrayList;
import java.util.List;
import org.alexnetedge.draw.LayerGraph.Layer;
import org.alexnetedge.draw.Scene.Point;
import org.jspecify.annotations.Nullable;

/**
 * A volume as a box in space, seen from the front, above and the right: channels go right, height
 * goes down, width goes back.
 *
 * @param x left edge of the front
 * @param y upper edge of the front
 * @param thickness of the front, for the channels
 * @param height of the front
 * @param dx how far right the back is
 * @param dy how far up the back is
 * @param texts below it, first its size
 * @param textWidth of the widest of them
 */
record Slab(
    Volume volume,
    double x,
    double y,
    double thickness,
    double height,
    double dx,
    double dy,
    List<String> texts,
    double textWidth) {
  private static final double PIXEL_SCALE = 15;
  private static final double CHANNEL_SCALE = 4;
  private static final double UNIT_SCALE = 4;
  private static final double TALLEST = 320;
  private static final double THICKEST = 170;
  private static final double VECTOR = 13;
  private static final double BACK_X = 0.34;
  private static final double BACK_Y = 0.24;
  private static final double SMALLEST_WINDOW = 7;
  private static final int MOST_GROUPS = 4;

  /** At no place yet. */
  static Slab of(Volume volume, @Nullable String role, double textRoom) {
    List<String> texts = new ArrayList<>();
    texts.add(volume.size());
    Layer layer = volume.layer();
    if (layer == null) {
      texts.add(role == null ? "" : role);
    } else if (volume.repeated() > 1) {
      texts.add(LayerText.name(layer));
      texts.add("and " + LayerText.counted(volume.repeated() - 1, "more layer", "more layers"));
      texts.add("of this size");
    } else {
      texts.add(LayerText.name(layer));
      texts.add(LayerText.operators(layer));
      if (groups(layer) > 1) {
        texts.add(groups(layer) + " groups");
      }
    }
    double widest = 0;
    for (int i = 0; i < texts.size(); i++) {
      Font font = i == 0 ? Font.BOLD : Font.PLAIN;
      double size = i == 0 ? 12 : 11;
      texts.set(i, font.fit(texts.get(i), size, textRoom));
      widest = Math.max(widest, font.width(texts.get(i), size));
    }
    if (!volume.isMap()) {
      double tall = Math.clamp(UNIT_SCALE * Math.sqrt(volume.channels()), 12, TALLEST);
      return new Slab(volume, 0, 0, VECTOR, tall, VECTOR * 0.6, VECTOR * 0.45, texts, widest);
    }
    double back = length(volume.width());
    return new Slab(
        volume,
        0,
        0,
        Math.clamp(CHANNEL_SCALE * Math.sqrt(volume.channels()), 5, THICKEST),
        length(volume.height()),
        back * BACK_X,
        back * BACK_Y,
        texts,
        widest);
  }

  private static double length(long pixels) {
    return Math.clamp(PIXEL_SCALE * Math.sqrt(pixels), 14, TALLEST);
  }

  private static long groups(Layer layer) {
    return layer.kind() == Kind.CONVOLUTION ? layer.nodes().getFirst().integer("group", 1) : 1;
  }

  Slab from(double left) {
    return new Slab(volume, left, y, thickness, height, dx, dy, texts, textWidth);
  }

  /** With its middle at that height. */
  Slab at(double middle) {
    double top = middle - wholeHeight() / 2 + dy;
    return new Slab(volume, x, top, thickness, height, dx, dy, texts, textWidth);
  }

  Kind kind() {
    Layer layer = volume.layer();
    return layer == null ? Kind.INPUT : layer.kind();
  }

  double width() {
    return thickness + dx;
  }

  double wholeHeight() {
    return height + dy;
  }

  double right() {
    return x + width();
  }

  /** Right end of the texts, which stand below its middle. */
  double textRight() {
    return x + (width() + textWidth) / 2;
  }

  List<Point> front() {
    return List.of(
        new Point(x, y),
        new Point(x + thickness, y),
        new Point(x + thickness, y + height),
        new Point(x, y + height));
  }

  List<Point> top() {
    return List.of(
        new Point(x, y),
        new Point(x + dx, y - dy),
        new Point(x + thickness + dx, y - dy),
        new Point(x + thickness, y));
  }

  List<Point> side() {
    return corners(0, 1, 0, 1);
  }

  /** A window in the middle of the side, in the proportions of the map. */
  List<Point> window(long rows, long columns) {
    double high = Math.clamp((double) rows / volume.height(), SMALLEST_WINDOW / height, 1);
    double wide =
        Math.clamp((double) columns / volume.width(), Math.min(1, SMALLEST_WINDOW / dx), 1);
    return corners((1 - wide) / 2, (1 + wide) / 2, (1 - high) / 2, (1 + high) / 2);
  }

  /** A part of the side, in parts of its width from front to back and of its height. */
  private List<Point> corners(double front, double back, double top, double bottom) {
    double edge = x + thickness;
    return List.of(
        new Point(edge + front * dx, y - front * dy + top * height),
        new Point(edge + back * dx, y - back * dy + top * height),
        new Point(edge + back * dx, y - back * dy + bottom * height),
        new Point(edge + front * dx, y - front * dy + bottom * height));
  }

  /** Where groups of channels end, in parts of the thickness; only for a few groups. */
  List<Double> cuts() {
    Layer layer = volume.layer();
    long groups = layer == null || volume.repeated() > 1 ? 1 : groups(layer);
    List<Double> cuts = new ArrayList<>();
    for (int i = 1; i < groups && groups <= MOST_GROUPS; i++) {
      cuts.add((double) i / groups);
    }
    return cuts;
  }
}
