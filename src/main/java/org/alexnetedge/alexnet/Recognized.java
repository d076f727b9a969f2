package org.alexnetedge.alexnet;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnetedge.onnx.Tensor;

/**
 * An AlexNet that was recognised in a checkpoint.
 *
 * @param configuration what it is
 * @param network its layers
 * @param weights by the names and in the shapes that the network has; views of the checkpoint's
 *     memory where nothing had to be turned around
 * @param assumptions what the checkpoint does not say and had to be assumed, one phrase each
 */
public record Recognized(
    Configuration configuration,
    Network network,
    Map<String, Tensor> weights,
    List<String> assumptions) {

  public Recognized {
    weights = new LinkedHashMap<>(weights);
    assumptions = List.copyOf(assumptions);
  }

  /** Number of values that the network gives for one picture. */
  public int outputs() {
    return network.steps().getLast().output().channels();
  }
}
