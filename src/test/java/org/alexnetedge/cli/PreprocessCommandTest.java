package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.alexnetedge.SharedData;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.weights.Npy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the model sees, as a file. */
class PreprocessCommandTest {
  @TempDir private Path folder;

  private Tensor tensor(Path photo, Object... options) {
    Path out = folder.resolve("tensor.npy");
    List<Object> words = new ArrayList<>(List.of("preprocess", photo, "-o", out));
    words.addAll(List.of(options));
    Invocation run = Invocation.of(words.toArray());
    assertEquals(0, run.exitCode(), run.err());
    return Npy.read(out);
  }

  @Test
  void four_photos_become_the_tensor_that_torchvision_makes_of_them() {
    Path data = SharedData.at("data");
    Path references = SharedData.at("references/torchvision-narrow");
    List<Object> words = new ArrayList<>(List.of("preprocess"));
    for (String name :
        List.of("n01440764_tench", "n02391049_zebra", "n03642806_laptop", "n02692877_airship")) {
      words.add(data.resolve("photos/" + name + ".JPEG"));
    }
    Path out = folder.resolve("input.npy");
    words.addAll(List.of("-o", out));
    Invocation run = Invocation.of(words.toArray());
    assertEquals(0, run.exitCode(), run.err());
    assertEquals("", run.err());
    Tensor expected = Npy.read(references.resolve("input.npy"));
    assertArrayEquals(expected.shape(), Npy.read(out).shape());
    assertArrayEquals(expected.toFloats(), Npy.read(out).toFloats(), 1e-6f);
  }

  @Test
  void single_fields_of_the_recipe_change_the_tensor() {
    Path photo = Photos.png(folder.resolve("photo.png"), new Color(200, 100, 50));
    float[] plain = tensor(photo, "--preset", "keras", "--crop", "none").toFloats();
    assertEquals(3 * 224 * 224, plain.length);
    assertEquals(200 / 255f, plain[0]);
    float[] raw = tensor(photo, "--preset", "keras", "--divide", "1").toFloats();
    assertEquals(200f, raw[0]);
    float[] caffe = tensor(photo, "--preset", "caffe").toFloats();
    assertEquals(3 * 227 * 227, caffe.length);
    assertEquals(50 - 104f, caffe[0]);
    Tensor small =
        tensor(
            photo,
            "--resize",
            "exact:8x6",
            "--crop",
            "none",
            "--colors",
            "bgr",
            "--divide",
            "1",
            "--mean",
            "1,2,3",
            "--std",
            "2,2,2");
    assertArrayEquals(new long[] {1, 3, 6, 8}, small.shape());
    assertEquals((50 - 1) / 2f, small.toFloats()[0]);
    assertEquals((100 - 2) / 2f, small.toFloats()[48]);
    assertEquals((200 - 3) / 2f, small.toFloats()[96]);
  }

  @Test
  void a_model_gives_its_size_and_its_order_of_axes() {
    Path photo = Photos.png(folder.resolve("photo.png"), Color.RED);
    Path model =
        ColourModel.LOGITS.withSize(20, 28).withChannelsLast().write(folder.resolve("m.onnx"));
    assertArrayEquals(new long[] {1, 20, 28, 3}, tensor(photo, "-m", model).shape());
  }

  @Test
  void a_png_holds_the_crop_as_people_see_it() throws Exception {
    Path photo = Photos.png(folder.resolve("photo.png"), new Color(200, 100, 50));
    Path out = folder.resolve("crop.png");
    Invocation run = Invocation.of("preprocess", photo, "-o", out, "--preset", "caffe");
    assertEquals(0, run.exitCode(), run.err());
    BufferedImage crop = ImageIO.read(out.toFile());
    assertEquals(227, crop.getWidth());
    assertEquals(227, crop.getHeight());
    assertEquals(new Color(200, 100, 50), new Color(crop.getRGB(100, 100)));
  }

  @Test
  void a_folder_gets_a_png_for_each_and_equal_names_stay_apart() throws Exception {
    Photos.png(folder.resolve("in/a/x.png"), Color.RED);
    Photos.png(folder.resolve("in/b/x.png"), Color.BLUE);
    Files.writeString(folder.resolve("in/c.jpg"), "no picture");
    Path out = folder.resolve("crops");
    Invocation run = Invocation.of("preprocess", folder.resolve("in"), "-o", out);
    assertEquals(1, run.exitCode());
    assertTrue(run.err().startsWith("alexnet: " + folder.resolve("in/c.jpg") + ": "), run.err());
    try (Stream<Path> files = Files.list(out)) {
      assertEquals(
          List.of("x.png-2.png", "x.png.png"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
    int blue = ImageIO.read(out.resolve("x.png-2.png").toFile()).getRGB(5, 5);
    assertEquals(Color.BLUE, new Color(blue));
  }
}
