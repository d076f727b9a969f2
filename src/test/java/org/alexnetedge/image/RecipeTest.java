package org.alexnetedge.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class RecipeTest {
  @Test
  void presets_survive_json() {
    for (String name : List.of("torchvision", "caffe", "keras")) {
      Recipe recipe = Recipe.preset(name);
      assertEquals(recipe, Recipe.fromJson(recipe.toJson()));
    }
    Recipe odd =
        Recipe.KERAS
            .withResize(Resize.exact(320, 240).withFilter(Filter.LANCZOS))
            .withCrop(new Recipe.Crop(200, 100))
            .withDivide(127.5f)
            .withMean(Recipe.PerChannel.ONES);
    assertEquals(odd, Recipe.fromJson(odd.toJson()));
    Recipe none = Recipe.CAFFE.withResize(Resize.NONE).withCrop(null);
    assertEquals(none, Recipe.fromJson(none.toJson()));
  }

  @Test
  void json_is_short_and_reads_as_documented() {
    assertEquals(
        "{\"resize\":{\"mode\":\"shorter\",\"size\":256,\"filter\":\"bilinear\",\"antialias\":true},"
            + "\"crop\":224,\"colour_order\":\"rgb\",\"divide\":255,"
            + "\"mean\":[0.485,0.456,0.406],\"std\":[0.229,0.224,0.225],\"layout\":\"nchw\"}",
        Recipe.TORCHVISION.toJson());
  }

  @Test
  void a_bad_field_is_named() {
    String json = Recipe.TORCHVISION.toJson();
    assertBad(
        json.replace("\"shorter\"", "\"longer\""),
        "resize.mode must be one of shorter, exact, none, got \"longer\"");
    assertBad(json.replace("256", "0"), "resize.size must be a whole number from 1 to 65535");
    assertBad(json.replace("224,", "\"x\","), "crop must be a whole number");
    assertBad(json.replace("0.229", "\"a\""), "std must be a number, got \"a\"");
    assertBad(json.replace("\"divide\":255,", ""), "the field divide is missing");
    assertBad(json.replace("\"divide\"", "\"divisor\""), "the field divisor is not known");
    assertBad("[1]", "must be a JSON object");
    assertBad("{", "is not valid JSON");
    assertBad(json.replace("true", "1"), "resize.antialias must be true or false");
  }

  @Test
  void the_long_side_is_truncated_like_in_python() {
    Resize resize = Resize.shorter(256);
    assertEquals(341, resize.widthOf(500, 375));
    assertEquals(256, resize.heightOf(500, 375));
    assertEquals(398, resize.heightOf(702, 1094));
    assertEquals(256, resize.widthOf(7, 7));
  }

  @Test
  void a_recipe_follows_the_models_size() {
    assertEquals(new Recipe.Crop(227, 227), Recipe.TORCHVISION.withSize(227, 227).crop());
    assertEquals(256, Recipe.TORCHVISION.withSize(227, 227).resize().width());
    assertEquals(342, Recipe.TORCHVISION.withSize(299, 299).resize().width());
    assertEquals(Resize.exact(96, 64).withAntialias(false), Recipe.KERAS.withSize(64, 96).resize());
  }

  @Test
  void nonsense_is_refused() {
    assertThrows(IllegalArgumentException.class, () -> Recipe.TORCHVISION.withDivide(0));
    assertThrows(
        IllegalArgumentException.class,
        () -> Recipe.TORCHVISION.withStd(new Recipe.PerChannel(1, 0, 1)));
    assertThrows(
        IllegalArgumentException.class,
        () -> Resize.shorter(5).withFilter(Filter.LANCZOS).withAntialias(false));
    assertThrows(IllegalArgumentException.class, () -> Recipe.preset("pytorch"));
  }

  private static void assertBad(String json, String part) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Recipe.fromJson(json)).getMessage();
    assertTrue(message.contains(part), message);
    assertTrue(message.endsWith("."), message);
  }
}
