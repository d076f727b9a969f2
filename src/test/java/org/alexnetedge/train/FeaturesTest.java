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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.alexnetedge.artifacts.NewHead;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.image.DecodeOptions;
import org.alexnetedge.image.OpenCv;
import org.alexnetedge.image.Preprocessor;
import org.alexnetedge.image.Recipe;
import org.alexnetedge.image.Resize;
import org.alexnetedge.onnx.Attribute;
import org.alexnetedge.onnx.Node;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.ort.ModelFixture;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.weights.Npy;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Features of the example photos by a small convolution. */
class FeaturesTest {
  private static final int SIDE = 20;
  private static final Recipe RECIPE =
      Recipe.TORCHVISION.withResize(Resize.shorter(24)).withCrop(new Recipe.Crop(SIDE, SIDE));
  private static final PictureInput INPUT =
      new PictureInput(RECIPE, SIDE, SIDE, DecodeOptions.DEFAULT);
  private static final Augmentation FLIPS_AND_CROPS = Augmentation.TORCHVISION;

  @TempDir Path folder;
  private Path frozen;
  private List<Sample> samples;

  @BeforeAll
  static void loadOpenCv() {
    OpenCv.load(ModelFixture.cache(), OpenCv.DEFAULT_MAX_PIXELS);
  }

  @BeforeEach
  void copyPhotosAndWriteModel() throws IOException {
    samples = new ArrayList<>();
    try (Stream<Path> photos = Files.list(Path.of("examples/photos"))) {
      for (Path photo :
          photos.filter(file -> file.toString().matches(".*(png|jpg)")).sorted().toList()) {
        Path copy = Files.copy(photo, folder.resolve(photo.getFileName()));
        samples.add(new Sample(copy, samples.size() % 2, ("" + samples.size()).repeat(64)));
      }
    }
    frozen = write("frozen.onnx", "batch", 0.1f);
  }

  /** Frozen part of a model with 5 features: Conv, ReLU, average. */
  private Path write(String name, Object batch, float scale) {
    float[] weight = new float[5 * 3 * 3 * 3];
    for (int i = 0; i < weight.length; i++) {
      weight[i] = scale * ((i * 7) % 13 - 6);
    }
    var model =
        ModelFixture.graph("features")
            .input("x", ModelFixture.floats(batch, 3, SIDE, SIDE))
            .output("y", ModelFixture.floats(batch, 2))
            .initializer("w", Tensor.ofFloats(new long[] {5, 3, 3, 3}, weight))
            .initializer("last", Tensor.ofFloats(new long[] {2, 5, 1, 1}, new float[10]))
            .node(
                Node.of("Conv", List.of("x", "w"), List.of("conv"))
                    .with("kernel_shape", Attribute.ints(3, 3)))
            .node("Relu", List.of("conv"), "relu")
            .node("Conv", List.of("relu", "last"), "scores")
            .node("GlobalAveragePool", List.of("scores"), "pool")
            .node("Flatten", List.of("pool"), "y")
            .build();
    Path file = folder.resolve(name);
    NewHead.of(model, List.of("a", "b"), 2, 1).frozen().write(file);
    return file;
  }

  private static FeatureExtraction extraction(int batch, int threads) {
    return new FeatureExtraction(
        ModelFixture.environment(), SessionOptions.DEFAULT, batch, threads);
  }

  private FeatureRequest plain() {
    return FeatureRequest.plain(frozen, INPUT, samples);
  }

  private FeatureRequest views(int views, long seed) {
    return new FeatureRequest(frozen, INPUT, samples, 0, views, FLIPS_AND_CROPS, seed);
  }

  private static float[] row(Features features, int picture, int view) {
    float[] row = new float[features.features()];
    features.copy(picture, view, MemorySegment.ofArray(row), 0);
    return row;
  }

