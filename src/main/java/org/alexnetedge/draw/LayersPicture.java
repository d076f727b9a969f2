package org.alexnetedge.draw;

import java.util.ArrayList;
import java.util.List;
import org.alexnetedge.draw.LayerGraph.Layer;
import org.alexnetedge.draw.Scene.Anchor;
import org.alexnetedge.draw.Scene.Box;
import org.alexnetedge.draw.Scene.Text;

/**
 * A box for each layer, with its name, operators, attributes, output shape and parameters, and
 * arrows between them.
 */
public final class LayersPicture {
  static final String LINE = "#4a5058";

  private static final double NARROWEST = 190;
  private static final double WIDEST = 340;
  private static final double PADDING = 12;
  private static final double BETWEEN = 18;
  private static final double NAME_SIZE = 13;
  private static final double WORD_SIZE = 12;
  private static final double LINE_HEIGHT = 17;

  private LayersPicture() {}

  /**
   * Draws a graph.
   *
   * @param title above the picture
   * @throws DrawException when the graph is too large for a picture
   */
  public static Scene of(LayerGraph graph, String title) throws DrawException {
    List<Layer> layers = graph.layers();
    double width = layers.stream().mapToDouble(LayersPicture::wishedWidth).max().orElse(NARROWEST);
    width = Math.ceil(Math.clamp(width, NARROWEST, WIDEST));
    double[] heights = layers.stream().mapToDouble(LayersPicture::height).toArray();
    LayeredLayout layout = new LayeredLayout(width, heights, graph.edges());
    Page page = new Page(title, totals(graph), layout.width(), layout.height());
    double dx = page.left();
    double dy = page.top();
    layout.lines.forEach(line -> page.add(line.moved(dx, dy)));
    layout.arrows.forEach(arrow -> page.add(arrow.moved(dx, dy)));
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      double x = dx + layout.left(i);
      double y = dy + layout.top(i);
      boolean end = layer.nodes().isEmpty();
      page.add(
          new Box(
              x, y, width, heights[i], end ? 14 : 5, layer.kind().fill(), layer.kind().stroke()));
      texts(layer, x, y, width).forEach(page::add);
    }
    return page.scene();
  }

  private static String totals(LayerGraph graph) {
    String layers = LayerText.counted(graph.count(), "layer", "layers");
    String parameters = LayerText.counted(graph.parameters(), "parameter", "parameters");
    return graph.layers().isEmpty()
        ? "The graph is empty."
        : graph.trainable() == graph.parameters()
            ? layers + " · " + parameters
            : layers
                + " · "
                + parameters
                + ", of which "
                + LayerText.number(graph.parameters() - graph.trainable())
                + " are not trained";
  }

  private static double wishedWidth(Layer layer) {
    double last = Font.PLAIN.width(LayerText.shape(layer.shape()) + more(layer), WORD_SIZE);
    if (layer.parameters() > 0) {
      last += BETWEEN + Font.PLAIN.width(parameters(layer), WORD_SIZE);
    }
    double name = Font.BOLD.width(LayerText.name(layer), NAME_SIZE);
    double operators = Font.PLAIN.width(LayerText.operators(layer), WORD_SIZE);
    double attributes = Font.PLAIN.width(LayerText.attributes(layer), WORD_SIZE);
    return 2 * PADDING + Math.max(Math.max(name, last), Math.max(operators, attributes));
  }

  private static double height(Layer layer) {
    return 2 * PADDING - 5 + LINE_HEIGHT * (LayerText.attributes(layer).isEmpty() ? 3 : 4);
  }

  private static String parameters(Layer layer) {
    return LayerText.counted(layer.parameters(), "parameter", "parameters");
  }

  private static String more(Layer layer) {
    return layer.values() > 1 ? " and " + (layer.values() - 1) + " more" : "";
  }

  private static List<Text> texts(Layer layer, double x, double y, double width) {
    List<Text> texts = new ArrayList<>();
    double left = x + PADDING;
    double room = width - 2 * PADDING;
    double base = y + PADDING + NAME_SIZE - 3;
    texts.add(text(left, base, Font.BOLD, NAME_SIZE, Scene.INK, LayerText.name(layer), room));
    base += LINE_HEIGHT;
    String operators = LayerText.operators(layer);
    texts.add(text(left, base, Font.PLAIN, WORD_SIZE, layer.kind().stroke(), operators, room));
    String attributes = LayerText.attributes(layer);
    if (!attributes.isEmpty()) {
      base += LINE_HEIGHT;
      texts.add(text(left, base, Font.PLAIN, WORD_SIZE, Scene.INK, attributes, room));
    }
    base += LINE_HEIGHT;
    if (layer.parameters() > 0) {
      String parameters = parameters(layer);
      texts.add(
          new Text(
              x + width - PADDING, base, Anchor.END, Font.PLAIN, WORD_SIZE, Scene.INK, parameters));
      room -= BETWEEN + Font.PLAIN.width(parameters, WORD_SIZE);
    }
    String shape = LayerText.shape(layer.shape()) + more(layer);
    texts.add(text(left, base, Font.PLAIN, WORD_SIZE, Scene.INK, shape, room));
    return texts;
  }

  private static Text text(
      double x, double y, Font font, double size, String color, String text, double room) {
    return new Text(x, y, Anchor.START, font, size, color, font.fit(text, size, room));
  }
}
