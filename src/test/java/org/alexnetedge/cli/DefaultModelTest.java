package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.alexnetedge.SharedData;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.pipeline.ModelDescription;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The model that the jar carries, as its users meet it. */
class DefaultModelTest {
  private static final Path MODEL = Path.of("models/default.onnx");

  @TempDir private Path folder;

  private Invocation run(Object... words) {
    Invocation run = Invocation.of(words);
    assertEquals(0, run.exitCode(), run.err());
    return run;
  }

  @Test
  void a_clone_classifies_without_being_told_a_model() throws IOException {
    Records records = Records.classified(folder, "examples/photos");
    assertEquals(6, records.size());
    for (int i = 0; i < records.size(); i++) {
      String label =
          records
              .all()
              .get(i)
              .getAsJsonArray("predictions")
              .get(0)
              .getAsJsonObject()
              .get("label")
              .getAsString();
      assertTrue(labels().contains(label), label);
    }
  }

  @Test
  void it_names_the_cat() throws IOException {
    Records records = Records.classified(folder, "examples/photos/cat.png");
    assertEquals(List.of(labels().indexOf("cat")), records.best());
  }

  @Test
  void its_sum_is_the_one_beside_it() throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    assertEquals(
        HexFormat.of().formatHex(digest.digest(Files.readAllBytes(MODEL))), DefaultModel.sum());
  }

  @Test
  void it_is_small_folded_and_describes_itself() throws IOException {
    assertTrue(Files.size(MODEL) <= 12_000_000, () -> MODEL + " is too large");
    OnnxModel model = OnnxModel.read(MODEL);
    assertTrue(
        model.graph().nodes().stream().noneMatch(node -> node.op().equals("BatchNormalization")));
    assertEquals(106, labels().size());
    assertTrue(labels().containsAll(List.of("face", "sunflower", "rose", "tulip", "water lily")));
    assertTrue(model.metadata().get("provenance").startsWith("trained by alexnet-edge (all)"));
    assertTrue(model.metadata().get("validation").contains("calibration_temperature"));
  }

  private static List<String> labels() {
    List<String> labels = ModelDescription.read(OnnxModel.read(MODEL).metadata()).labels();
    assertTrue(labels != null, "it has no labels");
    return labels;
  }

  @Test
  void on_the_pictures_held_back_it_is_as_good_as_its_readme_says() throws Exception {
    Path datasets = SharedData.at("data/datasets");
    Path list = folder.resolve("default.csv");
    Process lister =
        new ProcessBuilder(Jar.java(), "models/DataList.java", datasets.toString())
            .redirectOutput(list.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertEquals(0, lister.waitFor());
    Path figures = folder.resolve("figures.json");
    run("evaluate", list, "--split", "val", "-q", "--json", figures);
    JsonObject json = JsonParser.parseString(Files.readString(figures)).getAsJsonObject();
    assertEquals(2705, json.get("pictures").getAsInt());
    assertTrue(json.get("accuracy").getAsDouble() >= ACCURACY, json.get("accuracy")::toString);
    double balanced = json.get("balanced_accuracy").getAsDouble();
    assertTrue(balanced >= PER_CLASS, () -> String.valueOf(balanced));
  }

  /** Figures of models/README.md, less what other processors may change. */
  private static final double ACCURACY = 0.76;

  private static final double PER_CLASS = 0.63;
}
