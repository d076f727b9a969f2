package org.alexnetedge.alexnet;

import java.util.ArrayList;
import java.util.List;
import org.alexnetedge.alexnet.Layer.AdaptiveAvgPool;
import org.alexnetedge.alexnet.Layer.BatchNorm;
import org.alexnetedge.alexnet.Layer.Conv;
import org.alexnetedge.alexnet.Layer.Dropout;
import org.alexnetedge.alexnet.Layer.Flatten;
import org.alexnetedge.alexnet.Layer.Linear;
import org.alexnetedge.alexnet.Layer.LocalResponseNorm;
import org.alexnetedge.alexnet.Layer.MaxPool;
import org.alexnetedge.alexnet.Layer.Relu;
import org.alexnetedge.alexnet.Layer.Sigmoid;
import org.alexnetedge.alexnet.Layer.Softmax;

/**
 * A network as a chain of layers.
 *
 * @param name for people and for the graph
 * @param input shape of one sample
 * @param layers in the order of computation
 * @param weights how they begin
 * @param lastWeights how those of the last layer that has any begin
 */
public record Network(
    String name,
    FeatureMap input,
    List<Layer> layers,
    Initialization weights,
    Initialization lastWeights) {

  /**
   * A layer in its place.
   *
   * @param input shape of one sample before it
   * @param output and after it
   * @param weights how its weights begin, if it has any
   */
  public record Step(Layer layer, FeatureMap input, FeatureMap output, Initialization weights) {

    /** The layer's parameters; none for most. */
    public List<Parameter> parameters() {
      long channels = input.channels();
      return switch (layer) {
        case Conv conv -> {
          long inputs = channels / conv.groups();
          long kernel = conv.kernel();
          yield weighted(List.of((long) conv.channels(), inputs, kernel, kernel));
        }
        case Linear linear -> weighted(List.of((long) linear.features(), channels));
        case BatchNorm norm ->
            List.of(
                constant(".weight", channels, 1, true),
                constant(".bias", channels, 0, true),
                constant(".running_mean", channels, 0, false),
                constant(".running_var", channels, 1, false));
        case Relu relu -> List.of();
        case LocalResponseNorm norm -> List.of();
        case MaxPool pool -> List.of();
        case AdaptiveAvgPool pool -> List.of();
        case Flatten flatten -> List.of();
        case Dropout dropout -> List.of();
        case Sigmoid sigmoid -> List.of();
        case Softmax softmax -> List.of();
      };
    }

    /** A weight of this shape, outputs first, and a bias. */
    private List<Parameter> weighted(List<Long> shape) {
      return List.of(
          weights.weight(layer.name() + ".weight", shape),
          constant(".bias", shape.getFirst(), 0, true));
    }

    private Parameter constant(String suffix, long length, float start, boolean trainable) {
      return new Parameter(
          layer.name() + suffix, List.of(length), new Parameter.Constant(start), trainable);
    }
  }

  /**
   * @throws IllegalArgumentException when the layers do not fit onto each other
   */
  public Network {
    layers = List.copyOf(layers);
    steps(input, layers, weights, lastWeights);
  }

  /** Begins as He et al. have it, and with small weights before the logits. */
  public Network(String name, FeatureMap input, List<Layer> layers) {
    this(name, input, layers, Initialization.HE, Initialization.SMALL);
  }

  /** All layers with their shapes. */
  public List<Step> steps() {
    return steps(input, layers, weights, lastWeights);
  }

  private static List<Step> steps(
      FeatureMap input, List<Layer> layers, Initialization weights, Initialization lastWeights) {
    List<Step> steps = new ArrayList<>();
    FeatureMap map = input;
    int lastWeighted = lastWeighted(layers);
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      FeatureMap output = output(layer, map);
      if (output.channels() < 1 || output.height() < 1 || output.width() < 1) {
        throw new IllegalArgumentException("nothing is left of " + map + " after " + layer);
      }
      steps.add(new Step(layer, map, output, i < lastWeighted ? weights : lastWeights));
      map = output;
    }
    return steps;
  }

  private static int lastWeighted(List<Layer> layers) {
    int last = layers.size() - 1;
    while (last > 0 && !(layers.get(last) instanceof Linear || layers.get(last) instanceof Conv)) {
      last--;
    }
    return last;
  }

  /** Shape after a layer; 0 high or wide where nothing is left. */
  static FeatureMap output(Layer layer, FeatureMap in) {
    return switch (layer) {
      case Conv conv -> {
        if (in.channels() % conv.groups() != 0 || conv.channels() % conv.groups() != 0) {
          throw new IllegalArgumentException(in + " cannot be split into the groups of " + conv);
        }
        yield new FeatureMap(
            conv.channels(),
            windows(in.height() + 2 * conv.padding(), conv.kernel(), conv.stride()),
            windows(in.width() + 2 * conv.padding(), conv.kernel(), conv.stride()));
      }
      case MaxPool pool ->
          new FeatureMap(
              in.channels(),
              windows(in.height(), pool.kernel(), pool.stride()),
              windows(in.width(), pool.kernel(), pool.stride()));
      case AdaptiveAvgPool pool -> new FeatureMap(in.channels(), pool.side(), pool.side());
      case Flatten flatten -> new FeatureMap(Math.toIntExact(in.size()), 1, 1);
      case Linear linear -> {
        if (in.height() != 1 || in.width() != 1) {
          throw new IllegalArgumentException(linear + " needs a flat row, not " + in);
        }
        yield new FeatureMap(linear.features(), 1, 1);
      }
      case Relu relu -> in;
      case LocalResponseNorm norm -> in;
      case BatchNorm norm -> in;
      case Dropout dropout -> in;
      case Sigmoid sigmoid -> in;
      case Softmax softmax -> in;
    };
  }

  private static int windows(int length, int kernel, int stride) {
    return length < kernel ? 0 : (length - kernel) / stride + 1;
  }

  /** All parameters in the order of the layers, and for each in that of its description. */
  public List<Parameter> parameters() {
    return steps().stream().flatMap(step -> step.parameters().stream()).toList();
  }

  /** Number of values in all parameters, those included that are not trained. */
  public long parameterCount() {
    return parameters().stream().mapToLong(Parameter::size).sum();
  }
}
