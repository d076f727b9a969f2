package org.alexnetedge.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.alexnetedge.SharedData;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Every figure of scikit-learn's for the same 500 predictions, to 1e-9. */
class EvaluateReferencesTest {
  private static final double TOLERANCE = 1e-9;
  private static final Path FOLDER = Path.of("references/metrics");

  private static JsonObject given;
  private static JsonObject metrics;

  private static Path at(String name) {
    return SharedData.at(FOLDER.resolve(name).toString());
  }

  private static JsonObject read(String name) throws Exception {
    return JsonParser.parseString(Files.readString(at(name))).getAsJsonObject();
  }

  @BeforeAll
  static void evaluated() throws Exception {
    metrics = read("metrics.json");
    Invocation run =
        Invocation.of("evaluate", "--predictions", at("predictions.csv"), "--json", "-");
    assertEquals(0, run.exitCode(), run.err());
    assertEquals("", run.err());
    given = JsonParser.parseString(run.out()).getAsJsonObject();
  }

  /** Numbers to the tolerance, everything else exactly. */
  private static void assertSame(JsonElement expected, JsonElement actual, String where) {
    if (expected.isJsonArray()) {
      assertEquals(expected.getAsJsonArray().size(), actual.getAsJsonArray().size(), where);
      for (int i = 0; i < expected.getAsJsonArray().size(); i++) {
        assertSame(
            expected.getAsJsonArray().get(i),
            actual.getAsJsonArray().get(i),
            where + "[" + i + "]");
      }
    } else if (expected.isJsonObject()) {
      for (String name : expected.getAsJsonObject().keySet()) {
        assertTrue(actual.getAsJsonObject().has(name), where + "." + name);
        assertSame(
            expected.getAsJsonObject().get(name),
            actual.getAsJsonObject().get(name),
            where + "." + name);
      }
    } else if (expected.isJsonPrimitive() && expected.getAsJsonPrimitive().isNumber()) {
      assertTrue(actual.isJsonPrimitive(), where);
      assertEquals(expected.getAsDouble(), actual.getAsDouble(), TOLERANCE, where);
    } else {
      assertEquals(expected, actual, where);
    }
  }

  private static void assertSame(String expected, String actual) {
    assertSame(metrics.get(expected), given.get(actual), actual);
  }

  @Test
  void figures_of_the_whole() {
    assertSame("rows", "pictures");
    assertSame("classes", "classes");
    assertEquals("[" + metrics.get("absent_class") + "]", given.get("absent").toString());
    assertSame("never_predicted", "never_predicted");
    assertSame("rows_with_a_tie_at_the_top", "ties_at_the_top");
    assertSame("rows_with_zero_for_the_true_class", "zero_for_the_true_class");
    assertSame("accuracy", "accuracy");
    assertSame("balanced_accuracy_over_present_classes", "balanced_accuracy");
    assertSame("cohen_kappa", "cohen_kappa");
    assertSame("matthews", "matthews");
    assertSame("log_loss", "log_loss");
    assertSame("brier_multiclass_sum", "brier");
    assertSame("mean_average_precision_over_present_classes", "mean_average_precision");
    assertSame("roc_auc_macro_over_present_classes", "roc_auc_macro");
    assertSame("confusion_rows_true_columns_predicted", "confusion_rows_true_columns_predicted");
  }

  @Test
  void top_k_by_both_rules() {
    JsonObject expected = metrics.getAsJsonObject("top_k");
    assertEquals(4, expected.size());
    for (String k : expected.keySet()) {
      JsonObject rules = expected.getAsJsonObject(k);
      assertEquals(rules.remove("sklearn_top_k_accuracy_score"), rules.get("highest_index_first"));
      assertSame(rules, given.getAsJsonObject("top_k").get(k), "top " + k);
    }
  }

  @Test
  void averages() {
    JsonObject expected = metrics.getAsJsonObject("precision_recall_f1");
    assertEquals(4, expected.size());
    for (String kind : expected.keySet()) {
      JsonObject actual =
          given
              .getAsJsonObject("averages")
              .getAsJsonObject(kind.replace("_over_present_classes", "_over_present"));
      List<String> names = List.of("precision", "recall", "f1");
      for (int i = 0; i < 3; i++) {
        assertSame(
            expected.getAsJsonArray(kind).get(i), actual.get(names.get(i)), kind + names.get(i));
      }
    }
  }

