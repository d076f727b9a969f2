package org.alexnetedge.cli;

import static org.alexnetedge.cli.Invocation.assertSays;
import static org.alexnetedge.cli.Invocation.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.alexnetedge.onnx.OnnxModel;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** From folders of pictures to a file, through the real library. */
class TrainCommandTest {
  @TempDir private static Path all;
  private static Path data;

  @TempDir private Path folder;

  @BeforeAll
  static void squares_of_three_colours() throws IOException {
    data = Squares.in(all.resolve("squares"), 10);
  }

  private static List<String> lines(Path file) throws IOException {
    return Files.readAllLines(file);
  }

  @Test
  void a_small_network_learns_colours_and_the_file_describes_itself() throws IOException {
    Path file = folder.resolve("squares.onnx");
    run(0, Squares.training(data, file, "--epochs", 15, "--lr", 0.005, "--augment", "none"));
    OnnxModel model = OnnxModel.read(file);
    assertEquals("[\"blue\",\"green\",\"red\"]", model.metadata().get("labels"));
    assertTrue(Squares.metadata(file, "validation").get("accuracy").getAsDouble() > 0.8);
    assertEquals(15, Squares.metadata(file, "training").get("epochs").getAsInt());
    assertFalse(model.metadata().toString().contains(folder.toString()));
    Path answers = folder.resolve("answers.csv");
    run(0, "classify", "--model", file, data.resolve("red"), "-o", answers);
    long right = lines(answers).stream().filter(line -> line.contains("red,0.")).count();
    assertTrue(right >= 8, () -> String.valueOf(right));
    // Its own list of pictures gives the figures that are in the file.
    Path figures = folder.resolve("figures.json");
    Path split = folder.resolve("squares.run/split.tsv");
    run(0, "evaluate", "-m", file, split, "--split", "val", "-q", "--json", figures);
    JsonObject json = JsonParser.parseString(Files.readString(figures)).getAsJsonObject();
    assertEquals(
        Squares.metadata(file, "validation").get("accuracy").getAsDouble(),
        json.get("accuracy").getAsDouble(),
        1e-12);
    assertEquals(
        Squares.metadata(file, "validation").get("loss").getAsDouble(),
        json.get("log_loss").getAsDouble(),
        1e-4);
  }

  @Test
  void a_run_that_is_broken_off_within_an_epoch_ends_as_an_unbroken_one() throws IOException {
    Object[] more = {"--epochs", 3, "--average", 0.9, "--accumulate", 2, "--mixup", 0.3};
    Path whole = folder.resolve("whole.onnx");
    Path parts = folder.resolve("parts.onnx");
    run(0, Squares.training(data, whole, more));
    Object[] limited = Stream.concat(Stream.of(more), Stream.of("--time-limit", "0s")).toArray();
    assertSays(run(0, Squares.training(data, parts, limited)), "--resume", "time limit");
    assertTrue(Files.mismatch(whole, parts) >= 0);
    for (int i = 0; i < 2; i++) {
      run(0, "train", "--resume", folder.resolve("parts.run"), "--time-limit", "0s");
    }
    run(0, "train", "--resume", folder.resolve("parts.run"));
    assertEquals(-1, Files.mismatch(whole, parts), "the files differ");
    assertEquals(3, lines(folder.resolve("parts.run/metrics.jsonl")).size());
  }

  @ParameterizedTest
  @CsvSource({"0, 1, 4, 3", "0, 2, 2, 1", "0, 4, 1, 1", "0.2, 1, 3, 3"})
  void a_short_step_at_an_epochs_end_is_left_out_when_that_is_asked_for(
      double held, int accumulate, int all, int full) throws IOException {
    Object[] more = {"--epochs", 1, "--val-split", held, "--accumulate", accumulate};
    run(0, Squares.training(data, folder.resolve("all.onnx"), more));
    assertEquals(all, steps(folder.resolve("all.run")));
    Object[] drops = Stream.concat(Stream.of(more), Stream.of("--drop-last")).toArray();
    run(0, Squares.training(data, folder.resolve("full.onnx"), drops));
    assertEquals(full, steps(folder.resolve("full.run")));
  }

