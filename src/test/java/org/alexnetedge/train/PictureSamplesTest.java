package org.alexnetedge.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.image.DecodeOptions;
import org.alexnetedge.image.Preprocessor;
import org.alexnetedge.image.Recipe;
import org.alexnetedge.image.Resize;
import org.alexnetedge.onnx.Tensor;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pictures as samples. */
final class PictureSamplesTest {
  private static final int SIDE = 16;
  private static final int ROW = 3 * SIDE * SIDE;
  private static final int COUNT = 12;

  private static final PictureInput INPUT =
      new PictureInput(
          Recipe.TORCHVISION.withResize(Resize.shorter(20)).withCrop(new Recipe.Crop(SIDE, SIDE)),
          SIDE,
          SIDE,
          DecodeOptions.DEFAULT);

  /** With everything there is. */
  private static final Augmentation ALL =
      Augmentation.TORCHVISION
          .withColourShift(0.1)
          .withJitter(new Augmentation.Jitter(0.4, 0.4, 0.4, 0.1))
          .withMixup(0.2)
          .withCutmix(1);

  private static final Targets TARGETS = new Targets(3, 3, 0.1, List.of(1.0, 2.0, 0.5));

  @TempDir Path folder;
  private final List<Sample> samples = new ArrayList<>();

  @BeforeAll
  static void load() {
    PictureFolder.loadOpenCv();
  }

  @BeforeEach
  void makePictures() {
    PictureFolder.fill(folder, COUNT, 0);
    for (int i = 0; i < COUNT; i++) {
      samples.add(new Sample(folder.resolve("p%02d.png".formatted(i)), i % 3, ""));
    }
  }

  /** Inputs, targets and weights of a batch, one after the other. */
  private record Filled(float[] inputs, float[] targets, float[] weights) {
    void checkSame(Filled other) {
      assertArrayEquals(inputs, other.inputs);
      assertArrayEquals(targets, other.targets);
      assertArrayEquals(weights, other.weights);
    }

    float[] input(int row) {
      return Arrays.copyOfRange(inputs, ROW * row, ROW * (row + 1));
    }
  }

  private static Filled fill(Samples samples, int epoch, int... indices) throws DataException {
    try (Arena arena = Arena.ofShared()) {
      MemorySegment inputs = arena.allocate(4L * ROW * indices.length, 64);
      MemorySegment targets = arena.allocate(12L * indices.length, 64);
      MemorySegment weights = arena.allocate(4L * indices.length, 64);
      samples.fill(epoch, indices, inputs, targets, weights);
      return new Filled(
          inputs.toArray(ValueLayout.JAVA_FLOAT),
          targets.toArray(ValueLayout.JAVA_FLOAT),
          weights.toArray(ValueLayout.JAVA_FLOAT));
    }
  }

  private Filled fill(
      PictureInput input, Augmentation augmentation, int threads, long memory, int epochs)
      throws DataException {
    Filled last = null;
    try (PictureMemory pictures = new PictureMemory(memory);
        PictureSamples all =
            new PictureSamples(samples, input, augmentation, TARGETS, 7, threads, pictures)) {
      int[] indices = new int[COUNT];
      Arrays.setAll(indices, i -> i);
      for (int epoch = 0; epoch < epochs; epoch++) {
        last = fill(all, epoch, indices);
      }
    }
    return Objects.requireNonNull(last);
  }

  @Test
  void without_augmentation_it_is_what_classify_sees() throws Exception {
    for (Recipe recipe :
        List.of(
            INPUT.recipe(),
            INPUT.recipe().withColourOrder(Recipe.ColourOrder.BGR).withDivide(1),
            Recipe.KERAS.withSize(SIDE, SIDE))) {
      PictureInput input = new PictureInput(recipe, SIDE, SIDE, DecodeOptions.DEFAULT);
      Filled once = fill(input, Augmentation.NONE, 2, 1 << 20, 1);
      once.checkSame(fill(input, Augmentation.NONE, 2, 1 << 20, 3));
      try (Preprocessor preprocessor = new Preprocessor(recipe, SIDE, SIDE, DecodeOptions.DEFAULT);
          Arena arena = Arena.ofConfined()) {
        MemorySegment expected = arena.allocate(4L * ROW, 4);
        for (int i = 0; i < COUNT; i++) {
          byte[] file = Files.readAllBytes(samples.get(i).file());
          preprocessor.preprocess(MemorySegment.ofArray(file), expected);
          assertArrayEquals(expected.toArray(ValueLayout.JAVA_FLOAT), once.input(i));
        }
      }
    }
  }

  /** Logits of COUNT pictures in 2 views whose softmax at temperature 2 is 1/7, 2/7, 4/7. */
  private static Answers answers(float share) {
    float[] logits = new float[COUNT * 2 * 3];
    for (int i = 0; i < logits.length; i++) {
      boolean first = i / 3 % 2 == 0;
      logits[i] = first ? (float) (2 * (i % 3) * Math.log(2)) : 0;
    }
    return new Answers(
        new Features(Tensor.ofFloats(new long[] {COUNT, 2, 3}, logits)),
        new TrainConfig.Teaching("teacher.onnx", "", 2, share, 2));
  }

