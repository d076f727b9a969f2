package org.alexnetedge.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.alexnetedge.SharedData;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PreprocessorTest {
  @BeforeAll
  static void load() {
    Pictures.loadOpenCv();
  }

  @Test
  void crops_equal_pillow_exactly() throws ImageException {
    List<String> different = new ArrayList<>();
    for (JsonElement element : Shared.json("manifest.json").getAsJsonArray("files")) {
      JsonObject file = element.getAsJsonObject();
      String mode = file.get("mode").getAsString();
      if (mode.equals("I;16") || mode.equals("CMYK")) {
        continue; // Tests of their own below.
      }
      byte[] picture = Pictures.read(Shared.picture(file.get("file").getAsString()));
      for (String preset : List.of("torchvision224", "caffe227", "keras224")) {
        Recipe recipe = Recipe.preset(preset.substring(0, preset.length() - 3));
        String expected = file.get(preset + "_sha256").getAsString();
        if (!expected.equals(Pictures.sha256(Pictures.crop(picture, recipe)))) {
          different.add(file.get("file").getAsString() + " " + preset);
        }
      }
    }
    assertEquals(List.of(), different);
  }

  @Test
  void sixteen_bit_pictures_keep_their_high_byte() throws ImageException {
    int compared = 0;
    for (JsonElement element : Shared.json("manifest.json").getAsJsonArray("files")) {
      JsonObject file = element.getAsJsonObject();
      JsonElement reference = file.getAsJsonObject("files").get("torchvision224_high_byte");
      if (reference != null) {
        byte[] picture = Pictures.read(Shared.picture(file.get("file").getAsString()));
        assertArrayEquals(
            Npy.read(Shared.preprocessing(reference.getAsString())).data(),
            Pictures.crop(picture, Recipe.TORCHVISION));
        compared++;
      }
    }
    assertEquals(2, compared);
  }

  @Test
  void a_cmyk_jpeg_is_within_two_levels_of_pillow() throws ImageException {
    byte[] crop =
        Pictures.crop(Pictures.read(Shared.preprocessing("inputs/cmyk.jpg")), Recipe.TORCHVISION);
    byte[] expected = Npy.read(Shared.preprocessing("20.torchvision224.npy")).data();
    for (int i = 0; i < crop.length; i++) {
      assertTrue(Math.abs((crop[i] & 0xFF) - (expected[i] & 0xFF)) <= 2);
    }
  }

  @Test
  void the_network_input_equals_that_of_torchvision() throws ImageException {
    JsonObject first =
        Shared.json("manifest.json").getAsJsonArray("files").get(0).getAsJsonObject();
    byte[] crop = Npy.read(Shared.preprocessing("00.torchvision224.npy")).data();
    float[] input =
        preprocess(Recipe.TORCHVISION, 224, Shared.picture(first.get("file").getAsString()));
    float[] mean = {0.485f, 0.456f, 0.406f};
    float[] std = {0.229f, 0.224f, 0.225f};
    for (int i = 0; i < input.length; i++) {
      int c = i / (224 * 224);
      int pixel = i % (224 * 224);
      assertEquals(((crop[3 * pixel + c] & 0xFF) / 255f - mean[c]) / std[c], input[i]);
    }
    // The same photo is the first of the batch that the reference networks were run on.
    float[] batch =
        floats(Npy.read(SharedData.at("references/torchvision-narrow/input.npy")).data());
    assertArrayEquals(java.util.Arrays.copyOf(batch, input.length), input, 1e-6f);
  }

  @Test
  void caffe_gets_blue_first_and_no_division() throws ImageException {
    byte[] crop = Npy.read(Shared.preprocessing("00.caffe227.npy")).data();
    float[] input = preprocess(Recipe.CAFFE, 227, Shared.picture("photos/n01440764_tench.JPEG"));
    float[] mean = {104, 117, 123};
    for (int i = 0; i < input.length; i++) {
      int c = i / (227 * 227);
      assertEquals((crop[3 * (i % (227 * 227)) + 2 - c] & 0xFF) - mean[c], input[i]);
    }
  }

  @Test
  void keras_gets_channels_last_from_zero_to_one() throws ImageException {
    byte[] crop = Npy.read(Shared.preprocessing("00.keras224.npy")).data();
    float[] input = preprocess(Recipe.KERAS, 224, Shared.picture("photos/n01440764_tench.JPEG"));
    for (int i = 0; i < input.length; i++) {
      assertEquals((crop[i] & 0xFF) / 255f, input[i]);
    }
  }

  @Test
  void a_picture_smaller_than_the_crop_is_padded_with_zeros() throws ImageException {
    Recipe recipe = Recipe.TORCHVISION.withResize(Resize.NONE).withCrop(new Recipe.Crop(8, 5));
    byte[] crop = Pictures.crop(Pictures.encoded("png", 3, 2), recipe);
    // torchvision: (8 - 3) / 2 = 2 columns at the left, (5 - 2) / 2 = 1 row at the top.
    for (int y = 0; y < 5; y++) {
      for (int x = 0; x < 8; x++) {
        boolean inside = x >= 2 && x < 5 && y >= 1 && y < 3;
        int expected = inside ? Pictures.colour(x - 2, y - 1) : 0;
        assertEquals((byte) (expected >> 16), crop[3 * (8 * y + x)]);
        assertEquals((byte) (expected >> 8), crop[3 * (8 * y + x) + 1]);
        assertEquals((byte) expected, crop[3 * (8 * y + x) + 2]);
      }
    }
  }

  @Test
  void without_a_resize_the_picture_has_to_have_the_models_size() throws ImageException {
    Recipe recipe = Recipe.KERAS.withResize(Resize.NONE);
    try (Preprocessor preprocessor = new Preprocessor(recipe, 4, 6, Pictures.STRICT);
        Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(4 * 3 * 4 * 6, 4);
      preprocessor.preprocess(Pictures.offHeap(arena, Pictures.encoded("png", 6, 4)), target);
      assertEquals(
          (Pictures.colour(1, 0) >> 16 & 0xFF) / 255f, target.get(ValueLayout.JAVA_FLOAT, 12));
      ImageException e =
          assertThrows(
              ImageException.class,
              () ->
                  preprocessor.preprocess(
                      Pictures.offHeap(arena, Pictures.encoded("png", 7, 4)), target));
      assertEquals(ImageException.Kind.DECODE_FAILED, e.kind());
      assertEquals(
          "The picture is 7 x 4 pixels after preprocessing, but the model takes 6 x 4.",
          e.getMessage());
    }
  }

  @Test
  void a_recipe_that_cannot_fit_the_model_is_refused_at_once() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Preprocessor(Recipe.TORCHVISION, 227, 227, Pictures.STRICT));
    assertEquals(
        "The preprocessing gives pictures of 224 x 224 pixels, but the model takes 227 x 227.",
        e.getMessage());
  }

  @Test
  void a_slim_picture_is_resized_without_running_out_of_memory() throws ImageException {
    assertEquals(
        3 * 224 * 224, Pictures.crop(Pictures.encoded("png", 3000, 1), Recipe.TORCHVISION).length);
    assertEquals(
        3 * 224 * 224, Pictures.crop(Pictures.encoded("png", 1, 3000), Recipe.TORCHVISION).length);
  }

  @Test
  void a_crop_written_as_png_reads_back_the_same() throws ImageException {
    byte[] file = Pictures.encoded("png", 40, 30);
    try (Preprocessor preprocessor =
            new Preprocessor(Recipe.TORCHVISION, 224, 224, Pictures.STRICT);
        Arena arena = Arena.ofConfined()) {
      Pixels crop = preprocessor.crop(Pictures.offHeap(arena, file));
      assertArrayEquals(
          Pictures.bytes(crop), Pictures.decode(PngWriter.encode(crop), Pictures.STRICT));
    }
  }

  @Test
  void pixels_cannot_be_touched_after_the_end() throws ImageException {
    Pixels crop;
    Preprocessor preprocessor = new Preprocessor(Recipe.TORCHVISION, 224, 224, Pictures.STRICT);
    try (preprocessor;
        Arena arena = Arena.ofConfined()) {
      crop = preprocessor.crop(Pictures.offHeap(arena, Pictures.encoded("png", 40, 30)));
    }
    preprocessor.close();
    assertThrows(IllegalStateException.class, () -> Pictures.bytes(crop));
    assertThrows(
        IllegalStateException.class,
        () -> preprocessor.crop(MemorySegment.ofArray(Pictures.encoded("png", 40, 30))));
  }

  private static float[] preprocess(Recipe recipe, int side, java.nio.file.Path file)
      throws ImageException {
    try (Preprocessor preprocessor = new Preprocessor(recipe, side, side, Pictures.STRICT);
        Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(12L * side * side, 4);
      preprocessor.preprocess(Pictures.offHeap(arena, Pictures.read(file)), target);
      return target.toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  private static float[] floats(byte[] data) {
    float[] floats = new float[data.length / 4];
    ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(floats);
    return floats;
  }
}
