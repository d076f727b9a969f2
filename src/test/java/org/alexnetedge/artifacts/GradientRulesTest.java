package org.alexnetedge.artifacts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.ort.ModelFixture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every gradient rule against central differences of a loss that is computed here in double, from
 * the logits of the same network.
 */
class GradientRulesTest {
  private static final int PICTURES = 2;
  private static final int CLASSES = 3;

  /** L2 norm of the difference by that of the gradient: what float32 logits allow. */
  private static final double TOLERANCE = 0.005;

  /**
   * A network whose middle is given: {@code v = x + p} goes in, {@code y} is made a row and goes
   * through a fully connected layer. The parameter p is of one picture's shape and 0 at first.
   */
  private static final class Network {
    final Random random = new Random(1);
    final GraphBuilder graph;
    final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final String label;
    private final List<String> checked = new ArrayList<>(List.of("p"));
    private int classes = CLASSES;

    /**
     * @param shape of a picture
     */
    Network(String label, long... shape) {
      this.label = label;
      Object[] batch = new Object[1 + shape.length];
      long[] one = new long[1 + shape.length];
      long[] all = new long[1 + shape.length];
      batch[0] = "batch";
      one[0] = 1;
      all[0] = PICTURES;
      for (int i = 0; i < shape.length; i++) {
        batch[1 + i] = shape[i];
        one[1 + i] = shape[i];
        all[1 + i] = shape[i];
      }
      graph =
          ModelFixture.graph(label)
              .input("x", ModelFixture.floats(batch))
              .initializer("p", Tensor.ofFloats(one, new float[size(one)]))
              .node("Add", List.of("x", "p"), "v");
      inputs.put("x", apart(all));
    }

    /** Values that differ by more than the steps taken, none near 0. */
    private Tensor apart(long... shape) {
      int n = size(shape);
      List<Integer> order = new ArrayList<>(IntStream.range(0, n).boxed().toList());
      Collections.shuffle(order, random);
      float[] values = new float[n];
      for (int i = 0; i < n; i++) {
        values[i] = 5f * (order.get(i) + 0.5f - n / 2) / n;
      }
      return Tensor.ofFloats(shape, values);
    }

    Tensor small(long... shape) {
      float[] values = new float[size(shape)];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian() * 0.4f;
      }
      return Tensor.ofFloats(shape, values);
    }

    /** A parameter whose gradient is checked too. */
    Network parameter(String name, long... shape) {
      graph.initializer(name, small(shape));
      checked.add(name);
      return this;
    }

    Network frozen(String name, Tensor value) {
      graph.initializer(name, value);
      return this;
    }

    Network node(Node node) {
      graph.node(node);
      return this;
    }

    Network node(String op, String... inputs) {
      return node(Node.of(op, List.of(inputs), List.of("y")));
    }

    /** Probabilities of the second of two classes. */
    Network binary() {
      classes = 1;
      return this;
    }

    /**
     * @param length of a picture's row
     */
    OnnxModel model(int length) {
      graph.initializer("head.weight", small(classes, length));
      graph.initializer("head.bias", small(classes));
      graph.node(Node.of("Flatten", List.of("y"), List.of("row")));
      graph.node(
          Node.of("Gemm", List.of("row", "head.weight", "head.bias"), List.of("z"))
              .with("transB", Attribute.of(1)));
      if (classes == 1) {
        graph.node("Sigmoid", List.of("z"), "probability");
      } else {
        graph.node(Node.of("Softmax", List.of("z"), List.of("probability")));
      }
      return graph.output("probability", ModelFixture.floats("batch", classes)).build();
    }