  @Test
  void a_teachers_answers_are_learnt_by_their_share_in_views_that_come_again() throws Exception {
    Augmentation augmentation = Augmentation.TORCHVISION;
    try (PictureMemory memory = new PictureMemory(1 << 20);
        PictureSamples alone =
            new PictureSamples(samples, INPUT, augmentation, TARGETS, 7, 2, memory);
        PictureSamples taught =
            new PictureSamples(
                samples, INPUT, augmentation, TARGETS, answers(0.75f), 7, 2, memory)) {
      Filled first = fill(taught, 0, 4, 1);
      assertArrayEquals(fill(alone, 1, 4, 1).inputs(), first.inputs());
      assertArrayEquals(first.inputs(), fill(taught, 2, 4, 1).inputs());
      assertArrayEquals(fill(alone, 2, 4, 1).inputs(), fill(taught, 3, 4, 1).inputs());
      float[] targets = fill(alone, 0, 4).targets();
      for (int c = 0; c < 3; c++) {
        double seventh = Math.pow(2, c) / 7;
        assertEquals(0.25 * targets[c] + 0.75 * seventh, first.targets()[c], 1e-6);
        assertEquals(0.25 * targets[c] + 0.75 / 3, fill(taught, 1, 4).targets()[c], 1e-6);
      }
      assertEquals(2, first.weights()[0]); // The weight of class 1 stays.
    }
  }

  @Test
  void answers_for_mixed_pictures_are_mixed_as_their_targets() throws Exception {
    try (PictureMemory memory = new PictureMemory(1 << 20);
        PictureSamples taught =
            new PictureSamples(samples, INPUT, ALL, TARGETS, answers(0.5f), 7, 2, memory);
        PictureSamples alone = new PictureSamples(samples, INPUT, ALL, TARGETS, 7, 2, memory)) {
      for (int epoch = 0; epoch < 6; epoch++) {
        float[] hard = fill(alone, epoch, 3).targets();
        float[] blended = fill(taught, epoch, 3).targets();
        for (int c = 0; c < 3; c++) {
          // All pictures have the same answers here, so their mixture is one of them.
          double answer = epoch % 2 == 0 ? Math.pow(2, c) / 7 : 1.0 / 3;
          assertEquals(0.5 * hard[c] + 0.5 * answer, blended[c], 1e-6);
        }
      }
    }
  }

  @Test
  void threads_and_memory_change_nothing() throws Exception {
    for (Augmentation augmentation : List.of(ALL, Augmentation.PAPER, Augmentation.TORCHVISION)) {
      Filled expected = fill(INPUT, augmentation, 1, 0, 2);
      expected.checkSame(fill(INPUT, augmentation, 4, 0, 2));
      expected.checkSame(fill(INPUT, augmentation, 1, 1 << 20, 2));
      expected.checkSame(fill(INPUT, augmentation, 4, 1 << 20, 2));
      expected.checkSame(fill(INPUT, augmentation, 3, 6000, 2)); // room for a few of them
    }
  }

  @Test
  void a_sample_depends_on_epoch_and_index_and_not_on_its_batch() throws Exception {
    try (PictureMemory memory = new PictureMemory(1 << 20);
        PictureSamples all = new PictureSamples(samples, INPUT, ALL, TARGETS, 7, 2, memory);
        PictureSamples other = new PictureSamples(samples, INPUT, ALL, TARGETS, 8, 2, memory)) {
      Filled batch = fill(all, 5, 3, 9, 0, 3);
      assertArrayEquals(batch.input(0), batch.input(3));
      fill(all, 5, 3).checkSame(fill(all, 5, 3));
      assertArrayEquals(batch.input(1), fill(all, 5, 9).input(0));
      assertFalse(Arrays.equals(batch.input(0), fill(all, 6, 3).input(0)));
      assertFalse(Arrays.equals(batch.input(0), fill(other, 5, 3).input(0)));
    }
  }

  @Test
  void a_flip_exchanges_left_and_right_for_about_half_of_the_samples() throws Exception {
    float[] plain;
    int flipped = 0;
    Augmentation flip = Augmentation.NONE.withFlip(0.5);
    try (PictureMemory memory = new PictureMemory(1 << 20);
        PictureSamples off =
            new PictureSamples(samples, INPUT, Augmentation.NONE, TARGETS, 7, 1, memory);
        PictureSamples on = new PictureSamples(samples, INPUT, flip, TARGETS, 7, 1, memory)) {
      plain = fill(off, 0, 4).input(0);
      float[] mirrored = new float[ROW];
      for (int i = 0; i < ROW; i++) {
        mirrored[i] = plain[i - i % SIDE + SIDE - 1 - i % SIDE];
      }
      for (int epoch = 0; epoch < 200; epoch++) {
        float[] seen = fill(on, epoch, 4).input(0);
        boolean same = Arrays.equals(plain, seen);
        assertTrue(same || Arrays.equals(mirrored, seen));
        flipped += same ? 0 : 1;
      }
    }
    assertEquals(100, flipped, 30);
  }