  private static int steps(Path run) throws IOException {
    String last = lines(run.resolve("metrics.jsonl")).getLast();
    return JsonParser.parseString(last).getAsJsonObject().get("step").getAsInt();
  }

  @Test
  void a_run_goes_on_to_more_epochs_and_another_file() throws IOException {
    Path file = folder.resolve("a.onnx");
    run(0, Squares.training(data, file, "--epochs", 1, "--schedule", "constant"));
    byte[] first = Files.readAllBytes(file);
    Path other = folder.resolve("b.onnx");
    run(0, "train", "--resume", folder.resolve("a.run"), "--epochs", 2, "-o", other);
    assertEquals(-1, Arrays.mismatch(first, Files.readAllBytes(file)));
    assertEquals(2, Squares.metadata(other, "training").get("epochs").getAsInt());
  }

  @Test
  void a_longer_run_that_is_broken_off_stays_the_longer_run() throws IOException {
    Path file = folder.resolve("l.onnx");
    Path run = folder.resolve("l.run");
    run(0, Squares.training(data, file, "--epochs", 1));
    run(0, "train", "--resume", run, "--epochs", 3, "--time-limit", "0s");
    run(0, "train", "--resume", run);
    assertEquals(3, Squares.metadata(file, "training").get("epochs").getAsInt());
    assertEquals(3, Squares.metadata(file, "training").get("planned_epochs").getAsInt());
    // In the middle of the fourth epoch, and no further: that is no epoch's weights.
    run(0, "train", "--resume", run, "--epochs", 5, "--time-limit", "0s");
    assertSays(run(4, "train", "--resume", run, "--epochs", 2), "has 3 epochs already");
    run(0, "train", "--resume", run, "--epochs", 3);
    assertFalse(Squares.metadata(file, "training").has("taken_epoch"));
  }

  @Test
  void a_file_of_the_best_epoch_leaves_the_run_as_it_is() throws IOException {
    Path file = folder.resolve("h.onnx");
    Path run = folder.resolve("h.run");
    Object[] more = {"--epochs", 4, "--early-stopping", "loss:3:1000"};
    run(0, Squares.training(data, file, more));
    List<String> figures = lines(run.resolve("metrics.jsonl"));
    run(0, "export", run, "-o", folder.resolve("best.onnx"), "--checkpoint", "best");
    assertEquals(
        1, Squares.metadata(folder.resolve("best.onnx"), "training").get("taken_epoch").getAsInt());
    assertEquals(figures, lines(run.resolve("metrics.jsonl")));
    run(0, "export", run, "-o", folder.resolve("last.onnx"), "--checkpoint", "last");
    run(0, "train", "--resume", run);
  }

  @Test
  void a_head_is_learnt_on_features_that_are_computed_once() throws IOException {
    Path plain = folder.resolve("plain");
    for (int i = 0; i < 10; i++) {
      Photos.png(plain.resolve("red/" + i + ".png"), new Color(150 + 10 * i, 20, 5 * i));
      Photos.png(plain.resolve("green/" + i + ".png"), new Color(5 * i, 150 + 10 * i, 20));
      Photos.png(plain.resolve("blue/" + i + ".png"), new Color(20, 5 * i, 150 + 10 * i));
    }
    Path start = ColourModel.LOGITS.write(folder.resolve("start.onnx"));
    Path file = folder.resolve("head.onnx");
    Object[] words = {
      "train",
      plain,
      "--from",
      start,
      "-o",
      file,
      "--preset",
      "keras",
      "--val-every",
      5,
      "--views",
      2,
      "--epochs",
      30,
      "--lr",
      0.1,
      "--class-weights",
      "balanced"
    };
    assertSays(run(0, words), "new last layer", "epoch 30/30");
    assertEquals(1, Squares.metadata(file, "validation").get("accuracy").getAsDouble());
    assertEquals(6, Squares.metadata(file, "validation").get("pictures").getAsInt());
    run(0, "train", "--resume", folder.resolve("head.run"), "--epochs", 31);
    assertEquals(31, Squares.metadata(file, "training").get("epochs").getAsInt());
  }

