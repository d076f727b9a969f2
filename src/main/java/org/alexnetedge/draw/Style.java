package org.alexnetedge.draw;

/** How a network is drawn. */
public enum Style {
  LAYERS {
    @Override
    public Scene draw(LayerGraph graph, String title) throws DrawException {
      return LayersPicture.of(graph, title);
    }
  },
  BLOCKS {
    @Override
    public Scene draw(LayerGraph graph, String title) throws DrawException {
      return BlocksPicture.of(graph, title);
    }
  };

  /**
   * Draws a graph.
   *
   * @param title above the picture
   * @throws DrawException when there can be no such picture of it
   */
  public abstract Scene draw(LayerGraph graph, String title) throws DrawException;
}
