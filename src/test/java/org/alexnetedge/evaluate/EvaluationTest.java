package org.alexnetedge.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.alexnetedge.pipeline.InputName;
import org.junit.jupiter.api.Test;

/** What is told of an evaluation, as text and as JSON. */
class EvaluationTest {
  private static Evaluation evaluation(
      List<String> labels, List<String> files, double[][] scores, int... truth) {
    return new Evaluation(
        LabelledScores.of(scores, truth),
        labels,
        files.stream().map(InputName::of).toList(),
        List.of(),
        List.of());
  }

  private static String text(Evaluation evaluation) {
    StringWriter text = new StringWriter();
    EvaluationText.print(evaluation, Metrics.of(evaluation.scores()), 5, 10, new PrintWriter(text));
    return text.toString();
  }

  private static JsonObject json(Evaluation evaluation) throws Exception {
    StringWriter text = new StringWriter();
    EvaluationJson.write(evaluation, Metrics.of(evaluation.scores()), 10, text);
    return JsonParser.parseString(text.toString()).getAsJsonObject();
  }

  @Test
  void the_surest_wrong_answers_come_first() {
    Evaluation evaluation =
        evaluation(
            List.of("a", "b", "c"),
            List.of("right", "sure", "unsure", "surer", "as-sure"),
            new double[][] {
              {0.9, 0.1, 0}, {0.8, 0.2, 0}, {0.5, 0.4, 0.1}, {0.9, 0, 0.1}, {0.8, 0.1, 0.1}
            },
            0,
            1,
            1,
            1,
            1);
    assertEquals(
        List.of("surer", "as-sure", "sure", "unsure"),
        evaluation.worst(10).stream().map(mistake -> mistake.picture().text()).toList());
    assertEquals(
        List.of(new Evaluation.Mistake(InputName.of("surer"), "b", "a", 0.9, 0)),
        evaluation.worst(1));
    assertEquals(List.of(), evaluation.worst(0));
  }

  @Test
  void names_and_labels_cannot_drive_the_terminal() {
    String text =
        text(
            evaluation(
                List.of("a\u001b[31m", "b"),
                List.of("x\ny\u202e.jpg"),
                new double[][] {{1, 0}},
                1));
    assertTrue(text.contains("a\\x1b[31m"), text);
    assertTrue(text.contains("x\\ny\\u202e.jpg: b (0.0000), taken for a\\x1b[31m"), text);
    assertFalse(text.contains("\u001b"), text);
    assertFalse(text.contains("\u202e"), text);
  }

  @Test
  void of_many_classes_the_table_has_those_with_the_lowest_f1() {
    int n = 60;
    List<String> labels = IntStream.range(0, n).mapToObj(k -> "class-" + k).toList();
    List<String> files = new ArrayList<>();
    double[][] scores = new double[n][n];
    int[] truth = new int[n];
    for (int i = 0; i < n; i++) {
      files.add(i + ".jpg");
      truth[i] = i;
      scores[i][i < 50 ? i : 0] = 1; // the last ten are taken for class 0
    }
    Evaluation evaluation = evaluation(labels, files, scores, truth);
    String text = text(evaluation);
    assertTrue(text.contains("these are the 40 with the lowest F1; --json has the other 20"), text);
    assertEquals(0, text.lines().filter(line -> line.startsWith("class-30 ")).count());
    // Classes 50 to 59 are never predicted, class 0 has precision 1/11; 29 others follow.
    assertEquals(1, text.lines().filter(line -> line.startsWith("class-29 ")).count());
    assertEquals(1, text.lines().filter(line -> line.startsWith("class-55 ")).count());
    assertEquals(1, text.lines().filter(line -> line.startsWith("class-0 ")).count());
  }

  @Test
  void what_is_not_defined_is_null_in_json() throws Exception {
    JsonObject json =
        json(evaluation(List.of("a", "b"), List.of("x"), new double[][] {{3, -1}}, 0));
    for (String name :
        List.of("log_loss", "brier", "calibration", "roc_auc_macro", "cohen_kappa")) {
      assertTrue(json.get(name).isJsonNull(), name);
    }
    assertEquals(1, json.get("accuracy").getAsDouble());
    assertEquals("[1]", json.get("absent").toString());
    JsonObject curves = json.getAsJsonObject("curves");
    assertEquals(List.of("0"), List.copyOf(curves.keySet()));
    assertTrue(curves.getAsJsonObject("0").get("roc").isJsonNull());
  }
}