  @Test
  void figures_of_each_class() {
    JsonArray expected = metrics.getAsJsonArray("per_class");
    for (JsonElement one : expected) {
      one.getAsJsonObject().add("roc_auc", one.getAsJsonObject().remove("roc_auc_one_vs_rest"));
    }
    assertSame(expected, given.get("per_class"), "per_class");
  }

  @Test
  void calibration_in_15_and_10_bins() {
    JsonObject fine = given.getAsJsonArray("calibration").get(0).getAsJsonObject();
    assertSame(metrics.get("ece_15"), fine.get("error"), "ece_15");
    assertSame(metrics.get("ece_bins"), fine.get("bins"), "ece_bins");
    JsonObject coarse = given.getAsJsonArray("calibration").get(1).getAsJsonObject();
    assertSame(metrics.get("ece_10"), coarse.get("error"), "ece_10");
    assertEquals(10, coarse.getAsJsonArray("bins").size());
  }

  @Test
  void precision_recall_curves_point_by_point() throws Exception {
    JsonObject expected = read("pr_curves.json").getAsJsonObject("curves");
    JsonObject actual = given.getAsJsonObject("curves");
    assertEquals(expected.keySet(), actual.keySet());
    for (String k : expected.keySet()) {
      assertSame(
          expected.get(k), actual.getAsJsonObject(k).get("precision_recall"), "curve of " + k);
    }
  }

  /** The checks that were made of the references by a second way, made of our figures. */
  @Test
  void second_ways_to_the_same() throws Exception {
    JsonObject checks = read("checks.json").getAsJsonObject("checks");
    assertSame(
        checks.getAsJsonObject("confusion matrix and accuracy by hand").get("detail"),
        given.get("accuracy"),
        "accuracy");
    for (JsonElement loss : checks.getAsJsonObject("log loss by hand").getAsJsonArray("detail")) {
      assertSame(loss, given.get("log_loss"), "log loss");
    }
    List<double[]> rows =
        Files.readAllLines(at("predictions.csv")).stream()
            .skip(1)
            .map(line -> List.of(line.split(",")).stream().mapToDouble(Double::parseDouble))
            .map(numbers -> numbers.toArray())
            .toList();
    for (JsonElement each : given.getAsJsonArray("per_class")) {
      int k = each.getAsJsonObject().get("class").getAsInt();
      if (each.getAsJsonObject().get("support").getAsInt() > 0) {
        double counted = byPairs(rows, k);
        assertEquals(counted, each.getAsJsonObject().get("roc_auc").getAsDouble(), TOLERANCE);
        assertEquals(counted, areaBelow(k), TOLERANCE, "the curve's own area");
      }
    }
  }

  /** How often a picture of the class scores more than another. */
  private static double byPairs(List<double[]> rows, int k) {
    double won = 0;
    long pairs = 0;
    for (double[] one : rows) {
      for (double[] other : rows) {
        if (one[1] == k && other[1] != k) {
          won += one[2 + k] > other[2 + k] ? 1 : one[2 + k] == other[2 + k] ? 0.5 : 0;
          pairs++;
        }
      }
    }
    return won / pairs;
  }

  /** By trapezoids. */
  private static double areaBelow(int k) {
    JsonObject roc = given.getAsJsonObject("curves").getAsJsonObject("" + k).getAsJsonObject("roc");
    JsonArray x = roc.getAsJsonArray("false_positive_rate");
    JsonArray y = roc.getAsJsonArray("true_positive_rate");
    assertTrue(roc.getAsJsonArray("thresholds").get(0).isJsonNull(), "infinite");
    double area = 0;
    for (int i = 1; i < x.size(); i++) {
      area +=
          (x.get(i).getAsDouble() - x.get(i - 1).getAsDouble())
              * (y.get(i).getAsDouble() + y.get(i - 1).getAsDouble())
              / 2;
    }
    return area;
  }
}
