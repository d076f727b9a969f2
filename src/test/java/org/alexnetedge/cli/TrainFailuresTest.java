package org.alexnetedge.cli;

import static org.alexnetedge.cli.Invocation.assertSays;
import static org.alexnetedge.cli.Invocation.run;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes wrong in training: a sentence, the right exit code, and nothing is lost. */
class TrainFailuresTest {
  @TempDir private static Path all;
  private static Path data;

  @TempDir private Path folder;

  @BeforeAll
  static void squares_of_three_colours() throws IOException {
    data = Squares.in(all.resolve("squares"), 10);
  }

  @Test
  void a_loss_that_is_no_number_ends_the_run_and_the_last_good_checkpoint_stays()
      throws IOException {
    Path file = folder.resolve("n.onnx");
    Object[] more = {
      "--epochs",
      3,
      "--optimizer",
      "sgd",
      "--lr",
      1e6,
      "--schedule",
      "step:1:1",
      "--warmup",
      "3",
      "--checkpoint-steps",
      1
    };
    Invocation run = run(4, Squares.training(data, file, more));
    assertSays(run, "the rate is too high", "smaller --lr");
    assertFalse(Files.exists(file));
    Path last = folder.resolve("n.run/last");
    if (Files.exists(last)) {
      assertSays(run, Files.readString(last).strip());
    }
  }

  @Test
  void data_that_changed_since_is_named_and_nothing_is_lost() throws IOException {
    Path own = Squares.in(folder.resolve("own"), 4);
    Path file = folder.resolve("c.onnx");
    run(0, Squares.training(own, file, "--epochs", 1));
    Path picture = own.resolve("green/001.png");
    byte[] before = Files.readAllBytes(picture);
    Files.copy(own.resolve("red/001.png"), picture, StandardCopyOption.REPLACE_EXISTING);
    Path run = folder.resolve("c.run");
    assertSays(run(4, "train", "--resume", run, "--epochs", 2), "green/001.png", "changed");
    Files.write(picture, before);
    run(0, "train", "--resume", run, "--epochs", 2);
  }

  @Test
  void a_checkpoint_that_is_cut_in_half_is_told_from_a_whole_one() throws IOException {
    Path file = folder.resolve("h.onnx");
    run(0, Squares.training(data, file, "--epochs", 1));
    Path run = folder.resolve("h.run");
    Path checkpoint =
        run.resolve("checkpoints")
            .resolve(Files.readString(run.resolve("last")).strip())
            .resolve("checkpoint");
    byte[] bytes = Files.readAllBytes(checkpoint);
    Files.write(checkpoint, Arrays.copyOf(bytes, bytes.length / 2));
    assertSays(
        run(4, "train", "--resume", run, "--epochs", 2), checkpoint.toString(), "cannot be read");
  }

  @Test
  void pictures_that_cannot_be_read_are_listed_and_left_out() throws IOException {
    Path own = Squares.in(folder.resolve("own"), 5);
    Files.writeString(
        own.resolve("red/001.png"), "no picture", StandardOpenOption.TRUNCATE_EXISTING);
    Path file = folder.resolve("l.onnx");
    assertSays(run(0, Squares.training(own, file, "--epochs", 1)), "left out", "red/001.png");
    assertEquals(14, Files.readAllLines(folder.resolve("l.run/split.tsv")).size() - 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DATA -o OUT --from MODEL --arch keras",
        "-o OUT --arch keras",
        "DATA -o OUT --arch torchvision --classes 5",
        "DATA -o OUT --arch torchvision --lr 0",
        "DATA -o OUT --arch torchvision --lr nan",
        "DATA -o OUT --arch torchvision --epochs 0",
        "DATA -o OUT --arch torchvision --optimizer adamax",
        "DATA -o OUT --arch torchvision --schedule steep",
        "DATA -o OUT --arch torchvision --early-stopping 5",
        "DATA -o OUT --arch torchvision --batch 65536 --accumulate 65536",
        "DATA -o OUT --arch torchvision --train ,",
        "DATA -o OUT --arch torchvision --train head",
        "DATA -o OUT --arch torchvision --views 3",
        "DATA -o OUT --arch torchvision --val-split 2",
        "DATA -o OUT --arch torchvision --val-split 0.2 --val-every 5",
        "DATA -o OUT --arch torchvision --time-limit soon",
        "DATA -o OUT --arch torchvision --input 40",
        "DATA -o OUT --arch torchvision --device cuda",
        "DATA -o OUT --from MODEL --train classifier --device cuda",
        "DATA -o OUT --from MODEL --width 0.5",
        "DATA -o OUT --from MODEL --mixup 0.2",
        "--resume RUN --lr 0.1",
        "DATA --resume RUN",
      })
  void wrong_usage_is_said_before_anything_is_made(String line) {
    Path run = folder.resolve("RUN");
    Object[] words =
        Stream.concat(Stream.of("train"), Stream.of(line.split(" ")))
            .map(
                word ->
                    switch (word) {
                      case "DATA" -> data;
                      case "OUT" -> folder.resolve("x.onnx");
                      case "MODEL" -> folder.resolve("m.onnx");
                      case "RUN" -> run;
                      default -> word;
                    })
            .toArray();
    Invocation invocation = run(2, words);
    assertSays(invocation, "alexnet: ", "alexnet train --help");
    assertFalse(Files.exists(folder.resolve("x.run")));
  }