  /** What classify's way gives: its preprocessing, one picture at a time. */
  private float[] alone(Path model, int batch, Sample sample) throws Exception {
    long bytes = 12L * SIDE * SIDE;
    try (Session session = Session.open(ModelFixture.environment(), model, SessionOptions.DEFAULT);
        Preprocessor preprocessor = new Preprocessor(RECIPE, SIDE, SIDE, DecodeOptions.DEFAULT);
        Arena arena = Arena.ofConfined()) {
      byte[] file = Files.readAllBytes(sample.file());
      MemorySegment pixels = arena.allocate(bytes, 64);
      preprocessor.preprocess(arena.allocateFrom(ValueLayout.JAVA_BYTE, file), pixels);
      float[] values =
          Arrays.copyOf(pixels.toArray(ValueLayout.JAVA_FLOAT), (int) (bytes / 4) * batch);
      try (var input = ModelFixture.tensor(values, batch, 3, SIDE, SIDE);
          var outputs = session.run(Map.of("x", input))) {
        return Arrays.copyOf(outputs.tensor("features").toFloatArray(), 5);
      }
    }
  }

  @Test
  void the_first_view_is_what_classify_sees() throws Exception {
    Features features = extraction(3, 2).compute(views(2, 1), done -> {});
    assertEquals(samples.size(), features.size());
    assertEquals(2, features.views());
    assertEquals(5, features.features());
    for (int i = 0; i < samples.size(); i++) {
      assertArrayEquals(alone(frozen, 1, samples.get(i)), row(features, i, 0), 1e-6f);
    }
  }

  @Test
  void a_model_of_one_batch_size_is_given_whole_batches() throws Exception {
    frozen = write("three.onnx", 3, 0.1f);
    Features features = extraction(16, 2).compute(plain(), done -> {});
    for (int i = 0; i < samples.size(); i++) {
      assertArrayEquals(alone(frozen, 3, samples.get(i)), row(features, i, 0), 1e-6f);
    }
  }

  @Test
  void further_views_differ_and_follow_from_the_seed_whatever_threads_and_batches()
      throws Exception {
    Features one = extraction(1, 1).compute(views(4, 7), done -> {});
    Features other = extraction(3, 3).compute(views(4, 7), done -> {});
    Features seeded = extraction(3, 3).compute(views(4, 8), done -> {});
    for (int i = 0; i < samples.size(); i++) {
      Set<String> different = new HashSet<>();
      for (int view = 0; view < 4; view++) {
        assertArrayEquals(row(one, i, view), row(other, i, view), 1e-6f);
        different.add(Arrays.toString(row(one, i, view)));
        assertEquals(
            view == 0, Arrays.equals(row(other, i, view), row(seeded, i, view)), "view " + view);
      }
      assertEquals(4, different.size());
    }
  }

  @Test
  void progress_counts_views() throws Exception {
    List<Integer> told = new ArrayList<>();
    extraction(4, 2).compute(views(2, 1), told::add);
    assertEquals(List.of(4, 8, 10, 12), told);
  }

  @Test
  void features_are_computed_once_and_kept_as_numpy_arrays() throws Exception {
    FeatureFiles files = new FeatureFiles(folder.resolve("run/features"));
    Features computed = files.get("training", views(2, 1), extraction(3, 2), done -> {});
    Features again = files.get("training", views(2, 1), extraction(3, 2), FeaturesTest::refuse);
    assertEquals(computed.values(), again.values());
    Path kept = files.folder();
    assertEquals(computed.values(), Npy.read(kept.resolve("training.npy")));
    assertArrayEquals(
        new long[] {0, 1, 0, 1, 0, 1}, Npy.read(kept.resolve("training.labels.npy")).toLongs());
    try (Stream<Path> all = Files.list(kept)) {
      assertEquals(
          List.of("training.json", "training.labels.npy", "training.npy"),
          all.map(file -> file.getFileName().toString()).sorted().toList());
    }
  }

  private static void refuse(int done) {
    throw new AssertionError("computed again");
  }

  @Test
  void other_pictures_models_recipes_or_views_are_computed_anew() throws Exception {
    FeatureFiles files = new FeatureFiles(folder);
    files.get("training", views(2, 1), extraction(3, 2), done -> {});
    String key = Files.readString(folder.resolve("training.json"));
    Path model = write("other.onnx", "batch", 0.2f);
    List<Sample> changed = new ArrayList<>(samples);
    changed.set(1, new Sample(samples.get(1).file(), 1, "f".repeat(64)));
    Recipe wider = RECIPE.withResize(Resize.shorter(30));
    PictureInput input = new PictureInput(wider, SIDE, SIDE, DecodeOptions.DEFAULT);
    for (FeatureRequest other :
        List.of(
            views(2, 2),
            views(3, 1),
            plain(),
            new FeatureRequest(model, INPUT, samples, 0, 2, FLIPS_AND_CROPS, 1),
            new FeatureRequest(frozen, input, samples, 0, 2, FLIPS_AND_CROPS, 1),
            new FeatureRequest(frozen, INPUT, changed, 0, 2, FLIPS_AND_CROPS, 1),
            new FeatureRequest(frozen, INPUT, samples, 0, 2, Augmentation.PAPER, 1))) {
      int[] last = {0};
      assertFalse(other.key().equals(key), other.key());
      files.get("training", other, extraction(3, 2), done -> last[0] = done);
      assertEquals(other.views() * samples.size(), last[0]);
    }
  }

