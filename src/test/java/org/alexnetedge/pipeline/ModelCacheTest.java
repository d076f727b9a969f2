package org.alexnetedge.pipeline;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.alexnetedge.alexnet.AlexNet;
import org.alexnetedge.alexnet.InitialWeights;
import org.alexnetedge.alexnet.Network;
import org.alexnetedge.alexnet.NetworkGraph;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.ort.ElementType;
import org.alexnetedge.ort.LogLevel;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.ort.OrtLibrary;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.ort.Tensor;
import org.alexnetedge.pipeline.ModelCache.Loading;
import org.alexnetedge.pipeline.ModelCache.Opened;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelCacheTest {
  @TempDir Path folder;
  private OrtEnvironment environment;
  private ModelCache cache;
  private Path model;

  @BeforeEach
  void makeModel() {
    environment =
        OrtLibrary.carried(NativeCache.ofUser(warning -> {}))
            .environment(LogLevel.FATAL, message -> {});
    cache = new ModelCache(new NativeCache(folder.resolve("cache"), warning -> {}));
    model = folder.resolve("model.onnx");
    write(1);
  }

  @Test
  void a_mapped_model_gives_the_same_but_for_the_last_bits() throws IOException {
    float[] plain = logits(Loading.PLAIN, Loading.PLAIN);
    float[] first = logits(Loading.MAPPED, Loading.MAPPED);
    assertArrayEquals(plain, first, 1e-6f);
    assertArrayEquals(first, logits(Loading.MAPPED, Loading.MAPPED), 0);
    assertEquals(1, entries().size());
  }

  @Test
  void a_model_that_was_replaced_is_prepared_anew() throws IOException {
    float[] before = logits(Loading.MAPPED, Loading.MAPPED);
    write(2);
    float[] after = logits(Loading.MAPPED, Loading.MAPPED);
    assertNotEquals(before[0], after[0]);
    assertArrayEquals(logits(Loading.PLAIN, Loading.PLAIN), after, 1e-6f);
    assertEquals(2, entries().size());
  }

  @Test
  void an_entry_that_was_cut_off_is_not_mapped_but_made_again() throws IOException {
    float[] before = logits(Loading.MAPPED, Loading.MAPPED);
    try (FileChannel entry = FileChannel.open(entries().getFirst(), StandardOpenOption.WRITE)) {
      entry.truncate(entry.size() / 2);
    }
    assertArrayEquals(before, logits(Loading.MAPPED, Loading.MAPPED), 0);
    assertEquals(1, entries().size());
  }

  @Test
  void an_entry_of_the_right_size_that_is_no_model_is_passed_over() throws IOException {
    float[] before = logits(Loading.PLAIN, Loading.PLAIN);
    logits(Loading.MAPPED, Loading.MAPPED);
    Path entry = entries().getFirst();
    Files.write(entry, new byte[(int) Files.size(entry)]);
    assertArrayEquals(before, logits(Loading.MAPPED, Loading.PLAIN), 0);
  }

  @Test
  void a_cache_that_cannot_be_written_is_done_without() throws IOException {
    Files.writeString(folder.resolve("cache"), "a file where the folder should be");
    logits(Loading.MAPPED, Loading.PLAIN);
  }

  @Test
  void a_file_that_is_no_model_is_refused_and_leaves_nothing() throws IOException {
    Files.write(model, new byte[9 << 20]);
    assertThrows(
        OrtException.class,
        () -> cache.open(environment, model, SessionOptions.DEFAULT, Loading.MAPPED));
    assertEquals(List.of(), entries());
  }

  @Test
  void a_small_model_is_opened_plainly() throws IOException {
    Network small = AlexNet.torchvision(AlexNet.TORCHVISION_WIDTHS.scaled(0.02), 2);
    try (Arena arena = Arena.ofConfined()) {
      NetworkGraph.of(small, InitialWeights.of(small, 1, arena)).build().write(model);
    }
    try (var session =
        cache.open(environment, model, SessionOptions.DEFAULT, Loading.MAPPED).session()) {
      assertEquals(1, session.inputs().size());
    }
    assertEquals(List.of(), entries());
  }

  private void write(long seed) {
    Network network = AlexNet.torchvision(AlexNet.TORCHVISION_WIDTHS.scaled(0.25), 10);
    try (Arena arena = Arena.ofConfined()) {
      NetworkGraph.of(network, InitialWeights.of(network, seed, arena)).build().write(model);
    }
  }

  private float[] logits(Loading wanted, Loading expected) {
    Opened opened = cache.open(environment, model, SessionOptions.DEFAULT, wanted);
    assertEquals(expected, opened.loading());
    try (var session = opened.session();
        Tensor input = Tensor.allocate(environment, ElementType.FLOAT, 2, 3, 224, 224)) {
      for (long i = 0; i < input.elements(); i++) {
        input.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, (i % 255) / 255f - 0.4f);
      }
      try (Outputs outputs = session.run(Map.of("input", input))) {
        return outputs.tensor("logits").toFloatArray();
      }
    }
  }

  private List<Path> entries() throws IOException {
    Path models = folder.resolve("cache/models");
    if (!Files.isDirectory(models)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(models)) {
      return files.toList();
    }
  }
}
