package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.alexnetedge.SharedData;
import org.alexnetedge.image.Recipe;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.weights.Npy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImportCommandTest {
  @TempDir private Path folder;

  private Invocation importing(Path file, Path model, String... more) {
    return Invocation.of(
        Stream.concat(Stream.of("import", file, "-o", model), Stream.of(more)).toArray());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "model.pth",
        "model-legacy.pth",
        "model.safetensors",
        "model.onnx",
        "model-ts.onnx"
      })
  void each_way_in_which_pytorch_saves_gives_its_logits(String name) {
    Path reference = SharedData.at("references/torchvision-narrow");
    Path model = folder.resolve("m.onnx");
    Invocation run = importing(reference.resolve(name), model);
    assertEquals(0, run.exitCode(), run.err());
    assertEquals("", run.out());
    assertClose(
        Npy.read(reference.resolve("logits.npy")),
        answers(model, reference.resolve("input.npy")),
        1e-5);
  }

  @Test
  void an_imported_model_describes_itself_and_names_no_path() {
    Path model = folder.resolve("m.onnx");
    Invocation run = importing(SharedData.at("references/torchvision-narrow/model.pth"), model);
    assertTrue(
        run.err().contains("AlexNet (torchvision) with 206,642 parameters for 10 classes"),
        run.err());
    assertTrue(run.err().contains("ONNX Runtime has loaded and run it"), run.err());
    Map<String, String> said = OnnxModel.read(model).metadata();
    assertEquals("softmax", said.get("task"));
    assertEquals("logits", said.get("output"));
    assertEquals(Recipe.TORCHVISION, Recipe.fromJson(said.get("preprocessing")));
    assertTrue(
        said.get("provenance").matches("weights of a PyTorch file with SHA-256 [0-9a-f]{64}"),
        said.get("provenance"));
    assertFalse(said.containsKey("labels"));
    assertFalse(said.toString().contains(folder.toString()), said.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.keras", "model.weights.h5", "weights.npz"})
  void keras_files_give_the_output_that_keras_computes(String name) throws IOException {
    Path reference = SharedData.at("references/keras");
    Path model = folder.resolve("m.onnx");
    Path labels = Files.writeString(folder.resolve("labels.txt"), "cat\ndog\n");
    Invocation run = importing(reference.resolve(name), model, "--labels", labels.toString());
    assertEquals(0, run.exitCode(), run.err());
    Tensor pixels = Npy.read(reference.resolve("input_u8.npy"));
    float[] planes = new float[4 * 3 * 224 * 224];
    for (int i = 0; i < planes.length; i++) {
      int image = i / (3 * 224 * 224);
      int channel = i / (224 * 224) % 3;
      int place = i % (224 * 224);
      planes[i] = pixels.longAt((image * 224L * 224 + place) * 3 + channel) / 255f;
    }
    Path input = folder.resolve("input.npy");
    Npy.write(input, Tensor.ofFloats(new long[] {4, 3, 224, 224}, planes));
    assertClose(Npy.read(reference.resolve("output_inference.npy")), answers(model, input), 1e-5);
    Map<String, String> said = OnnxModel.read(model).metadata();
    assertEquals("sigmoid", said.get("task"));
    assertEquals("probabilities", said.get("output"));
    assertEquals("[\"cat\",\"dog\"]", said.get("labels"));
    assertEquals(
        Recipe.KERAS.withLayout(Recipe.Layout.NCHW), Recipe.fromJson(said.get("preprocessing")));
  }

  @ParameterizedTest
  @CsvSource({
    "'padding\": \"valid', 'padding\": \"same', 'conv1 is Conv2D 11x11 of 12 channels, stride 4,"
        + " padding same'",
    "'\"relu\"', '\"tanh\"', 'conv1 is tanh, where AlexNet has relu'",
    "'\"sigmoid\"', '\"linear\"', 'the end is nothing, where AlexNet has sigmoid'",
    "'\"epsilon\": 0.001', '\"epsilon\": 0.01', 'bn1 is BatchNormalization with epsilon 0.01'",
    "'null, 224, 224, 3', 'null, 640, 640, 3', 'fc6/kernel is [32,64], where'"
  })
  void a_keras_model_that_is_wired_otherwise_is_refused(String text, String other, String words)
      throws IOException {
    Path changed = folder.resolve("changed.keras");
    try (ZipFile zip = new ZipFile(SharedData.at("references/keras/model.keras").toFile());
        ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(changed))) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        byte[] bytes = zip.getInputStream(entry).readAllBytes();
        out.putNextEntry(new ZipEntry(entry.getName()));
        out.write(
            entry.getName().equals("config.json")
                ? new String(bytes, StandardCharsets.UTF_8)
                    .replace(text, other)
                    .getBytes(StandardCharsets.UTF_8)
                : bytes);
      }
    }
    Invocation run = importing(changed, folder.resolve("m.onnx"));
    assertEquals(3, run.exitCode(), run.err());
    assertTrue(run.err().contains(words), run.err());
  }

  @Test
  void weights_in_groups_are_taken_for_caffes_and_give_its_logits() {
    Path reference = SharedData.at("references/gradients-lrn");
    Path model = folder.resolve("m.onnx");
    Invocation run = importing(reference.resolve("model.safetensors"), model);
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.err().contains("AlexNet (caffe, 2 groups)"), run.err());
    assertTrue(run.err().contains("--arch paper takes the paper's"), run.err());
    Tensor pixels = Npy.read(reference.resolve("input_bgr_u8.npy"));
    float[] mean = {104, 117, 123};
    float[] input = pixels.toFloats();
    for (int i = 0; i < input.length; i++) {
      input[i] -= mean[i / (227 * 227) % 3];
    }
    Path file = folder.resolve("input.npy");
    Npy.write(file, Tensor.ofFloats(pixels.shape(), input));
    assertClose(Npy.read(reference.resolve("logits.npy")), answers(model, file), 1e-5);
    assertEquals(
        Recipe.CAFFE, Recipe.fromJson(OnnxModel.read(model).metadata().get("preprocessing")));
  }

  @Test
  void a_thousand_classes_get_imagenets_names_and_options_change_the_preprocessing()
      throws IOException {
    Path weights = alexNet(new int[] {2, 2, 2, 2, 2}, 2 * 36, 3, 1000, 5);
    Path model = folder.resolve("m.onnx");
    Invocation run = importing(weights, model, "--preset", "caffe", "--divide", "2");
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.err().contains("ImageNet's 1,000 classes"), run.err());
    Map<String, String> said = OnnxModel.read(model).metadata();
    var labels = JsonParser.parseString(said.get("labels")).getAsJsonArray();
    assertEquals(1000, labels.size());
    assertEquals("tench", labels.get(0).getAsString());
    assertEquals("toilet tissue", labels.get(999).getAsString());
    Recipe recipe = Recipe.fromJson(said.get("preprocessing"));
    assertEquals(Recipe.ColourOrder.BGR, recipe.colourOrder());
    assertEquals(2, recipe.divide());
    assertEquals(new Recipe.Crop(224, 224), recipe.crop());
  }

  @Test
  void the_names_are_those_of_torchvision() throws IOException {
    assertEquals(
        Files.readAllLines(SharedData.at("data/labels/imagenet_classes.txt")),
        org.alexnetedge.pipeline.Labels.imagenet());
  }

  @Test
  void what_does_not_fit_is_said_tensor_by_tensor() throws IOException {
    Path weights = alexNet(new int[] {2, 2, 2, 2, 2}, 2 * 36, 3, 4, 3);
    Path model = folder.resolve("m.onnx");
    Invocation run = importing(weights, model);
    assertEquals(3, run.exitCode());
    assertEquals(
        List.of(
            "alexnet: These weights are nearly those of an AlexNet (torchvision), but one tensor"
                + " does not fit:",
            "  features.3.weight is [2,2,3,3], where [2,2,5,5] is needed"),
        run.err().lines().toList());
    assertFalse(Files.exists(model));
  }

  @Test
  void another_network_is_told_so_with_its_first_tensors() throws IOException {
    Map<String, int[]> shapes = new TreeMap<>();
    shapes.put("conv1.weight", new int[] {2, 3, 7, 7});
    shapes.put("layer1.0.conv1.weight", new int[] {2, 2, 3, 3});
    shapes.put("layer1.0.conv2.weight", new int[] {2, 2, 3, 3});
    Invocation run = importing(safetensors(shapes, 1), folder.resolve("m.onnx"));
    assertEquals(3, run.exitCode());
    assertTrue(run.err().contains("are not those of an AlexNet"), run.err());
    assertTrue(run.err().contains("the names are a ResNet's"), run.err());
    assertTrue(run.err().contains("conv1.weight [2,3,7,7]"), run.err());
  }

  @Test
  void weights_that_give_no_finite_numbers_make_no_file() throws IOException {
    Path weights = alexNet(new int[] {2, 2, 2, 2, 2}, 2 * 36, 3, 4, 5, Float.NaN);
    Path model = folder.resolve("m.onnx");
    Invocation run = importing(weights, model);
    assertEquals(3, run.exitCode());
    assertTrue(run.err().contains("numbers that are not finite"), run.err());
    try (Stream<Path> left = Files.list(folder)) {
      assertArrayEquals(new Path[] {weights}, left.toArray());
    }
  }

  @Test
  void mistakes_are_named_before_anything_is_written() throws IOException {
    Path weights = alexNet(new int[] {2, 2, 2, 2, 2}, 2 * 36, 3, 4, 5);
    Path model = folder.resolve("m.onnx");
    Path labels = Files.writeString(folder.resolve("labels.txt"), "a\nb\n");
    assertSays(2, "for 4 classes, but there are 2 labels", weights, model, "--labels", labels);
    assertSays(2, "--arch must be", weights, model, "--arch", "vgg");
    assertSays(2, "--scores is about ONNX files", weights, model, "--scores", "logits");
    assertSays(2, "--crop or --resize asks for others", weights, model, "--crop", "100");
    assertSays(3, "not those of an AlexNet (keras)", weights, model, "--arch", "keras");
    assertSays(3, "There is no model file", folder.resolve("none.pth"), model);
    assertSays(3, "weights are taken from", labels, model);
    assertFalse(Files.exists(model));
    Files.writeString(model, "mine");
    assertSays(4, "exists already", weights, model);
    assertEquals("mine", Files.readString(model));
    assertEquals(0, importing(weights, model, "--overwrite").exitCode());
  }

  private void assertSays(int exitCode, String words, Path file, Path model, Object... more) {
    Invocation run =
        importing(file, model, Stream.of(more).map(Object::toString).toArray(String[]::new));
    assertEquals(exitCode, run.exitCode(), run.err());
    assertTrue(run.err().toLowerCase().contains(words.toLowerCase()), run.err());
  }

  private Tensor answers(Path model, Path input) {
    Path output = folder.resolve("answers.npy");
    Invocation run = Invocation.of("run", model, "--input", input, "-o", output);
    assertEquals(0, run.exitCode(), run.err());
    return Npy.read(output);
  }

  /** Largest difference, relative to the largest value. */
  private static void assertClose(Tensor expected, Tensor found, double tolerance) {
    assertArrayEquals(expected.shape(), found.shape());
    double difference = 0;
    double largest = 0;
    for (int i = 0; i < expected.size(); i++) {
      difference = Math.max(difference, Math.abs(expected.doubleAt(i) - found.doubleAt(i)));
      largest = Math.max(largest, Math.abs(expected.doubleAt(i)));
    }
    assertTrue(difference <= tolerance * largest, difference + " of " + largest);
  }

  private Path alexNet(int[] c, int flat, int hidden, int classes, int second) throws IOException {
    return alexNet(c, flat, hidden, classes, second, 0.01f);
  }

  /** torchvision's tensors, all of one value. */
  private Path alexNet(int[] c, int flat, int hidden, int classes, int second, float value)
      throws IOException {
    Map<String, int[]> shapes = new TreeMap<>();
    int[] numbers = {0, 3, 6, 8, 10};
    int[] kernels = {11, second, 3, 3, 3};
    for (int i = 0; i < 5; i++) {
      int in = i == 0 ? 3 : c[i - 1];
      shapes.put(
          "features." + numbers[i] + ".weight", new int[] {c[i], in, kernels[i], kernels[i]});
      shapes.put("features." + numbers[i] + ".bias", new int[] {c[i]});
    }
    shapes.put("classifier.1.weight", new int[] {hidden, flat});
    shapes.put("classifier.1.bias", new int[] {hidden});
    shapes.put("classifier.4.weight", new int[] {hidden, hidden});
    shapes.put("classifier.4.bias", new int[] {hidden});
    shapes.put("classifier.6.weight", new int[] {classes, hidden});
    shapes.put("classifier.6.bias", new int[] {classes});
    return safetensors(shapes, value);
  }

  /** A length, a JSON header and the values of all tensors one after the other. */
  private Path safetensors(Map<String, int[]> shapes, float value) throws IOException {
    StringBuilder header = new StringBuilder("{");
    int offset = 0;
    for (Map.Entry<String, int[]> each : shapes.entrySet()) {
      int bytes = 4 * Arrays.stream(each.getValue()).reduce(1, Math::multiplyExact);
      header
          .append(header.length() == 1 ? "" : ",")
          .append('"')
          .append(each.getKey())
          .append("\":{\"dtype\":\"F32\",\"shape\":")
          .append(Arrays.toString(each.getValue()))
          .append(",\"data_offsets\":[")
          .append(offset)
          .append(',')
          .append(offset + bytes)
          .append("]}");
      offset += bytes;
    }
    byte[] text = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer file = ByteBuffer.allocate(8 + text.length + offset).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(text.length).put(text);
    while (file.hasRemaining()) {
      file.putFloat(value);
    }
    return Files.write(folder.resolve("weights.safetensors"), file.array());
  }
}
