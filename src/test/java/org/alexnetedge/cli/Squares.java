package org.alexnetedge.cli;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.alexnetedge.onnx.OnnxModel;

/** A data set that a small network learns in seconds: squares of three colours on any ground. */
final class Squares {
  static final List<String> LABELS = List.of("blue", "green", "red");

  /** A network that learns it, with dropout, augmentation and batch normalisation. */
  static final List<String> NETWORK =
      List.of("--arch", "torchvision", "--width", "0.05", "--input", "64", "--batch-norm");

  private Squares() {}

  /** So many pictures of each colour, one folder for each. */
  static Path in(Path folder, int each) throws IOException {
    Random random = new Random(1);
    for (int label = 0; label < 3; label++) {
      for (int i = 0; i < each; i++) {
        BufferedImage image = new BufferedImage(48, 40, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(random.nextInt(256), random.nextInt(256), random.nextInt(256)));
        graphics.fillRect(0, 0, 48, 40);
        graphics.setColor(
            new Color(
                level(random, label == 2), level(random, label == 1), level(random, label == 0)));
        graphics.fillRect(random.nextInt(20), random.nextInt(14), 26, 24);
        graphics.dispose();
        Path file = folder.resolve(LABELS.get(label)).resolve("%03d.png".formatted(i));
        Files.createDirectories(file.getParent());
        try (var out = Files.newOutputStream(file)) {
          ImageIO.write(image, "png", out);
        }
      }
    }
    return folder;
  }

  private static int level(Random random, boolean high) {
    return high ? 200 + random.nextInt(56) : random.nextInt(60);
  }

  /** The words of a training of the network on the data. */
  static Object[] training(Path data, Path output, Object... more) {
    return Stream.of(List.of("train", data, "-o", output, "--batch", 8), NETWORK, List.of(more))
        .flatMap(List::stream)
        .toArray();
  }

  /** The same in a process of its own, as another program would start it. */
  static Process start(Path log, Object... words) throws IOException {
    List<String> command = new ArrayList<>(Jar.jvm());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    for (Object word : words) {
      command.add(word.toString());
    }
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("LC_ALL", "C.UTF-8");
    return builder
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .start();
  }

  /** What a model that came out says of itself under a key. */
  static JsonObject metadata(Path model, String key) {
    return JsonParser.parseString(OnnxModel.read(model).metadata().get(key)).getAsJsonObject();
  }
}
