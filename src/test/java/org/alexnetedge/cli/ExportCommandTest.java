package org.alexnetedge.cli;

import static org.alexnetedge.cli.Invocation.run;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.alexnetedge.onnx.OnnxModel;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files made of the checkpoints of a run. */
class ExportCommandTest {
  @TempDir private static Path all;
  private static Path trained;
  private static Path run;

  @TempDir private Path folder;

  @BeforeAll
  static void a_run() throws IOException {
    Path data = Squares.in(all.resolve("squares"), 10);
    trained = all.resolve("squares.onnx");
    run = all.resolve("squares.run");
    Object[] words =
        Squares.training(data, trained, "--epochs", 4, "--lr", 0.005, "--augment", "none");
    assertEquals(0, Invocation.of(words).exitCode());
  }

  private static JsonObject figures(Path model, Path folder) throws IOException {
    Path json = folder.resolve("figures.json");
    Files.deleteIfExists(json);
    run(0, "evaluate", "-m", model, run.resolve("split.tsv"), "--split", "val", "--json", json);
    return JsonParser.parseString(Files.readString(json)).getAsJsonObject();
  }

  private static JsonObject validation(Path model) {
    return JsonParser.parseString(OnnxModel.read(model).metadata().get("validation"))
        .getAsJsonObject();
  }

  @Test
  void the_last_checkpoint_is_what_training_wrote() throws IOException {
    Path file = folder.resolve("again.onnx");
    run(0, "export", run, "-o", file);
    assertArrayEquals(Files.readAllBytes(trained), Files.readAllBytes(file));
  }

  @Test
  void folded_and_calibrated_it_answers_the_same_with_truer_scores() throws IOException {
    Path file = folder.resolve("small.onnx");
    Invocation made = run(0, "export", run, "-o", file, "--fold-batch-norm", "--calibrate");
    assertTrue(made.err().contains("small.onnx: accuracy"), made.err());
    OnnxModel model = OnnxModel.read(file);
    assertTrue(
        model.graph().nodes().stream().noneMatch(node -> node.op().equals("BatchNormalization")));
    assertTrue(Files.size(file) < Files.size(trained));
    JsonObject before = figures(trained, folder);
    JsonObject after = figures(file, folder);
    assertEquals(before.get("accuracy"), after.get("accuracy"));
    double loss = after.get("log_loss").getAsDouble();
    assertTrue(loss <= before.get("log_loss").getAsDouble() + 1e-6);
    assertEquals(loss, validation(file).get("loss").getAsDouble(), 1e-4);
    assertTrue(validation(file).get("calibration_temperature").getAsDouble() > 0);
  }

  @Test
  void what_is_no_run_or_would_be_lost_is_refused() throws IOException {
    Path file = Files.writeString(folder.resolve("mine.onnx"), "mine");
    assertTrue(run(4, "export", run, "-o", file).err().contains("--overwrite replaces it"));
    assertEquals("mine", Files.readString(file));
    assertTrue(run(4, "export", folder).err().contains("is no training run"));
    Invocation wrong = run(2, "export", run, "--checkpoint", "first");
    assertTrue(wrong.err().contains("best or last"), wrong.err());
  }

  @Test
  void without_pictures_held_back_nothing_can_be_calibrated() throws IOException {
    Path data = Squares.in(folder.resolve("squares"), 3);
    Path file = folder.resolve("few.onnx");
    run(0, Squares.training(data, file, "--epochs", 1, "--val-split", 0));
    Invocation refused =
        run(4, "export", folder.resolve("few.run"), "-o", folder.resolve("x.onnx"), "--calibrate");
    assertTrue(refused.err().contains("holds back no pictures"), refused.err());
  }
}
