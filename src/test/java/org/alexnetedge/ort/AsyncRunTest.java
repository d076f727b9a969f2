package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.alexnetedge.onnx.OnnxModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class AsyncRunTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  /** Some minutes, were it not ended. */
  private static final long ENDLESS = 50_000_000;

  @Test
  void it_gives_what_a_run_gives() throws Exception {
    try (Session session = open(ModelFixture.linear().build());
        Tensor x = ModelFixture.tensor(new float[] {1, 0, 0, 1, 1, 1}, 2, 3);
        Outputs outputs = session.runAsync(Map.of("x", x)).get()) {
      assertArrayEquals(new float[] {2, 4, 10, 14}, outputs.tensor("y").toFloatArray());
    }
  }

  @Test
  void many_at_once_each_give_their_own() throws Exception {
    try (Session session = open(ModelFixture.linear().build())) {
      List<CompletableFuture<Outputs>> all = new ArrayList<>();
      for (int i = 0; i < 300; i++) {
        try (Tensor x = ModelFixture.tensor(new float[] {i, 0, 0}, 1, 3)) {
          all.add(session.runAsync(Map.of("x", x)));
        }
      }
      for (int i = 0; i < all.size(); i++) {
        try (Outputs outputs = all.get(i).get()) {
          assertArrayEquals(
              new float[] {i + 1, 2 * i + 2}, outputs.tensor("y").toFloatArray(), "run " + i);
        }
      }
    }
  }

  @Test
  void all_of_javas_common_pool_may_wait_for_runs() {
    try (Session session = open(ModelFixture.add(1));
        Tensor a = ModelFixture.tensor(new float[] {1}, 1)) {
      double sum =
          IntStream.range(0, 200)
              .parallel()
              .mapToDouble(
                  i -> {
                    try (Outputs outputs = session.runAsync(Map.of("a", a, "b", a)).join()) {
                      return outputs.tensor("y").toFloatArray()[0];
                    }
                  })
              .sum();
      assertEquals(400, sum);
    }
  }

  @Test
  void everything_may_be_closed_while_it_runs() throws Exception {
    Session session = open(ModelFixture.loop());
    Tensor turns = turns(3000);
    Tensor x = matrix();
    RunOptions options = new RunOptions(ORT);
    CompletableFuture<Outputs> run =
        session.runAsync(Map.of("turns", turns, "x", x), List.of("y"), options);
    session.close();
    turns.close();
    x.close();
    options.close();
    System.gc();
    try (Outputs outputs = run.get()) {
      assertEquals(64 * 64, outputs.tensor("y").toFloatArray().length);
    }
    assertEquals(
        "The session is closed.",
        assertThrows(IllegalStateException.class, () -> session.runAsync(Map.of())).getMessage());
  }

  @Test
  void what_hangs_on_the_result_may_close_the_session() throws Exception {
    for (int i = 0; i < 50; i++) {
      Session session = open(ModelFixture.add(1));
      Tensor a = ModelFixture.tensor(new float[] {i}, 1);
      float y =
          session
              .runAsync(Map.of("a", a, "b", a))
              .thenApply(
                  outputs -> {
                    try (outputs) {
                      return outputs.tensor("y").toFloatArray()[0];
                    } finally {
                      a.close();
                      session.close();
                    }
                  })
              .get();
      assertEquals(2 * i, y);
    }
  }

  @Test
  void it_is_ended_from_another_thread() {
    try (Session session = open(ModelFixture.loop());
        Tensor turns = turns(ENDLESS);
        Tensor x = matrix();
        RunOptions options = new RunOptions(ORT)) {
      CompletableFuture<Outputs> run =
          session.runAsync(Map.of("turns", turns, "x", x), List.of("y"), options);
      assertFalse(run.isDone());
      options.terminate();
      assertContains("terminate flag", run);
    }
  }

  @Test
  void a_cancelled_result_lets_the_run_end_and_closes_what_it_gives() throws Exception {
    try (Session session = open(ModelFixture.loop());
        Tensor turns = turns(1000);
        Tensor x = matrix()) {
      CompletableFuture<Outputs> run = session.runAsync(Map.of("turns", turns, "x", x));
      assertTrue(run.cancel(true));
      assertTrue(run.isCancelled());
      session.runAsync(Map.of("turns", turns, "x", x)).get().close();
    }
  }

  @Test
  void what_a_run_refuses_arrives_by_the_result() {
    try (Session session = open(ModelFixture.add(2));
        Tensor a = Tensor.allocate(ORT, ElementType.FLOAT, 2);
        Tensor longs = Tensor.allocate(ORT, ElementType.INT64, 2);
        Tensor three = Tensor.allocate(ORT, ElementType.FLOAT, 3)) {
      assertContains("int64", session.runAsync(Map.of("a", a, "b", longs)));
      assertContains("Got: 3 Expected: 2", session.runAsync(Map.of("a", a, "b", three)));
      assertContains("Missing Input: b", session.runAsync(Map.of("a", a)));
    }
  }

  @Test
  void what_is_wrong_before_the_run_is_thrown_at_once() {
    try (Session session = open(ModelFixture.add(1));
        Tensor a = ModelFixture.tensor(new float[] {1}, 1)) {
      assertEquals(
          "The model has no input 'c'; it has a, b",
          assertThrows(IllegalArgumentException.class, () -> session.runAsync(Map.of("c", a)))
              .getMessage());
      assertEquals(
          "The model has no output 'z'; it has y",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> session.runAsync(Map.of("a", a, "b", a), List.of("z"), null))
              .getMessage());
      Tensor closed = ModelFixture.tensor(new float[] {1}, 1);
      closed.close();
      assertThrows(
          IllegalStateException.class, () -> session.runAsync(Map.of("a", a, "b", closed)));
      RunOptions options = new RunOptions(ORT);
      options.close();
      assertThrows(
          IllegalStateException.class,
          () -> session.runAsync(Map.of("a", a, "b", a), List.of("y"), options));
    }
  }

  @Test
  void a_session_of_one_thread_is_refused_with_onnx_runtimes_reason() {
    try (Session session = ModelFixture.open(ModelFixture.add(1));
        Tensor a = ModelFixture.tensor(new float[] {1}, 1)) {
      OrtException e =
          assertThrows(OrtException.class, () -> session.runAsync(Map.of("a", a, "b", a)));
      assertTrue(e.getMessage().contains("intra op thread pool"), e.getMessage());
      session.run(Map.of("a", a, "b", a)).close();
    }
  }

  @Test
  void memory_that_could_go_away_is_refused_and_memory_that_cannot_is_taken() throws Exception {
    MemorySegment two = Arena.global().allocateFrom(ValueLayout.JAVA_FLOAT, 2);
    try (Session session = open(ModelFixture.add(1));
        Arena arena = Arena.ofShared();
        Tensor lasting = Tensor.wrap(ORT, two, ElementType.FLOAT, 1);
        Tensor wrapped = Tensor.wrap(ORT, arena.allocate(4, 4), ElementType.FLOAT, 1)) {
      assertEquals(
          "An asynchronous run cannot keep memory of the caller's open: copy it (Tensor.copyOf),"
              + " or use memory of Arena.global().",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> session.runAsync(Map.of("a", wrapped, "b", lasting)))
              .getMessage());
      try (Outputs outputs = session.runAsync(Map.of("a", lasting, "b", lasting)).get()) {
        assertEquals(4, outputs.tensor("y").toFloatArray()[0]);
      }
    }
  }

  @Test
  void a_process_may_end_while_it_runs() {
    assertEquals(List.of("started"), OtherLibrary.process(AsyncRunTest.class));
  }

  /** Ends while three runs go on. */
  public static void main(String[] arguments) {
    Session session = open(ModelFixture.loop());
    Map<String, Tensor> inputs = Map.of("turns", turns(ENDLESS), "x", matrix());
    session.runAsync(inputs);
    session.runAsync(inputs);
    for (int i = 0; i < 20; i++) {
      session.runAsync(Map.of("turns", turns(1), "x", matrix()));
    }
    System.out.println("started");
    System.exit(0);
  }

  private static void assertContains(String part, CompletableFuture<Outputs> run) {
    Throwable cause = assertThrows(ExecutionException.class, run::get).getCause();
    assertInstanceOf(OrtException.class, cause);
    assertTrue(cause.getMessage().contains(part), cause.getMessage());
  }

  private static Session open(OnnxModel model) {
    return ModelFixture.open(model, SessionOptions.builder().intraOpThreads(3).build());
  }

  private static Tensor turns(long turns) {
    Tensor tensor = Tensor.allocate(ORT, ElementType.INT64);
    tensor.data().set(ValueLayout.JAVA_LONG, 0, turns);
    return tensor;
  }

  private static Tensor matrix() {
    return ModelFixture.tensor(new float[64 * 64], 64, 64);
  }
}
