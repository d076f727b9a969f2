package org.alexnetedge.artifacts;

import org.alexnetedge.onnx.Node;

/** How the gradients of an operator's inputs follow from that of its output. */
interface GradientRule {
  /**
   * Adds nodes for the gradients that the walk wants, and gives them to it.
   *
   * @param node of the training graph, whose first output has a gradient
   */
  void add(Node node, Backward walk);
}