  /** The stored square of 20 pixels holds 25 crops of 16; all come, and each is a piece of it. */
  @Test
  void translation_takes_pieces_of_the_resized_picture() throws Exception {
    Augmentation translation = Augmentation.NONE.withCrop(Augmentation.Crop.TRANSLATION);
    PictureInput square =
        new PictureInput(
            INPUT.recipe().withCrop(new Recipe.Crop(20, 20)), 20, 20, DecodeOptions.DEFAULT);
    int[] seen = new int[25];
    try (PictureMemory memory = new PictureMemory(1 << 20);
        PictureSamples on =
            new PictureSamples(samples, INPUT, translation, TARGETS, 7, 1, memory)) {
      float[] whole = whole(square);
      for (int epoch = 0; epoch < 300; epoch++) {
        seen[place(whole, fill(on, epoch, 2).input(0))]++;
      }
    }
    assertEquals(25, Arrays.stream(seen).filter(count -> count > 0).count());
  }

  /** The whole square of sample 2. */
  private float[] whole(PictureInput square) throws Exception {
    try (Preprocessor preprocessor =
            new Preprocessor(square.recipe(), 20, 20, DecodeOptions.DEFAULT);
        Arena arena = Arena.ofConfined()) {
      MemorySegment target = arena.allocate(12L * 400, 4);
      byte[] file = Files.readAllBytes(samples.get(2).file());
      preprocessor.preprocess(MemorySegment.ofArray(file), target);
      return target.toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  private static int place(float[] whole, float[] piece) {
    for (int place = 0; place < 25; place++) {
      boolean same = true;
      for (int i = 0; same && i < ROW; i++) {
        int y = i / SIDE % SIDE + place / 5;
        int x = i % SIDE + place % 5;
        same = piece[i] == whole[i / (SIDE * SIDE) * 400 + 20 * y + x];
      }
      if (same) {
        return place;
      }
    }
    throw new AssertionError("The crop is no piece of the resized picture.");
  }

  @Test
  void very_long_and_tiny_pictures_come_out_too() throws Exception {
    samples.clear();
    byte[][] odd = {
      PictureFolder.png(1, 600, 1), PictureFolder.png(2, 1, 600), PictureFolder.png(3, 1, 1)
    };
    for (int i = 0; i < COUNT; i++) {
      Path file = PictureFolder.write(folder.resolve("odd" + i + ".png"), odd[i % 3]);
      samples.add(new Sample(file, i % 3, ""));
    }
    fill(INPUT, ALL, 2, 1 << 20, 2).checkSame(fill(INPUT, ALL, 1, 0, 2));
    fill(INPUT, Augmentation.PAPER, 2, 0, 1);
  }

  @Test
  void recipes_that_stretch_or_do_not_resize_can_be_augmented() throws Exception {
    for (Recipe recipe :
        List.of(
            Recipe.KERAS.withSize(SIDE, SIDE),
            INPUT.recipe().withResize(Resize.NONE),
            INPUT.recipe().withResize(Resize.shorter(SIDE)))) {
      PictureInput input = new PictureInput(recipe, SIDE, SIDE, DecodeOptions.DEFAULT);
      for (Augmentation augmentation : List.of(ALL, Augmentation.PAPER)) {
        fill(input, augmentation, 2, 1 << 20, 2).checkSame(fill(input, augmentation, 1, 0, 2));
      }
    }
  }

  @Test
  void a_picture_that_goes_away_is_named() throws IOException {
    Path gone = samples.get(4).file();
    Files.delete(gone);
    DataException e =
        assertThrows(DataException.class, () -> fill(INPUT, Augmentation.NONE, 2, 0, 1));
    assertEquals(
        gone + " cannot be used any more: There is no such file or folder.", e.getMessage());
  }

  @Test
  void a_recipe_of_another_size_is_refused() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            fill(
                new PictureInput(INPUT.recipe(), 32, 32, DecodeOptions.DEFAULT),
                Augmentation.NONE,
                1,
                0,
                1));
  }

  @Test
  void options_that_cannot_be_are_refused_with_a_sentence() {
    assertEquals(
        "The flip is a probability between 0 and 1, got 1.5.",
        assertThrows(IllegalArgumentException.class, () -> Augmentation.NONE.withFlip(1.5))
            .getMessage());
    assertThrows(IllegalArgumentException.class, () -> Augmentation.NONE.withArea(0, 1));
    assertThrows(IllegalArgumentException.class, () -> Augmentation.NONE.withArea(0.9, 0.3));
    assertThrows(IllegalArgumentException.class, () -> Augmentation.NONE.withRatio(0, 1));
    assertThrows(IllegalArgumentException.class, () -> Augmentation.NONE.withMixup(-1));
    assertThrows(IllegalArgumentException.class, () -> Augmentation.NONE.withCutmix(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> new Augmentation.Jitter(0, 0, 0, 0.6));
    assertThrows(IllegalArgumentException.class, () -> new Validation.Share(1));
    assertThrows(IllegalArgumentException.class, () -> new Validation.Every(1));
    assertThrows(IllegalArgumentException.class, () -> new PictureMemory(-1));
  }
}
