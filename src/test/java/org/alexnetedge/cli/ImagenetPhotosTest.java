package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.alexnetedge.SharedData;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real photos through real networks, against what torchvision and Pillow make of them. */
class ImagenetPhotosTest {
  @TempDir private Path folder;

  /** A line of the resource: file, index of the best class, its score. */
  private record Expected(String file, int index, double score) {}

  private static List<Expected> expected() throws Exception {
    try (InputStream in = ImagenetPhotosTest.class.getResourceAsStream("squeezenet-top1.tsv")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .map(line -> line.split("\t"))
          .map(
              cells ->
                  new Expected(cells[0], Integer.parseInt(cells[1]), Double.parseDouble(cells[2])))
          .toList();
    }
  }

  @Test
  void squeezenet_sees_in_photos_what_it_sees_with_torchvision_and_pillow() throws Exception {
    Path photos = Shared.photos();
    Records records =
        Records.classified(
            folder,
            "-m",
            Shared.squeezenet(),
            "--preset",
            "torchvision",
            "--labels",
            Shared.labels(),
            photos);
    List<Expected> expected = expected();
    assertEquals(200, expected.size());
    assertEquals(expected.stream().map(e -> photos + "/" + e.file()).toList(), records.files());

    List<String> different = new ArrayList<>();
    double[] distances = new double[expected.size()];
    for (int i = 0; i < expected.size(); i++) {
      int best = records.best().get(i);
      distances[i] = Math.abs(records.score(i, 0) - expected.get(i).score());
      if (best != expected.get(i).index()) {
        different.add(expected.get(i).file() + ": " + best);
      }
    }
    assertTrue(different.size() <= 1, different.toString());
    // Seen: 5e-7 at most, which is the resolution of the resource.
    double largest = Arrays.stream(distances).max().orElseThrow();
    assertTrue(largest < 1e-5, "a score differs by " + largest);

    Map<String, Integer> classes = new HashMap<>();
    for (String line : Files.readAllLines(Shared.labels())) {
      String[] cells = line.split("\t");
      if (!cells[0].equals("index")) {
        classes.put(cells[1], Integer.parseInt(cells[0]));
      }
    }
    int right = 0;
    for (int i = 0; i < expected.size(); i++) {
      String synset = expected.get(i).file().split("_")[0];
      right += records.best().get(i).equals(classes.get(synset)) ? 1 : 0;
    }
    assertTrue(right >= 116 && right <= 128, right + " of 200 right; 61 % +- 3 were expected");
  }

  @Test
  void classes_with_the_same_name_are_kept_apart_by_their_index() throws Exception {
    Path cat = Photos.examples().resolve("cat.png");
    Records records =
        Records.classified(
            folder,
            "-m",
            Shared.squeezenet(),
            "--preset",
            "torchvision",
            "--labels",
            Shared.labels(),
            "--top",
            "1000",
            cat);
    for (String twice : List.of("crane", "maillot")) {
      List<Integer> indices =
          records.predictions(0).stream()
              .filter(p -> p.get("label").getAsString().equals(twice))
              .map(p -> p.get("index").getAsInt())
              .sorted()
              .toList();
      assertEquals(twice.equals("crane") ? List.of(134, 517) : List.of(638, 639), indices);
    }
    assertEquals(1000, records.predictions(0).size());
  }

  @Test
  void the_bvlc_alexnet_takes_the_caffe_preset_at_its_own_size() throws Exception {
    Records records =
        Records.classified(
            folder,
            "-m",
            SharedData.at("data/onnx/light/light_bvlc_alexnet.onnx"),
            "--preset",
            "caffe",
            Photos.examples());
    assertEquals(6, records.size());
    assertEquals(List.of("", "", "", "", "", ""), records.kinds());
  }
}
