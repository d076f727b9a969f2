package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.alexnetedge.onnx.GraphBuilder;
import org.alexnetedge.onnx.OnnxModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code y = x W + x A B}, where A and B are empty unless an adapter gives them. */
class LoraAdapterTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  /** Of rows of ones by W, whose columns have these sums. */
  private static final float[] PLAIN = {28, 32, 36, 40};

  /** With the adapter: the sum of A is 18, and B is 7, 8, 9, 10. */
  private static final float[] ADAPTED = {28 + 126, 32 + 144, 36 + 162, 40 + 180};

  @TempDir Path folder;

  @Test
  void a_run_with_an_adapter_uses_its_parameters_and_one_without_does_not() throws Exception {
    Path file = Files.write(folder.resolve("größe.onnx_adapter"), adapter(1));
    try (Session session = ModelFixture.open(model());
        LoraAdapter adapter = LoraAdapter.open(ORT, file);
        RunOptions with = new RunOptions(ORT);
        RunOptions without = new RunOptions(ORT)) {
      with.activate(adapter);
      assertGives(ADAPTED, session, with);
      assertGives(PLAIN, session, without);
      assertGives(PLAIN, session, null);
      assertGives(ADAPTED, session, with);
    }
  }

  @Test
  void an_adapter_from_memory_of_any_kind_is_not_read_afterwards() {
    byte[] bytes = adapter(1);
    LoraAdapter fromNative;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
      fromNative = LoraAdapter.open(ORT, memory);
      memory.fill((byte) 0);
    }
    LoraAdapter fromHeap = LoraAdapter.open(ORT, MemorySegment.ofArray(bytes));
    Arrays.fill(bytes, (byte) 0);
    try (Session session = ModelFixture.open(model());
        fromNative;
        fromHeap) {
      for (LoraAdapter adapter : List.of(fromNative, fromHeap)) {
        try (RunOptions options = new RunOptions(ORT)) {
          options.activate(adapter);
          assertGives(ADAPTED, session, options);
        }
      }
    }
  }

  @Test
  void the_same_parameters_given_as_inputs_give_the_same() {
    try (Session session = ModelFixture.open(model());
        Tensor x = ones();
        Tensor a = ModelFixture.tensor(new float[] {3, 4, 5, 6}, 4, 1);
        Tensor b = ModelFixture.tensor(new float[] {7, 8, 9, 10}, 1, 4);
        Outputs outputs = session.run(Map.of("x", x, "a", a, "b", b))) {
      assertEquals(
          "[a: float[4,dim], b: float[dim,4]]", session.overridableInitializers().toString());
      assertArrayEquals(rows(ADAPTED), outputs.tensor("y").toFloatArray());
    }
  }

  /** ONNX Runtime 1.29 passes adapters over there and computes without them. */
  @Test
  void runs_that_would_leave_the_adapter_out_are_refused() throws Exception {
    try (Session session =
            ModelFixture.open(model(), SessionOptions.builder().intraOpThreads(2).build());
        IoBinding binding = new IoBinding(session);
        Tensor x = ones();
        LoraAdapter adapter = LoraAdapter.open(ORT, MemorySegment.ofArray(adapter(1)));
        RunOptions options = new RunOptions(ORT)) {
      binding.bindInput("x", x);
      binding.bindOutput("y");
      binding.run(options);
      session.runAsync(Map.of("x", x), List.of("y"), options).get().close();
      options.activate(adapter);
      assertEquals(
          "ONNX Runtime does not use adapters in runs of a binding: use Session.run, or give their"
              + " parameters as inputs.",
          assertThrows(IllegalArgumentException.class, () -> binding.run(options)).getMessage());
      assertEquals(
          "ONNX Runtime does not use adapters in asynchronous runs: use Session.run, or give their"
              + " parameters as inputs.",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> session.runAsync(Map.of("x", x), List.of("y"), options))
              .getMessage());
      assertGives(ADAPTED, session, options);
    }
  }

  @Test
  void an_adapter_that_is_closed_is_kept_for_the_options_that_activate_it() {
    try (Session session = ModelFixture.open(model())) {
      LoraAdapter adapter = LoraAdapter.open(ORT, MemorySegment.ofArray(adapter(1)));
      RunOptions options = new RunOptions(ORT);
      options.activate(adapter);
      adapter.close();
      adapter.close();
      assertGives(ADAPTED, session, options);
      try (RunOptions others = new RunOptions(ORT)) {
        assertEquals(
            "The adapter is closed.",
            assertThrows(IllegalStateException.class, () -> others.activate(adapter)).getMessage());
        assertGives(PLAIN, session, others);
      }
      options.close();
      assertEquals(
          "The run options is closed.",
          assertThrows(IllegalStateException.class, () -> options.activate(adapter)).getMessage());
    }
  }

  @Test
  void an_adapter_and_its_options_that_are_closed_during_a_run_are_kept_for_it() throws Exception {
    float[] zeros = new float[64 * 64];
    OnnxModel loop =
        GraphBuilder.of(ModelFixture.loop())
            .initializer("x", org.alexnetedge.onnx.Tensor.ofFloats(new long[] {64, 64}, zeros))
            .build();
    byte[] file =
        AdapterFile.of(1, Map.of("x", new AdapterFile.Parameter(new long[] {64, 64}, zeros)));
    LoraAdapter adapter = LoraAdapter.open(ORT, MemorySegment.ofArray(file));
    RunOptions options = new RunOptions(ORT);
    options.activate(adapter);
    try (Session session = ModelFixture.open(loop);
        Tensor turns =
            Tensor.copyOf(ORT, MemorySegment.ofArray(new long[] {5000}), ElementType.INT64)) {
      CountDownLatch started = new CountDownLatch(1);
      FutureTask<float[]> run =
          new FutureTask<>(
              () -> {
                started.countDown();
                try (Outputs outputs = session.run(Map.of("turns", turns), List.of("y"), options)) {
                  return outputs.tensor("y").toFloatArray();
                }
              });
      Thread.ofPlatform().start(run);
      started.await();
      Thread.sleep(50); // So that it is under way; else it is refused, and less is tested.
      adapter.close();
      options.close();
      assertArrayEquals(zeros, run.get());
    }
  }

  @Test
  void two_adapters_of_different_parameters_are_used_together() {
    try (Session session = ModelFixture.open(model());
        LoraAdapter a = LoraAdapter.open(ORT, MemorySegment.ofArray(adapter(1, "a")));
        LoraAdapter b = LoraAdapter.open(ORT, MemorySegment.ofArray(adapter(1, "b")));
        RunOptions options = new RunOptions(ORT)) {
      options.activate(a);
      options.activate(b);
      assertGives(ADAPTED, session, options);
    }
  }

  @Test
  void an_adapter_that_does_not_fit_the_model_fails_the_run() {
    try (Session other = ModelFixture.open(ModelFixture.add(1));
        Tensor one = ModelFixture.tensor(new float[] {1}, 1);
        Session session = ModelFixture.open(model());
        LoraAdapter adapter = LoraAdapter.open(ORT, MemorySegment.ofArray(adapter(1)));
        LoraAdapter wrong =
            LoraAdapter.open(
                ORT,
                MemorySegment.ofArray(
                    AdapterFile.of(
                        1,
                        Map.of("a", new AdapterFile.Parameter(new long[] {1, 4}, new float[4])))));
        RunOptions options = new RunOptions(ORT);
        RunOptions shape = new RunOptions(ORT)) {
      options.activate(adapter);
      shape.activate(wrong);
      assertThrows(
          OrtException.class,
          () -> other.run(Map.of("a", one, "b", one), List.of("y"), options).close());
      OrtException e = assertThrows(OrtException.class, () -> assertGives(PLAIN, session, shape));
      assertTrue(e.getMessage().contains("Got: 1 Expected: 4"), e.getMessage());
    }
  }

  @Test
  void files_that_are_no_adapters_are_refused() throws Exception {
    Path missing = folder.resolve("missing.onnx_adapter");
    OrtException e = assertThrows(OrtException.class, () -> LoraAdapter.open(ORT, missing));
    assertTrue(e.getMessage().contains("missing.onnx_adapter"), e.getMessage());
    byte[] whole = adapter(1);
    for (int size : new int[] {0, 1, 4, 7, 8, 12, 40, whole.length / 2, whole.length - 4}) {
      byte[] part = Arrays.copyOf(whole, size);
      Path file = Files.write(folder.resolve("part.onnx_adapter"), part);
      assertThrows(OrtException.class, () -> LoraAdapter.open(ORT, file), "size " + size);
      assertThrows(OrtException.class, () -> LoraAdapter.open(ORT, MemorySegment.ofArray(part)));
    }
    byte[] text = "this is no adapter, but it is long enough to be one".getBytes();
    assertThrows(OrtException.class, () -> LoraAdapter.open(ORT, MemorySegment.ofArray(text)));
    assertThrows(OrtException.class, () -> LoraAdapter.open(ORT, folder));
    byte[] later = adapter(2);
    OrtException version =
        assertThrows(OrtException.class, () -> LoraAdapter.open(ORT, MemorySegment.ofArray(later)));
    assertTrue(version.getMessage().contains("version"), version.getMessage());
  }

  private static byte[] adapter(int formatVersion, String... only) {
    Map<String, AdapterFile.Parameter> parameters =
        new TreeMap<>(
            Map.of(
                "a", new AdapterFile.Parameter(new long[] {4, 1}, new float[] {3, 4, 5, 6}),
                "b", new AdapterFile.Parameter(new long[] {1, 4}, new float[] {7, 8, 9, 10})));
    if (only.length > 0) {
      parameters.keySet().retainAll(List.of(only));
    }
    return AdapterFile.of(formatVersion, parameters);
  }

  private static OnnxModel model() {
    float[] weights = new float[16];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = i + 1;
    }
    return ModelFixture.graph("low_rank")
        .input("x", ModelFixture.floats(4, 4))
        .input("a", ModelFixture.floats(4, "dim"))
        .input("b", ModelFixture.floats("dim", 4))
        .output("y", ModelFixture.floats(4, 4))
        .initializer("w", org.alexnetedge.onnx.Tensor.ofFloats(new long[] {4, 4}, weights))
        .initializer("a", org.alexnetedge.onnx.Tensor.ofFloats(new long[] {4, 0}))
        .initializer("b", org.alexnetedge.onnx.Tensor.ofFloats(new long[] {0, 4}))
        .node("MatMul", List.of("x", "w"), "plain")
        .node("MatMul", List.of("x", "a"), "narrow")
        .node("MatMul", List.of("narrow", "b"), "wide")
        .node("Add", List.of("plain", "wide"), "y")
        .build();
  }

  private static Tensor ones() {
    float[] ones = new float[16];
    Arrays.fill(ones, 1);
    return ModelFixture.tensor(ones, 4, 4);
  }

  private static float[] rows(float[] row) {
    float[] rows = new float[4 * row.length];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = row[i % row.length];
    }
    return rows;
  }

  private static void assertGives(float[] row, Session session, RunOptions options) {
    try (Tensor x = ones();
        Outputs outputs = session.run(Map.of("x", x), List.of("y"), options)) {
      assertArrayEquals(rows(row), outputs.tensor("y").toFloatArray());
    }
  }
}