  @Test
  void what_is_there_already_is_not_replaced_unless_it_is_asked_for() throws IOException {
    Path file = folder.resolve("o.onnx");
    run(0, Squares.training(data, file, "--epochs", 1));
    assertSays(run(4, Squares.training(data, file, "--epochs", 1)), "exists already");
    Files.delete(file);
    assertSays(run(4, Squares.training(data, file, "--epochs", 1)), "holds a run already");
    // Somebody else's file came in the place of ours.
    Files.writeString(file, "precious");
    Path run = folder.resolve("o.run");
    assertSays(run(4, "train", "--resume", run, "--epochs", 2), "exists already");
    assertEquals("precious", Files.readString(file));
    run(0, Squares.training(data, file, "--epochs", 1, "--overwrite"));
    // Where a link is, what it points to is replaced.
    Path link = Files.createSymbolicLink(folder.resolve("link.onnx"), file);
    run(0, "train", "--resume", run, "--epochs", 2, "-o", link, "--overwrite");
    assertTrue(Files.isSymbolicLink(link));
    assertEquals(2, Squares.metadata(file, "training").get("epochs").getAsInt());
    // What is wrong with the next run is found before the last one goes.
    Object[] wrong = {"train", folder.resolve("none"), "-o", file, "--overwrite", "--epochs", 1};
    assertSays(run(4, wrong), "There is no folder or table");
    wrong[1] = data;
    Object[] from = Stream.of(wrong, new Object[] {"--from", "none"}).flatMap(Stream::of).toArray();
    assertSays(run(3, from), "There is no model file none");
    run(0, "train", "--resume", run);
    Path foreign = Files.createDirectories(folder.resolve("foreign/artifacts"));
    Files.writeString(foreign.resolve("treasure.txt"), "mine");
    Files.writeString(folder.resolve("foreign/version"), "2.3");
    Object[] there = {"--run", foreign.getParent(), "--overwrite"};
    Path third = folder.resolve("third.onnx");
    assertSays(run(4, Squares.training(data, third, there)), "is no training run");
    Files.writeString(folder.resolve("foreign/version"), "1");
    Files.writeString(folder.resolve("foreign/notes.txt"), "mine");
    assertSays(run(4, Squares.training(data, third, there)), "is no training run");
    assertTrue(Files.exists(foreign.resolve("treasure.txt")));
    Path strange = Files.createDirectories(folder.resolve("strange"));
    Files.writeString(strange.resolve("letter.txt"), "mine");
    Path other = folder.resolve("other.onnx");
    assertSays(
        run(4, Squares.training(data, other, "--run", strange, "--overwrite")),
        "is no training run");
    assertSays(run(4, "train", "--resume", strange), "is no training run");
    assertSays(run(4, "train", "--resume", folder.resolve("nowhere")), "There is no run folder");
  }

  @Test
  void a_folder_in_which_a_run_was_killed_at_its_very_beginning_is_taken() throws IOException {
    Path file = folder.resolve("v.onnx");
    Path run = Files.createDirectories(folder.resolve("v.run"));
    Files.createFile(run.resolve(".lock"));
    Files.createFile(run.resolve(".version.tmp"));
    run(0, Squares.training(data, file, "--epochs", 1));
    // The next moment: a version, and no configuration yet.
    Files.delete(run.resolve("config.json"));
    Files.delete(file);
    assertSays(run(4, "train", "--resume", run), "before its first step");
    run(0, Squares.training(data, file, "--epochs", 1));
  }

