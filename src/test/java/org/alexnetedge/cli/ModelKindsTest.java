package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.awt.Color;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which models classify takes, and how it reads their outputs. */
class ModelKindsTest {
  private static final List<Integer> RED_GREEN_BLUE = List.of(0, 1, 2);

  @TempDir private static Path photos;
  @TempDir private Path folder;

  @BeforeAll
  static void a_red_a_green_and_a_blue_picture() {
    Photos.png(photos.resolve("a-red.png"), Color.RED);
    Photos.png(photos.resolve("b-green.png"), Color.GREEN);
    Photos.png(photos.resolve("c-blue.png"), Color.BLUE);
  }

  private Path model(ColourModel model) {
    return model.write(folder.resolve("model.onnx"));
  }

  private Records classified(Path model, Object... more) {
    Object[] words = new Object[more.length + 5];
    words[0] = "-m";
    words[1] = model;
    words[2] = "--preset";
    words[3] = "keras";
    words[4] = photos;
    System.arraycopy(more, 0, words, 5, more.length);
    return Records.classified(folder, words);
  }

  private Path labels(String... labels) throws Exception {
    return Files.write(folder.resolve("labels.txt"), List.of(labels));
  }

  @Test
  void logits_are_turned_into_scores_that_add_up_to_one() {
    Records records = classified(model(ColourModel.LOGITS));
    assertEquals(RED_GREEN_BLUE, records.best());
    assertEquals(1 / (1 + 2 * Math.exp(-10)), records.score(0, 0), 1e-6);
    assertEquals(
        List.of(1, 0, 2),
        records.predictions(1).stream().map(p -> p.get("index").getAsInt()).toList());
  }

  @Test
  void probabilities_are_not_softmaxed_again() {
    Records records = classified(model(ColourModel.LOGITS.withEnd("Softmax")));
    assertEquals(RED_GREEN_BLUE, records.best());
    assertEquals(1 / (1 + 2 * Math.exp(-10)), records.score(0, 0), 1e-6);
  }

  @Test
  void channels_last_and_channels_first_give_the_same() {
    assertEquals(
        classified(model(ColourModel.LOGITS)).all(),
        classified(model(ColourModel.LOGITS.withChannelsLast())).all());
  }

  @Test
  void a_model_of_any_size_takes_the_recipe_s() {
    Records records = classified(model(ColourModel.LOGITS.withSize(0, 0)));
    assertEquals(RED_GREEN_BLUE, records.best());
  }

  @Test
  void rows_and_columns_may_differ() {
    Records records = classified(model(ColourModel.LOGITS.withSize(24, 48)));
    assertEquals(RED_GREEN_BLUE, records.best());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 4})
  void a_fixed_batch_size_changes_nothing_but_the_batches(long size) {
    assertEquals(
        classified(model(ColourModel.LOGITS)).all(),
        classified(model(ColourModel.LOGITS.withBatch(size)), "--batch", "16").all());
  }

  @Test
  void one_output_with_two_labels_is_a_no_and_a_yes() throws Exception {
    for (String end : List.of("", "Sigmoid")) {
      Records records =
          classified(model(ColourModel.ONE.withEnd(end)), "--labels", labels("cool", "warm"));
      assertEquals(List.of(1, 0, 0), records.best(), end);
      assertEquals("warm", records.predictions(0).getFirst().get("label").getAsString());
      assertEquals(1 / (1 + Math.exp(-10)), records.score(0, 0), 1e-6);
      assertEquals(1, records.score(0, 0) + records.score(0, 1), 1e-6);
      assertEquals(0.5, records.score(1, 0), 1e-6); // a tie: the lower index first
    }
  }

  @Test
  void a_logit_that_happens_to_lie_between_0_and_1_is_no_probability() throws Exception {
    // Gray gives 0; only other inputs show that this is a logit.
    ColourModel weak = ColourModel.ONE.withWeights(new float[][] {{0.5f}, {0}, {0}});
    Records records = classified(model(weak), "--labels", labels("no", "yes"));
    assertEquals(1 / (1 + Math.exp(-0.5)), records.score(0, 0), 1e-6);
  }

  @Test
  void independent_classes_have_scores_of_their_own() {
    Path file = folder.resolve("model.onnx");
    ColourModel.LOGITS.graph().metadata("task", "sigmoid").build().write(file);
    Records records = classified(file);
    assertEquals(1 / (1 + Math.exp(-10)), records.score(0, 0), 1e-6);
    assertEquals(0.5, records.score(0, 1), 1e-6);
    assertEquals(0.5, records.score(0, 2), 1e-6);
  }

  @Test
  void equal_labels_stay_two_classes() throws Exception {
    Records records =
        classified(model(ColourModel.LOGITS), "--labels", labels("crane", "crane", "sea"));
    for (int i = 0; i < 2; i++) {
      JsonObject best = records.predictions(i).getFirst();
      assertEquals("crane", best.get("label").getAsString());
      assertEquals(i, best.get("index").getAsInt());
    }
  }

  @Test
  void a_model_that_describes_itself_needs_no_options_and_nothing_is_assumed() {
    Path file = folder.resolve("model.onnx");
    ColourModel.LOGITS
        .graph()
        .metadata("alexnet.version", "1")
        .metadata("labels", "[\"red\",\"green\",\"blue\"]")
        .metadata("task", "softmax")
        .metadata("output", "logits")
        .metadata(
            "preprocessing",
            "{\"resize\":{\"mode\":\"exact\",\"size\":[32,32],\"filter\":\"bilinear\","
                + "\"antialias\":false},\"crop\":null,\"colour_order\":\"rgb\",\"divide\":255,"
                + "\"mean\":[0,0,0],\"std\":[1,1,1],\"layout\":\"nchw\"}")
        .build()
        .write(file);
    Path out = folder.resolve("out.jsonl");
    Invocation run = Invocation.of("classify", "-m", file, photos, "-o", out);
    assertEquals(0, run.exitCode(), run.err());
    assertEquals(1, run.err().lines().count(), run.err());
    assertTrue(run.err().startsWith("3 files, 0 errors, "), run.err());
    Records records = Records.of(out);
    assertEquals(RED_GREEN_BLUE, records.best());
    assertEquals("blue", records.predictions(2).getFirst().get("label").getAsString());
  }

  @Test
  void what_a_model_does_not_say_is_assumed_aloud() {
    Path out = folder.resolve("out.jsonl");
    Invocation run = Invocation.of("classify", "-m", model(ColourModel.LOGITS), photos, "-o", out);
    assertEquals(0, run.exitCode(), run.err());
    assertEquals(
        "alexnet: assumed: preprocessing as for torchvision's models (--preset); outputs are"
            + " logits; no names for the classes (--labels).",
        run.err().lines().findFirst().orElseThrow());
    assertTrue(Records.of(out).predictions(0).getFirst().get("label").isJsonNull());
  }

  @Test
  void overflow_is_an_error_of_the_picture_and_not_a_score() {
    ColourModel infinite =
        ColourModel.LOGITS.withWeights(
            new float[][] {{Float.POSITIVE_INFINITY, 0, 0}, {0, 10, 0}, {0, 0, 10}});
    assertEquals("inference-failed", classified(model(infinite)).kinds().getFirst());
  }
}