    Case as(int length) {
      checked.addAll(List.of("head.weight", "head.bias"));
      return new Case(
          label, model(length), inputs.get("x"), classes, checked.toArray(String[]::new));
    }
  }

  private record Case(String label, OnnxModel model, Tensor x, int classes, String... parameters) {
    @Override
    public String toString() {
      return label;
    }
  }

  private static int size(long... shape) {
    return Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
  }

  private static Node y(String op, String... inputs) {
    return Node.of(op, List.of(inputs), List.of("y"));
  }

  static Stream<Case> cases() {
    return Stream.of(convolutions(), pooling(), normalization(), matrices(), elements(), layouts())
        .flatMap(cases -> cases);
  }

  private static Stream<Case> convolutions() {
    return Stream.of(
        new Network("convolution in groups, strided, padded unevenly", 4, 6, 5)
            .parameter("w", 6, 2, 3, 3)
            .parameter("b", 6)
            .node(
                y("Conv", "v", "w", "b")
                    .with("group", Attribute.of(2))
                    .with("strides", Attribute.ints(2, 1))
                    .with("pads", Attribute.ints(1, 0, 2, 1)))
            .as(6 * 4 * 4),
        new Network("dilated convolution without bias", 2, 6, 6)
            .parameter("w", 3, 2, 2, 2)
            .node(y("Conv", "v", "w").with("dilations", Attribute.ints(2, 3)))
            .as(3 * 4 * 3),
        new Network("convolution by a wide window, values and zeros left", 1, 10, 10)
            .parameter("w", 2, 1, 6, 6)
            .node(
                y("Conv", "v", "w")
                    .with("strides", Attribute.ints(3, 3))
                    .with("pads", Attribute.ints(0, 1, 0, 2)))
            .as(2 * 2 * 3),
        new Network("convolution padded by itself", 2, 5, 5)
            .parameter("w", 3, 2, 3, 3)
            .parameter("b", 3)
            .node(
                y("Conv", "v", "w", "b")
                    .with("auto_pad", Attribute.of("SAME_UPPER"))
                    .with("strides", Attribute.ints(2, 2)))
            .as(3 * 3 * 3),
        new Network("convolution with ReLU", 2, 5, 5)
            .parameter("w", 3, 2, 3, 3)
            .frozen("b", Tensor.ofFloats(new long[] {3}, 3, -3, 2))
            .node(Node.of("Conv", List.of("v", "w", "b"), List.of("c")))
            .node("Relu", "c")
            .as(3 * 3 * 3));
  }

  private static Stream<Case> pooling() {
    return Stream.of(
        new Network("max pooling, overlapping", 2, 7, 7).node(pool("MaxPool", 3, 2)).as(2 * 3 * 3),
        new Network("max pooling, padded", 2, 6, 6)
            .node(pool("MaxPool", 3, 2).with("pads", Attribute.ints(1, 1, 1, 1)))
            .as(2 * 3 * 3),
        new Network("max pooling, last window cut off", 2, 6, 6)
            .node(pool("MaxPool", 3, 2).with("ceil_mode", Attribute.of(1)))
            .as(2 * 3 * 3),
        new Network("max pooling, padded by itself", 2, 5, 6)
            .node(pool("MaxPool", 3, 2).with("auto_pad", Attribute.of("SAME_LOWER")))
            .as(2 * 3 * 3),
        new Network("average pooling, overlapping, rest left", 3, 8, 7)
            .node(pool("AveragePool", 3, 2))
            .as(3 * 3 * 3),
        new Network("average pooling, padded, pads not counted", 2, 5, 5)
            .node(pool("AveragePool", 3, 2).with("pads", Attribute.ints(1, 0, 1, 2)))
            .as(2 * 3 * 3),
        new Network("average pooling, padded, pads counted", 2, 5, 5)
            .node(
                pool("AveragePool", 3, 2)
                    .with("pads", Attribute.ints(1, 1, 1, 1))
                    .with("count_include_pad", Attribute.of(1)))
            .as(2 * 3 * 3),
        new Network("average pooling, last window cut off", 2, 6, 6)
            .node(pool("AveragePool", 3, 2).with("ceil_mode", Attribute.of(1)))
            .as(2 * 3 * 3),
        new Network("average pooling, padded by itself", 2, 5, 6)
            .node(pool("AveragePool", 3, 2).with("auto_pad", Attribute.of("SAME_LOWER")))
            .as(2 * 3 * 3),
        new Network("global average pooling", 4, 3, 5).node("GlobalAveragePool", "v").as(4));
  }

  private static Node pool(String op, long kernel, long stride) {
    return y(op, "v")
        .with("kernel_shape", Attribute.ints(kernel, kernel))
        .with("strides", Attribute.ints(stride, stride));
  }

  private static Stream<Case> normalization() {
    return Stream.of(
        new Network("local response normalization", 7, 2, 3)
            .node(
                y("LRN", "v")
                    .with("size", Attribute.of(5))
                    .with("alpha", Attribute.of(0.6f))
                    .with("beta", Attribute.of(0.75f))
                    .with("bias", Attribute.of(2f)))
            .as(7 * 2 * 3),
        batchNorm("batch normalization", true),
        batchNorm("batch normalization, frozen", false));
  }

  private static Case batchNorm(String label, boolean trained) {
    Network network = new Network(label, 3, 3, 3);
    if (trained) {
      network.parameter("scale", 3).parameter("shift", 3);
    } else {
      network.frozen("scale", Tensor.ofFloats(new long[] {3}, 1.5f, -0.7f, 2));
      network.frozen("shift", Tensor.ofFloats(new long[] {3}, 0.5f, 0.1f, -1));
    }
    return network
        .frozen("mean", Tensor.ofFloats(new long[] {3}, 0.2f, -0.4f, 0))
        .frozen("variance", Tensor.ofFloats(new long[] {3}, 0.5f, 1.5f, 2))
        .node(
            y("BatchNormalization", "v", "scale", "shift", "mean", "variance")
                .with("epsilon", Attribute.of(1e-3f))
                .with("momentum", Attribute.of(0.8f)))
        .as(27);
  }

  private static Stream<Case> matrices() {
    List<Case> cases = new ArrayList<>();
    for (int transB = 0; transB < 2; transB++) {
      cases.add(
          new Network("product by a matrix, transB " + transB, 5)
              .parameter("w", transB == 1 ? new long[] {4, 5} : new long[] {5, 4})
              .parameter("b", 1, 4)
              .node(
                  y("Gemm", "v", "w", "b")
                      .with("transB", Attribute.of(transB))
                      .with("alpha", Attribute.of(0.7f))
                      .with("beta", Attribute.of(-1.3f)))
              .as(4));
      // [2, 5] turned on its side twice: what is transposed is the row of pictures.
      cases.add(
          new Network("product of a turned matrix, transB " + transB, 5)
              .parameter("w", transB == 1 ? new long[] {4, PICTURES} : new long[] {PICTURES, 4})
              .parameter("b", 1)
              .node(
                  Node.of("Gemm", List.of("v", "w", "b"), List.of("turned"))
                      .with("transA", Attribute.of(1))
                      .with("transB", Attribute.of(transB))
                      .with("alpha", Attribute.of(0.7f)))
              .frozen("back", Tensor.ofLongs(new long[] {2}, PICTURES, 10))
              .node("Reshape", "turned", "back")
              .as(10));
    }
    cases.add(
        new Network("matrix product and bias", 5)
            .parameter("w", 5, 4)
            .parameter("b", 4)
            .node(Node.of("MatMul", List.of("v", "w"), List.of("product")))
            .node("Add", "product", "b")
            .as(4));
    cases.add(
        new Network("matrix product of rows with two axes", 3, 5)
            .parameter("w", 5, 4)
            .node("MatMul", "v", "w")
            .as(12));
    return cases.stream();
  }

  private static Stream<Case> elements() {
    return Stream.of(
        new Network("ReLU", 8).node("Relu", "v").as(8),
        new Network("sigmoid", 8).node("Sigmoid", "v").as(8),
        new Network("leaky ReLU", 8)
            .node(y("LeakyRelu", "v").with("alpha", Attribute.of(0.3f)))
            .as(8),
        new Network("clip at both ends", 8)
            .frozen("min", Tensor.ofFloats(new long[0], -1))
            .frozen("max", Tensor.ofFloats(new long[0], 1.5f))
            .node("Clip", "v", "min", "max")
            .as(8),
        new Network("clip at the upper end", 8)
            .frozen("max", Tensor.ofFloats(new long[0], 1))
            .node("Clip", "v", "", "max")
            .as(8),
        new Network("hyperbolic tangent", 8).node("Tanh", "v").as(8),
        new Network("hard sigmoid", 12)
            .node(
                y("HardSigmoid", "v")
                    .with("alpha", Attribute.of(0.3f))
                    .with("beta", Attribute.of(0.4f)))
            .as(12),
        new Network("hard swish", 12)
            .frozen("twice", Tensor.ofFloats(new long[0], 2))
            .node(Node.of("Mul", List.of("v", "twice"), List.of("wide")))
            .node("HardSwish", "wide")
            .as(12),
        new Network("identity", 8).node("Identity", "v").as(8),
        new Network("sum of a value and a broadcast parameter", 3, 2, 4)
            .parameter("b", 3, 1, 1)
            .node("Add", "b", "v")
            .as(24),
        new Network("sum of a value with itself", 8).node("Add", "v", "v").as(8),
        new Network("product with a broadcast parameter", 3, 2, 4)
            .parameter("b", 2, 1)
            .node("Mul", "v", "b")
            .as(24),
        new Network("difference from a broadcast parameter", 3, 2, 4)
            .parameter("b", 2, 1)
            .node("Sub", "b", "v")
            .as(24),
        new Network("difference of a value and a number", 8)
            .parameter("b", 1)
            .node("Sub", "v", "b")
            .as(8),
        new Network("quotient by a broadcast parameter", 3, 2, 4)
            .parameter("b", 3, 1, 1)
            .frozen("apart", Tensor.ofFloats(new long[0], 2))
            .node(Node.of("Add", List.of("b", "apart"), List.of("divisor")))
            .node("Div", "v", "divisor")
            .as(24),
        new Network("a number divided by a value", 8)
            .frozen("one", Tensor.ofFloats(new long[0], 1))
            .frozen("apart", Tensor.ofFloats(new long[0], 5))
            .node(Node.of("Add", List.of("v", "apart"), List.of("divisor")))
            .node("Div", "one", "divisor")
            .as(8),
        new Network("product with one number", 8).parameter("b", 1).node("Mul", "b", "v").as(8),
        new Network("square", 8).node("Mul", "v", "v").as(8),
        new Network("a value that is used three times", 8)
            .node(Node.of("Sigmoid", List.of("v"), List.of("s")))
            .node(Node.of("Mul", List.of("s", "v"), List.of("m")))
            .node("Add", "m", "v")
            .as(8),
        new Network("two classes told apart by one sigmoid", 8).binary().node("Relu", "v").as(8));
  }

  private static Stream<Case> layouts() {
    return Stream.of(
        new Network("flatten", 2, 3, 4)
            .node(Node.of("Flatten", List.of("v"), List.of("f")).with("axis", Attribute.of(3)))
            .frozen("back", Tensor.ofLongs(new long[] {2}, -1, 24))
            .node("Reshape", "f", "back")
            .as(24),
        new Network("squeeze and unsqueeze", 4, 1, 3)
            .frozen("third", Tensor.ofLongs(new long[] {1}, 2))
            .frozen("first", Tensor.ofLongs(new long[] {1}, 1))
            .node(Node.of("Squeeze", List.of("v", "third"), List.of("s")))
            .node("Unsqueeze", "s", "first")
            .as(12),
        new Network("channels last and back", 2, 3, 4)
            .node(
                Node.of("Transpose", List.of("v"), List.of("last"))
                    .with("perm", Attribute.ints(0, 2, 3, 1)))
            .parameter("w", 3, 4, 2)
            .node(Node.of("Mul", List.of("last", "w"), List.of("m")))
            .node(y("Transpose", "m").with("perm", Attribute.ints(0, 3, 1, 2)))
            .as(24),
        new Network("axes turned around twice", 2, 3)
            .node(Node.of("Transpose", List.of("v"), List.of("t")))
            .parameter("w", 3, 2, 1)
            .node(Node.of("Mul", List.of("t", "w"), List.of("m")))
            .node("Transpose", "m")
            .as(6),
        new Network("mean over space", 4, 3, 5)
            .node(
                y("ReduceMean", "v")
                    .with("axes", Attribute.ints(2, 3))
                    .with("keepdims", Attribute.of(0)))
            .as(4),
        new Network("mean over the last axis, which stays", 2, 3, 5)
            .node(y("ReduceMean", "v").with("axes", Attribute.ints(-1)))
            .as(6),
        new Network("values joined along channels, one of them twice", 2, 2, 3)
            .parameter("w", 3, 2, 1, 1)
            .node(Node.of("Conv", List.of("v", "w"), List.of("c")))
            .node(y("Concat", "v", "c", "v").with("axis", Attribute.of(1)))
            .as(7 * 6),
        new Network("values joined along the last axis", 2, 3)
            .node(Node.of("Relu", List.of("v"), List.of("r")))
            .node(y("Concat", "r", "v").with("axis", Attribute.of(-1)))
            .as(12));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void a_gradient_is_the_slope_of_the_loss(Case network) {
    assertSlopes(network, null);
  }

  @ParameterizedTest
  @MethodSource("heads")
  void a_teacher_changes_the_slope_as_it_changes_the_loss(Case network) {
    assertSlopes(network, new Distillation(3, 0.7f));
  }

  static Stream<Case> heads() {
    return Stream.of(
        new Network("softmax", 8).node("Relu", "v").as(8),
        new Network("sigmoid", 8).binary().node("Relu", "v").as(8));
  }

  private static void assertSlopes(Case network, @Nullable Distillation teacher) {
    Artifacts artifacts =
        Artifacts.of(
            network.model(),
            ArtifactOptions.of(Trainable.matching(network.parameters()), Optimizer.AdamW.defaults())
                .withDistillation(teacher));
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    inputs.put("x", network.x());
    double[][] targets =
        network.classes() == 1
            ? new double[][] {{0.25}, {1}}
            : new double[][] {{0.125, 0.75, 0.125}, {1, 0, 0}};
    double[] weights = {1.5, 0.5};
    double[][] wiser =
        network.classes() == 1
            ? new double[][] {{-2}, {1.5}}
            : new double[][] {{1, -2, 3}, {0, 1, -1}};
    long[] rows = {PICTURES, network.classes()};
    inputs.put("targets", Tensor.ofFloats(rows, floats(targets)));
    inputs.put("weights", Tensor.ofFloats(new long[] {PICTURES}, floats(weights)));
    if (teacher != null) {
      inputs.put("teacher", Tensor.ofFloats(rows, floats(wiser)));
    }
    try (TrainingModel model = TrainingModel.training(artifacts)) {
      TrainingModel.Step step = model.run(inputs);
      assertEquals(
          loss(step.logits(), targets, weights, wiser, teacher), step.loss(), 1e-6, "loss");
      // Further runs overwrite the buffers.
      Map<String, float[]> gradients = model.gradients();
      for (String parameter : network.parameters()) {
        float[] gradient = gradients.get(parameter);
        float[] start = model.parameter(parameter);
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < gradient.length; i++) {
          // Powers of two, so that the steps are what they are said to be.
          float h = 0x1p-7f;
          double[] at = new double[4];
          float[] steps = {h, -h, 2 * h, -2 * h};
          for (int k = 0; k < 4; k++) {
            model.set(parameter, i, start[i] + steps[k]);
            at[k] = loss(model.run(inputs).logits(), targets, weights, wiser, teacher);
          }
          model.set(parameter, i, start[i]);
          double slope = (8 * (at[0] - at[1]) - (at[2] - at[3])) / (12 * h);
          difference += Math.pow(slope - gradient[i], 2);
          norm += slope * slope;
        }
        double error = Math.sqrt(difference / norm);
        assertTrue(
            norm > 1e-6 && error < TOLERANCE,
            network + ": " + parameter + " is off by " + error + ", norm " + Math.sqrt(norm));
      }
    }
  }

  private static float[] floats(double[]... rows) {
    double[] all = Arrays.stream(rows).flatMapToDouble(Arrays::stream).toArray();
    float[] floats = new float[all.length];
    for (int i = 0; i < all.length; i++) {
      floats[i] = (float) all[i];
    }
    return floats;
  }

  private static double loss(
      float[] logits,
      double[][] targets,
      double[] weights,
      double[][] wiser,
      @Nullable Distillation teacher) {
    double sum = 0;
    int classes = targets[0].length;
    for (int n = 0; n < PICTURES; n++) {
      double[] z = new double[classes];
      for (int c = 0; c < classes; c++) {
        z[c] = logits[n * classes + c];
      }
      double each = crossEntropy(targets[n], z, 1);
      if (teacher != null) {
        double t = teacher.temperature();
        double[] wanted = probabilities(wiser[n], t);
        double divergence = crossEntropy(wanted, z, t) - crossEntropy(wanted, wiser[n], t);
        each = (1 - teacher.share()) * each + teacher.share() * t * t * divergence;
      }
      sum += weights[n] * each / PICTURES;
    }
    return sum;
  }

  /** One logit z stands for the two logits (z, 0). */
  private static double[] probabilities(double[] z, double temperature) {
    double[] e = Arrays.stream(z).map(v -> Math.exp(v / temperature)).toArray();
    double sum = Arrays.stream(e).sum() + (z.length == 1 ? 1 : 0);
    return Arrays.stream(e).map(v -> v / sum).toArray();
  }

  private static double crossEntropy(double[] targets, double[] z, double temperature) {
    double[] p = probabilities(z, temperature);
    double sum = 0;
    for (int c = 0; c < z.length; c++) {
      sum -= targets[c] * Math.log(p[c]);
    }
    return z.length > 1 ? sum : sum - (1 - targets[0]) * Math.log(1 - p[0]);
  }
}
