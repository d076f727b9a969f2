package org.alexnetedge.alexnet;

import java.util.ArrayList;
import java.util.List;
import org.alexnetedge.alexnet.Layer.AdaptiveAvgPool;
import org.alexnetedge.alexnet.Layer.Conv;
import org.alexnetedge.alexnet.Layer.Dropout;
import org.alexnetedge.alexnet.Layer.Flatten;
import org.alexnetedge.alexnet.Layer.Linear;
import org.alexnetedge.alexnet.Layer.MaxPool;
import org.alexnetedge.alexnet.Layer.Relu;

/**
 * A network as a chain of layers.
 *
 * @param name for people and for the graph
 * @param input shape of one sample
 * @param layers in the order of computation
 */
public record Network(String name, FeatureMap input, List<Layer> layers) {

  /** A layer and the shapes of one sample before and after it. */
  public record Step(Layer layer, FeatureMap input, FeatureMap output) {}

  /**
   * @throws IllegalArgumentException when the layers do not fit onto each other
   */
  public Network {
    layers = List.copyOf(layers);
    steps(input, layers);
  }

  /** All layers with their shapes. */
  public List<Step> steps() {
    return steps(input, layers);
  }

  private static List<Step> steps(FeatureMap input, List<Layer> layers) {
    List<Step> steps = new ArrayList<>();
    FeatureMap map = input;
    for (Layer layer : layers) {
      FeatureMap output = output(layer, map);
      if (output.channels() < 1 || output.height() < 1 || output.width() < 1) {
        throw new IllegalArgumentException("nothing is left of " + map + " after " + layer);
      }
      steps.add(new Step(layer, map, output));
      map = output;
    }
    return steps;
  }

  private static FeatureMap output(Layer layer, FeatureMap in) {
    return switch (layer) {
      case Conv conv ->
          new FeatureMap(
              conv.channels(),
              windows(in.height() + 2 * conv.padding(), conv.kernel(), conv.stride()),
              windows(in.width() + 2 * conv.padding(), conv.kernel(), conv.stride()));
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
      case Dropout dropout -> in;
    };
  }

  private static int windows(int length, int kernel, int stride) {
    return length < kernel ? 0 : (length - kernel) / stride + 1;
  }

  /** All parameters in the order of the layers, weight before bias. */
  public List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>();
    for (Step step : steps()) {
      long channels = step.input().channels();
      switch (step.layer()) {
        case Conv conv -> {
          long kernel = conv.kernel();
          add(
              parameters,
              conv.name(),
              List.of((long) conv.channels(), channels, kernel, kernel),
              channels * kernel * kernel);
        }
        case Linear linear ->
            add(parameters, linear.name(), List.of((long) linear.features(), channels), channels);
        case Relu relu -> {}
        case MaxPool pool -> {}
        case AdaptiveAvgPool pool -> {}
        case Flatten flatten -> {}
        case Dropout dropout -> {}
      }
    }
    return parameters;
  }

  private static void add(List<Parameter> to, String layer, List<Long> weight, long fanIn) {
    to.add(new Parameter(layer + ".weight", weight, fanIn));
    to.add(new Parameter(layer + ".bias", List.of(weight.getFirst()), fanIn));
  }

  /** Number of values that are learned. */
  public long parameterCount() {
    return parameters().stream().mapToLong(Parameter::size).sum();
  }
}