  @Test
  void a_device_that_is_not_there_ends_it_and_the_run_goes_on_without() throws IOException {
    Path file = folder.resolve("g.onnx");
    assertSays(
        run(3, "train", data, "-o", file, "--epochs", 1, "--device", "cuda"),
        "--device cuda: CUDAExecutionProvider cannot be used",
        "that can train, too: Maven's jar org.bytedeco:onnxruntime",
        "whose version begins with 1.24.1.");
    Path stopped = folder.resolve("g.run");
    run(3, "train", "--resume", stopped, "--device", "cuda");
    run(0, "train", "--resume", stopped);
    assertEquals(1, Squares.metadata(file, "training").get("epochs").getAsInt());
  }

  @Test
  void without_a_model_it_starts_from_the_one_that_is_carried() {
    Path file = folder.resolve("squares.onnx");
    Invocation run = run(0, "train", data, "-o", file, "--epochs", 2);
    assertSays(run, "starting from the model that this program carries", "new last layer for blue");
    assertSays(run, "squares.onnx: accuracy");
    String start = Squares.metadata(file, "training").get("start").getAsString();
    assertEquals("alexnet-edge's own model, SHA-256 " + DefaultModel.sum(), start);
  }

  @Test
  void a_teacher_of_another_size_answers_some_views_once() throws IOException {
    Path teacher = folder.resolve("teacher.onnx");
    Object[] large = {"--input", 80, "--width", 0.05, "--arch", "torchvision"};
    run(
        0,
        Stream.concat(
                Stream.of("train", data, "-o", teacher, "--epochs", 1, "--batch", 8),
                Stream.of(large))
            .toArray());
    Path file = folder.resolve("student.onnx");
    Object[] more = {
      "--epochs", 3, "--mixup", 0.2, "--teacher", teacher, "--teacher-views", 2, "--temperature", 1
    };
    Object[] limited = Stream.concat(Stream.of(more), Stream.of("--time-limit", "0s")).toArray();
    run(0, Squares.training(data, file, limited));
    Path answers = folder.resolve("student.run/features/teacher.npy");
    assertTrue(Files.size(answers) > 24 * 2 * 3 * 4);
    var made = Files.getLastModifiedTime(answers);
    run(0, "train", "--resume", folder.resolve("student.run"));
    assertEquals(made, Files.getLastModifiedTime(answers));
    Path again = folder.resolve("again.onnx");
    run(0, Squares.training(data, again, more));
    assertEquals(-1, Files.mismatch(file, again));
    assertSays(
        run(2, Squares.training(data, folder.resolve("x.onnx"), "--teacher-views", 2)),
        "--teacher-views goes with --teacher");
    Path red = ColourModel.LOGITS.write(folder.resolve("colours.onnx"));
    assertSays(
        run(
            3,
            Squares.training(
                data, folder.resolve("y.onnx"), "--teacher", red, "--teacher-views", 1)),
        "colours.onnx does not name its classes");
  }

  @Test
  void a_teacher_whose_answers_do_not_fit_or_that_was_exchanged_is_refused() throws IOException {
    Path logits = folder.resolve("logits.onnx");
    run(0, Squares.training(data, logits, "--epochs", 1));
    Path scores = folder.resolve("scores.onnx");
    run(0, "export", folder.resolve("logits.run"), "-o", scores, "--probabilities");
    Path file = folder.resolve("s.onnx");
    for (int views = 0; views < 2; views++) {
      assertSays(
          run(3, Squares.training(data, file, "--teacher", scores, "--teacher-views", views)),
          "scores.onnx gives 3 probabilities; expected 3 logits");
      Files.delete(folder.resolve("s.run/config.json"));
    }
    run(0, Squares.training(data, file, "--epochs", 1, "--teacher", logits));
    Files.copy(scores, logits, StandardCopyOption.REPLACE_EXISTING);
    assertSays(
        run(4, "train", "--resume", folder.resolve("s.run"), "--epochs", 2),
        "The teacher " + logits + " is not the file that it was when the run began");
  }

