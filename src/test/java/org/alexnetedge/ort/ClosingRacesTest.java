package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.alexnetedge.onnx.GraphBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whoever closes while others use it: results or exceptions, never a crash. */
@Timeout(120)
class ClosingRacesTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  @Test
  void containers_and_weights_while_sessions_are_opened_and_run() throws Exception {
    for (int round = 0; round < 20; round++) {
      Tensor weights = ModelFixture.tensor(new float[16], 4, 4);
      PrepackedWeights container = new PrepackedWeights(ORT);
      SessionOptions options =
          SessionOptions.builder()
              .intraOpThreads(1)
              .initializer("tensor", weights)
              .prepackedWeights(container)
              .build();
      whileOthers(
          () -> {
            try (Session session = ModelFixture.open(ModelFixture.product(), options);
                Tensor x = ModelFixture.tensor(new float[4], 1, 4);
                Outputs outputs = session.run(Map.of("x", x))) {
              assertArrayEquals(new float[4], outputs.tensor("y").toFloatArray());
            }
          },
          round % 2 == 0 ? List.of(container, weights) : List.of(weights, container));
    }
  }

  @Test
  void adapters_and_options_while_they_are_activated_and_run() throws Exception {
    MemorySegment bytes =
        MemorySegment.ofArray(
            AdapterFile.of(
                1, Map.of("b", new AdapterFile.Parameter(new long[] {1}, new float[] {5}))));
    GraphBuilder model =
        GraphBuilder.of(ModelFixture.add(1))
            .initializer("b", org.alexnetedge.onnx.Tensor.ofFloats(new long[] {1}, 1));
    try (Session session = ModelFixture.open(model.build());
        Tensor a = ModelFixture.tensor(new float[] {2}, 1)) {
      for (int round = 0; round < 50; round++) {
        LoraAdapter adapter = LoraAdapter.open(ORT, bytes);
        RunOptions shared = new RunOptions(ORT);
        shared.activate(adapter);
        whileOthers(
            () -> {
              try (RunOptions options = new RunOptions(ORT)) {
                options.activate(adapter);
                for (RunOptions each : List.of(options, shared)) {
                  try (Outputs outputs = session.run(Map.of("a", a), List.of("y"), each)) {
                    assertEquals(7, outputs.tensor("y").toFloatArray()[0]);
                  }
                }
              }
            },
            round % 2 == 0 ? List.of(adapter, shared) : List.of(shared, adapter));
      }
    }
  }

  @Test
  void sessions_tensors_and_options_while_asynchronous_runs_start() throws Exception {
    SessionOptions threads = SessionOptions.builder().intraOpThreads(2).build();
    for (int round = 0; round < 30; round++) {
      Session session = ModelFixture.open(ModelFixture.add(1), threads);
      Tensor a = ModelFixture.tensor(new float[] {2}, 1);
      RunOptions options = new RunOptions(ORT);
      List<AutoCloseable> closed = new ArrayList<>(List.of(session, a, options));
      java.util.Collections.rotate(closed, round);
      whileOthers(
          () -> {
            try (Outputs outputs =
                session.runAsync(Map.of("a", a, "b", a), List.of("y"), options).join()) {
              assertEquals(4, outputs.tensor("y").toFloatArray()[0]);
            }
          },
          closed);
    }
  }

  @Test
  void a_sessions_memory_while_it_is_bound_and_copied() throws Exception {
    for (int round = 0; round < 30; round++) {
      Session session = ModelFixture.open(ModelFixture.add(1));
      Tensor a = Tensor.allocate(session, Memory.CPU, ElementType.FLOAT, 1);
      a.copyFrom(MemorySegment.ofArray(new float[] {2}));
      whileOthers(
          () -> {
            try (Tensor copy = Tensor.allocate(session, Memory.CPU, ElementType.FLOAT, 1);
                IoBinding binding = new IoBinding(session)) {
              ORT.copy(List.of(a), List.of(copy));
              assertEquals(2, copy.toFloatArray()[0]);
              binding.bindInput("a", a);
              binding.bindInput("b", copy);
              binding.bindOutput("y", Memory.CPU);
              binding.run();
              try (Outputs outputs = binding.outputs()) {
                assertEquals(4, outputs.tensor("y").toFloatArray()[0]);
              }
            }
          },
          round % 2 == 0 ? List.of(session, a) : List.of(a, session));
    }
  }

  /** Three threads use until something is closed, which this one does. */
  private static void whileOthers(Runnable use, List<? extends AutoCloseable> closed)
      throws Exception {
    CountDownLatch started = new CountDownLatch(3);
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 3; t++) {
        all.add(
            threads.submit(
                () -> {
                  try {
                    while (true) {
                      use.run();
                      started.countDown();
                    }
                  } catch (IllegalStateException end) {
                    assertTrue(end.getMessage().endsWith("is closed."), end.getMessage());
                  } finally {
                    started.countDown();
                  }
                }));
      }
      started.await();
      for (AutoCloseable each : closed) {
        each.close();
        each.close();
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
  }
}