  @Test
  void damaged_or_unfinished_files_are_computed_again() throws Exception {
    FeatureFiles files = new FeatureFiles(folder);
    Features whole = files.get("training", plain(), extraction(3, 2), done -> {});
    Path array = folder.resolve("training.npy");
    Files.write(array, Arrays.copyOf(Files.readAllBytes(array), 150));
    assertEquals(
        whole.values(), files.get("training", plain(), extraction(3, 2), done -> {}).values());
    Files.delete(folder.resolve("training.json"));
    int[] last = {0};
    files.get("training", plain(), extraction(3, 2), done -> last[0] = done);
    assertEquals(6, last[0]);
  }

  @Test
  void a_picture_that_cannot_be_read_any_more_is_named() throws Exception {
    Path gone = samples.get(2).file();
    Files.delete(gone);
    DataException failure =
        assertThrows(DataException.class, () -> extraction(2, 2).compute(plain(), done -> {}));
    assertTrue(failure.getMessage().contains(gone.toString()), failure.getMessage());
  }

  @Test
  void features_that_are_no_numbers_name_their_picture() {
    frozen = write("infinite.onnx", "batch", Float.MAX_VALUE);
    DataException failure =
        assertThrows(DataException.class, () -> extraction(2, 2).compute(plain(), done -> {}));
    assertTrue(
        failure.getMessage().contains(samples.getFirst().file().toString()), failure.getMessage());
  }

  @Test
  void samples_take_one_view_an_epoch_and_over_the_epochs_all() throws Exception {
    Features features = extraction(3, 2).compute(views(3, 1), done -> {});
    Targets targets = new Targets(2, 2, 0.1, List.of(1.0, 2.0));
    FeatureSamples learnt = new FeatureSamples(features, samples, targets, 5);
    FeatureSamples again = new FeatureSamples(features, samples, targets, 5);
    assertEquals(6, learnt.size());
    assertArrayEquals(new long[] {5}, learnt.inputShape());
    assertEquals(2, learnt.classes());
    Set<Integer> seen = new HashSet<>();
    for (int epoch = 0; epoch < 20; epoch++) {
      float[][] rows = fill(learnt, epoch, 3, 1, 0);
      float[] alone = fill(again, epoch, 1)[0];
      assertArrayEquals(alone, Arrays.copyOfRange(rows[0], 5, 10));
      int view =
          IntStream.range(0, 3)
              .filter(v -> Arrays.equals(row(features, 1, v), alone))
              .findFirst()
              .orElseThrow();
      seen.add(view);
      assertArrayEquals(new float[] {0.05f, 0.95f, 0.05f, 0.95f, 0.95f, 0.05f}, rows[1], 1e-7f);
      assertArrayEquals(new float[] {2, 2, 1}, rows[2]);
    }
    assertEquals(Set.of(0, 1, 2), seen);
  }

  private static float[][] fill(FeatureSamples samples, int epoch, int... indices) {
    float[][] rows = {
      new float[5 * indices.length], new float[2 * indices.length], new float[indices.length]
    };
    samples.fill(
        epoch,
        indices,
        MemorySegment.ofArray(rows[0]),
        MemorySegment.ofArray(rows[1]),
        MemorySegment.ofArray(rows[2]));
    return rows;
  }

  @Test
  void mixed_pictures_have_no_features_that_could_be_kept() {
    assertThrows(
        IllegalArgumentException.class,
        () ->
            new FeatureRequest(frozen, INPUT, samples, 0, 2, Augmentation.NONE.withMixup(0.2), 1));
  }
}