  @Test
  void a_teacher_of_the_same_classes_helps_and_another_is_refused() {
    Path teacher = folder.resolve("teacher.onnx");
    run(0, Squares.training(data, teacher, "--epochs", 1));
    Path file = folder.resolve("student.onnx");
    run(0, Squares.training(data, file, "--epochs", 1, "--teacher", teacher));
    JsonObject loss = Squares.metadata(file, "training").getAsJsonObject("loss");
    assertEquals(64, loss.getAsJsonObject("teacher").get("sha256").getAsString().length());
    assertFalse(loss.toString().contains("teacher.onnx"));
    Path other = folder.resolve("other.onnx");
    Path red = ColourModel.LOGITS.write(folder.resolve("colours.onnx"));
    assertSays(
        run(3, Squares.training(data, other, "--teacher", red)), "The teacher", "cannot see");
  }

  @Test
  void the_file_gives_probabilities_when_they_are_asked_for() {
    Path file = folder.resolve("p.onnx");
    run(0, Squares.training(data, file, "--epochs", 1, "--probabilities"));
    assertEquals("probabilities", OnnxModel.read(file).metadata().get("output"));
  }

  @Test
  void two_classes_of_keras_are_a_yes_or_no() throws IOException {
    Path two = folder.resolve("two");
    Squares.in(two, 6);
    try (Stream<Path> green = Files.list(two.resolve("green"))) {
      for (Path each : green.toList()) {
        Files.delete(each);
      }
    }
    Files.delete(two.resolve("green"));
    Path file = folder.resolve("k.onnx");
    Object[] words = {
      "train",
      two,
      "-o",
      file,
      "--arch",
      "keras",
      "--width",
      0.02,
      "--input",
      195,
      "--epochs",
      2,
      "--batch",
      4,
      "--optimizer",
      "keras-adam",
      "--lr",
      0.001,
      "--early-stopping",
      "loss:5"
    };
    run(0, words);
    assertEquals("sigmoid", OnnxModel.read(file).metadata().get("task"));
    assertEquals("[\"blue\",\"red\"]", OnnxModel.read(file).metadata().get("labels"));
  }

  @Test
  void early_stopping_ends_the_run_and_takes_the_best_epoch() throws IOException {
    Path file = folder.resolve("e.onnx");
    Object[] more = {"--epochs", 9, "--early-stopping", "loss:2:1000"};
    assertSays(run(0, Squares.training(data, file, more)), "Stopped early", "epoch 1 of 3");
    assertEquals(3, lines(folder.resolve("e.run/metrics.jsonl")).size());
    assertEquals(1, Squares.metadata(file, "training").get("taken_epoch").getAsInt());
    // There is nothing left to do, and no other file comes out.
    byte[] first = Files.readAllBytes(file);
    run(0, "train", "--resume", folder.resolve("e.run"));
    assertEquals(-1, Arrays.mismatch(first, Files.readAllBytes(file)));
  }

  @Test
  void artifacts_are_written_for_other_trainers() throws IOException {
    Path model = folder.resolve("m.onnx");
    run(0, "create", "-o", model, "--classes", 3, "--width", 0.02);
    Path made = folder.resolve("artifacts");
    run(0, "artifacts", model, "-o", made, "--train", "classifier", "--optimizer", "momentum");
    try (Stream<Path> files = Files.list(made)) {
      assertEquals(
          List.of("checkpoint", "eval_model.onnx", "optimizer_model.onnx", "training_model.onnx"),
          files.map(file -> file.getFileName().toString()).sorted().toList());
    }
    assertSays(run(4, "artifacts", model, "-o", made), "exists already");
    assertSays(run(3, "artifacts", model, "-o", made, "--overwrite", "--train", "fc9*"), "fc9*");
    assertSays(run(2, "artifacts", model, "-o", made, "--momentum", 2), "--momentum");
  }
}