  @Test
  void inputs_and_what_is_no_model_are_never_written_over() throws IOException {
    Path table = Files.writeString(folder.resolve("t.csv"), "path,label\n");
    assertSays(run(2, "train", table, "-o", table, "--overwrite"), "is one of the inputs");
    Path picture = data.resolve("red/000.png");
    byte[] before = Files.readAllBytes(picture);
    assertSays(run(4, "train", data, "-o", picture, "--overwrite"), "it is a picture");
    assertSays(run(4, "train", data, "-o", "/dev/null", "--overwrite"), "it is not a file");
    assertSays(run(4, "train", data, "-o", ""), "without a name");
    Path file = folder.resolve("w.onnx");
    Path made = folder.resolve("w.run");
    run(0, Squares.training(data, file, "--epochs", 1));
    for (Path wrong : List.of(picture, made.resolve("config.json"))) {
      run(4, "export", made, "-o", wrong, "--overwrite");
      run(4, "train", "--resume", made, "-o", wrong, "--overwrite");
    }
    assertArrayEquals(before, Files.readAllBytes(picture));
    Path artifacts = made.resolve("artifacts");
    Path training = artifacts.resolve("training_model.onnx");
    assertSays(run(2, "artifacts", training, "-o", artifacts, "--overwrite"), "the model itself");
    assertSays(run(4, "artifacts", training, "-o", file), "it is no folder");
    run(0, "export", made, "-o", folder.resolve("again.onnx"));
  }

  @Test
  void a_damaged_run_is_told_in_a_sentence() throws IOException {
    Path file = folder.resolve("q.onnx");
    Path made = folder.resolve("q.run");
    run(0, Squares.training(data, file, "--epochs", 2, "--early-stopping", "loss:5"));
    Path names = made.resolve("parameters.json");
    String whole = Files.readString(names);
    Files.writeString(names, whole.substring(0, whole.length() / 2));
    assertSays(run(4, "train", "--resume", made), "parameters.json is not what this program wrote");
    Files.writeString(names, whole.replaceFirst("features", "faetures"));
    assertSays(run(3, "train", "--resume", made), "which its start.onnx does not have");
    Files.writeString(names, whole);
    Files.delete(made.resolve("best"));
    assertSays(run(4, "export", made, "-o", folder.resolve("b.onnx")), "file 'best' is missing");
    run(0, "export", made, "-o", folder.resolve("b.onnx"), "--checkpoint", "last");
    Path split = made.resolve("split.tsv");
    List<String> rows = Files.readAllLines(split);
    Files.write(split, rows.subList(0, rows.size() - 5));
    assertSays(run(4, "train", "--resume", made), "is not what it was when the run began");
  }

  @Test
  void damaged_graphs_of_a_run_are_told_in_a_sentence() throws IOException {
    Path file = folder.resolve("g.onnx");
    Path made = folder.resolve("g.run");
    run(0, Squares.training(data, file, "--epochs", 1));
    Path graph = made.resolve("artifacts/training_model.onnx");
    byte[] whole = Files.readAllBytes(graph);
    String text = new String(whole, StandardCharsets.ISO_8859_1);
    for (byte[] damaged :
        List.of(
            Arrays.copyOf(whole, whole.length / 2),
            text.replaceFirst("features.3.weight", "feaqures.3.weight")
                .getBytes(StandardCharsets.ISO_8859_1),
            text.replace("MaxPoolGrad", "MaxPoolGrid").getBytes(StandardCharsets.ISO_8859_1))) {
      Files.write(graph, damaged);
      assertSays(
          run(4, "train", "--resume", made, "--epochs", 2),
          "The models in " + graph.getParent() + " cannot be used",
          "begin a new one");
    }
    Files.write(graph, whole);
    run(0, "train", "--resume", made, "--epochs", 2);
  }

  @Test
  void a_training_that_is_refused_leaves_no_folder() {
    Path file = folder.resolve("r.onnx");
    assertSays(run(4, Squares.training(folder.resolve("none"), file)), "no folder or table");
    assertFalse(Files.exists(folder.resolve("r.run")));
  }

  @Test
  void one_class_alone_cannot_be_learnt() throws IOException {
    Path one = folder.resolve("one");
    Files.createDirectories(one);
    Files.createSymbolicLink(one.resolve("red"), data.resolve("red").toAbsolutePath());
    Path file = folder.resolve("one.onnx");
    assertSays(run(4, Squares.training(one, file)), "one class only");
  }
}
