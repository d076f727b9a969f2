package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.alexnetedge.onnx.GraphBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

@Timeout(120)
class OwnershipTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  /** Some minutes, were it not ended. */
  private static final long ENDLESS = 50_000_000;

  /** Some tenths of a second. */
  private static final long LONG = 10_000;

  @Test
  void closing_twice_does_nothing() {
    Session session = ModelFixture.open(ModelFixture.add(1));
    IoBinding binding = new IoBinding(session);
    RunOptions options = new RunOptions(ORT);
    Tensor tensor = ModelFixture.tensor(new float[] {1}, 1);
    tensor.data();
    Outputs outputs = session.run(Map.of("a", tensor, "b", tensor));
    for (int i = 0; i < 3; i++) {
      outputs.close();
      tensor.close();
      options.close();
      binding.close();
      session.close();
    }
  }

  @Test
  void use_after_closing_is_an_exception_that_says_what_is_closed() {
    Session session = ModelFixture.open(ModelFixture.add(1));
    IoBinding binding = new IoBinding(session);
    RunOptions options = new RunOptions(ORT);
    Tensor tensor = ModelFixture.tensor(new float[] {1}, 1);
    Tensor text = Tensor.ofStrings(ORT, new String[] {"a"}, 1);
    Tensor open = ModelFixture.tensor(new float[] {1}, 1);
    MemorySegment data = tensor.data();
    binding.bindInput("a", tensor);
    binding.bindInput("b", open);
    binding.bindOutput("y");
    binding.run();

    options.close();
    String closed = "The run options is closed.";
    assertClosed(closed, options::terminate);
    assertClosed(closed, options::clearTerminate);
    assertClosed(closed, () -> options.tag("x"));
    assertClosed(closed, () -> options.logLevel(LogLevel.ERROR));
    assertClosed(closed, () -> options.configuration("a", "b"));
    assertClosed(closed, () -> binding.run(options));
    Map<String, Tensor> inputs = Map.of("a", open, "b", open);
    assertClosed(closed, () -> session.run(inputs, List.of("y"), options));

    tensor.close();
    text.close();
    closed = "The tensor is closed.";
    assertClosed(closed, tensor::data);
    assertClosed(closed, tensor::toFloatArray);
    assertClosed(closed, () -> tensor.copyTo(MemorySegment.ofArray(new float[1])));
    assertClosed(closed, text::strings);
    assertClosed(closed, binding::run);
    assertClosed(closed, () -> binding.bindInput("a", tensor));
    assertClosed(closed, () -> session.run(Map.of("a", tensor, "b", open)));
    assertThrows(IllegalStateException.class, () -> data.get(ValueLayout.JAVA_FLOAT, 0));
    assertEquals("FLOAT[1]", tensor.toString());

    session.close();
    closed = "The session is closed.";
    assertClosed(closed, () -> session.run(inputs));
    assertClosed(closed, session::metadata);
    assertClosed(closed, session::nodesByProvider);
    assertClosed(closed, session::endProfiling);
    assertClosed(closed, () -> new IoBinding(session));
    assertClosed(closed, binding::run);
    assertClosed(closed, binding::outputs);
    assertClosed(closed, () -> binding.bindInput("a", open));
    assertEquals(2, session.inputs().size());

    binding.close();
    closed = "The binding is closed.";
    assertClosed(closed, binding::run);
    assertClosed(closed, binding::outputs);
    assertClosed(closed, () -> binding.bindOutput("y"));
    open.close();
  }

  @Test
  void a_session_that_is_closed_during_a_run_ends_that_run_properly() throws Exception {
    try (Tensor turns = turns(LONG);
        Tensor x = matrix()) {
      Session session = ModelFixture.open(ModelFixture.loop());
      long took =
          during(
              () -> {
                try (Outputs outputs = session.run(Map.of("turns", turns, "x", x))) {
                  assertEquals(64 * 64, outputs.tensor("y").toFloatArray().length);
                }
              },
              session::close);
      assertTrue(took < 100, "close took " + took + " ms");
      assertClosed("The session is closed.", () -> session.run(Map.of("turns", turns, "x", x)));
    }
  }

  @Test
  void a_tensor_that_is_closed_during_a_run_is_kept_for_it() throws Exception {
    try (Session session = ModelFixture.open(ModelFixture.loop());
        Tensor turns = turns(LONG)) {
      Tensor x = matrix();
      MemorySegment data = x.data();
      long took =
          during(
              () -> session.run(Map.of("turns", turns, "x", x)).close(),
              () -> {
                x.close();
                assertThrows(
                    IllegalStateException.class, () -> data.get(ValueLayout.JAVA_FLOAT, 0));
              });
      assertTrue(took < 500, "close took " + took + " ms");
      assertClosed("The tensor is closed.", x::data);
    }
  }

  @Test
  void a_binding_and_its_session_that_are_closed_during_a_run_are_kept_for_it() throws Exception {
    try (Tensor turns = turns(LONG);
        Tensor x = matrix()) {
      Tensor y = matrix();
      Session session = ModelFixture.open(ModelFixture.loop());
      IoBinding binding = new IoBinding(session);
      binding.bindInput("turns", turns);
      binding.bindInput("x", x);
      binding.bindOutput("y", y);
      during(
          binding::run,
          () -> {
            binding.close();
            session.close();
            y.close();
          });
      assertClosed("The binding is closed.", binding::run);
    }
  }

  @Test
  void a_binding_outlives_its_session_only_to_be_closed() {
    Session session = ModelFixture.open(ModelFixture.add(1));
    IoBinding binding = new IoBinding(session);
    session.close();
    assertClosed("The session is closed.", binding::run);
    binding.close();
  }

  @Test
  void a_long_run_is_ended_from_another_thread() throws Exception {
    try (Session session = ModelFixture.open(ModelFixture.loop());
        Tensor turns = turns(ENDLESS);
        Tensor few = turns(3);
        Tensor x = matrix();
        RunOptions options = new RunOptions(ORT)) {
      long[] ended = new long[2];
      during(
          () -> {
            OrtException e =
                assertThrows(
                    OrtException.class,
                    () -> session.run(Map.of("turns", turns, "x", x), List.of("y"), options));
            ended[1] = System.nanoTime();
            assertTrue(e.getMessage().contains("terminate flag"), e.getMessage());
          },
          () -> {
            ended[0] = System.nanoTime();
            options.terminate();
          });
      long millis = TimeUnit.NANOSECONDS.toMillis(ended[1] - ended[0]);
      assertTrue(millis < 5000, "ended after " + millis + " ms");
      // Still set for later runs, until it is cleared.
      Map<String, Tensor> inputs = Map.of("turns", few, "x", x);
      assertThrows(OrtException.class, () -> session.run(inputs, List.of("y"), options));
      options.clearTerminate();
      session.run(inputs, List.of("y"), options).close();
    }
  }

  @Test
  void options_that_are_closed_during_a_run_are_kept_for_it() throws Exception {
    try (Session session = ModelFixture.open(ModelFixture.loop());
        IoBinding binding = new IoBinding(session);
        Tensor turns = turns(ENDLESS);
        Tensor x = matrix()) {
      RunOptions options = new RunOptions(ORT);
      options.tag("a run");
      options.logLevel(LogLevel.FATAL);
      binding.bindInput("turns", turns);
      binding.bindInput("x", x);
      binding.bindOutput("y");
      during(
          () -> assertThrows(OrtException.class, () -> binding.run(options)),
          () -> {
            options.terminate();
            options.close();
          });
      assertClosed("The run options is closed.", options::terminate);
    }
  }

  @Test
  void wrapped_memory_that_is_gone_is_noticed_at_the_run() {
    try (Session session = ModelFixture.open(ModelFixture.add(1));
        IoBinding binding = new IoBinding(session);
        Tensor b = ModelFixture.tensor(new float[] {1}, 1)) {
      for (Arena arena : List.of(Arena.ofConfined(), Arena.ofShared())) {
        Tensor a = Tensor.wrap(ORT, arena.allocate(4, 4), ElementType.FLOAT, 1);
        binding.bindInput("a", a);
        binding.bindInput("b", b);
        binding.bindOutput("y");
        binding.run();
        arena.close();
        assertClosed("Already closed", () -> session.run(Map.of("a", a, "b", b)));
        assertClosed("Already closed", binding::run);
        assertClosed("Already closed", a::toFloatArray);
        a.close();
      }
    }
  }

  @Test
  void confined_memory_of_another_thread_is_refused() throws Exception {
    try (Session session = ModelFixture.open(ModelFixture.add(1));
        IoBinding binding = new IoBinding(session);
        Arena arena = Arena.ofConfined();
        Tensor a = Tensor.wrap(ORT, arena.allocate(4, 4), ElementType.FLOAT, 1)) {
      binding.bindInput("a", a);
      binding.bindInput("b", a);
      binding.bindOutput("y");
      during(
          () -> {
            assertThrows(WrongThreadException.class, () -> session.run(Map.of("a", a, "b", a)));
            assertThrows(WrongThreadException.class, binding::run);
            assertThrows(WrongThreadException.class, a::toFloatArray);
          },
          () -> {});
      binding.run();
    }
  }

  @Test
  void a_shared_arena_cannot_be_closed_during_a_run_over_its_memory() throws Exception {
    try (Session session = ModelFixture.open(ModelFixture.loop());
        IoBinding binding = new IoBinding(session);
        Tensor turns = turns(ENDLESS);
        RunOptions options = new RunOptions(ORT)) {
      Arena arena = Arena.ofShared();
      Tensor x = Tensor.wrap(ORT, arena.allocate(64 * 64 * 4, 64), ElementType.FLOAT, 64, 64);
      binding.bindInput("turns", turns);
      binding.bindInput("x", x);
      binding.bindOutput("y");
      List<Runnable> runs =
          List.of(
              () -> session.run(Map.of("turns", turns, "x", x), List.of("y"), options),
              () -> binding.run(options));
      for (Runnable run : runs) {
        during(
            () -> assertThrows(OrtException.class, run::run),
            () -> {
              assertThrows(IllegalStateException.class, arena::close);
              options.terminate();
            });
        options.clearTerminate();
      }
      arena.close();
      x.close();
    }
  }

  @Test
  void memory_of_nine_arenas_is_one_too_many() {
    GraphBuilder graph = ModelFixture.graph("sum").output("y", ModelFixture.floats(1));
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 9; i++) {
      names.add("x" + i);
      graph.input("x" + i, ModelFixture.floats(1));
    }
    graph.node("Sum", names, "y");
    List<Arena> arenas = new ArrayList<>();
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (String name : names) {
      Arena arena = Arena.ofConfined();
      arenas.add(arena);
      MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1);
      inputs.put(name, Tensor.wrap(ORT, one, ElementType.FLOAT, 1));
    }
    try (Session session = ModelFixture.open(graph.build());
        IoBinding binding = new IoBinding(session)) {
      String message =
          "A run can use memory of at most 8 arenas; allocate the tensors' memory from fewer.";
      assertEquals(
          message,
          assertThrows(IllegalArgumentException.class, () -> session.run(inputs)).getMessage());
      inputs.forEach(binding::bindInput);
      binding.bindOutput("y");
      assertEquals(
          message, assertThrows(IllegalArgumentException.class, binding::run).getMessage());
      // Several tensors of one arena count once.
      inputs.put("x8", inputs.get("x7"));
      binding.bindInput("x8", inputs.get("x7"));
      try (Outputs outputs = session.run(inputs)) {
        assertArrayEquals(new float[] {9}, outputs.tensor("y").toFloatArray());
      }
      binding.run();
    }
    // Nothing was left entered by the refused runs, so closing releases.
    inputs.values().forEach(Tensor::close);
    arenas.forEach(Arena::close);
  }

  @Test
  void ten_threads_run_one_session() throws Exception {
    try (Session session = ModelFixture.open(ModelFixture.linear().build());
        ExecutorService threads = Executors.newFixedThreadPool(10)) {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 10; t++) {
        int number = t;
        all.add(
            threads.submit(
                () -> {
                  try (IoBinding binding = new IoBinding(session);
                      Tensor x = ModelFixture.tensor(new float[] {number, 0, 0}, 1, 3);
                      Tensor y = Tensor.allocate(ORT, ElementType.FLOAT, 1, 2)) {
                    binding.bindInput("x", x);
                    binding.bindOutput("y", y);
                    float[] expected = {number + 1, 2 * number + 2};
                    for (int i = 0; i < 200; i++) {
                      binding.run();
                      assertArrayEquals(expected, y.toFloatArray());
                      try (Outputs outputs = session.run(Map.of("x", x))) {
                        assertArrayEquals(expected, outputs.tensor("y").toFloatArray());
                      }
                    }
                  }
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    }
  }

  @Test
  void closing_while_many_threads_run_gives_results_or_exceptions() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (int round = 0; round < 100; round++) {
        Session session = ModelFixture.open(ModelFixture.add(1));
        Tensor a = ModelFixture.tensor(new float[] {1}, 1);
        CountDownLatch started = new CountDownLatch(4);
        List<Future<?>> all = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
          all.add(
              threads.submit(
                  () -> {
                    started.countDown();
                    try {
                      while (true) {
                        try (Outputs outputs = session.run(Map.of("a", a, "b", a))) {
                          assertEquals(2, outputs.tensor("y").toFloatArray()[0]);
                        }
                      }
                    } catch (IllegalStateException closed) {
                      assertTrue(closed.getMessage().endsWith("is closed."));
                    }
                  }));
        }
        started.await();
        if (round % 2 == 0) {
          a.close();
          session.close();
        } else {
          session.close();
          a.close();
        }
        for (Future<?> one : all) {
          one.get();
        }
      }
    }
  }

  @Test
  void a_lifetime_releases_exactly_once_whoever_leaves_last() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
      for (int round = 0; round < 3000; round++) {
        int[] released = {0};
        boolean[] alive = {true};
        Object lock = new Object();
        Lifetime lifetime =
            new Lifetime(
                "thing",
                () -> {
                  synchronized (lock) {
                    released[0]++;
                    alive[0] = false;
                  }
                });
        CountDownLatch go = new CountDownLatch(1);
        Runnable user =
            () -> {
              await(go);
              for (int i = 0; i < 20; i++) {
                try {
                  lifetime.enter();
                } catch (IllegalStateException e) {
                  continue;
                }
                synchronized (lock) {
                  assertTrue(alive[0]);
                }
                lifetime.leave();
              }
            };
        List<Future<?>> all =
            List.of(
                threads.submit(user),
                threads.submit(user),
                threads.submit(
                    () -> {
                      await(go);
                      lifetime.close();
                    }));
        go.countDown();
        for (Future<?> one : all) {
          one.get();
        }
        assertEquals(1, released[0]);
        assertFalse(lifetime.close());
      }
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Runs something in another thread, and meanwhile something here; gives the latter's millis. */
  private static long during(Runnable run, Runnable meanwhile) throws Exception {
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      Future<?> running = thread.submit(run);
      Thread.sleep(100); // So that it is under way; where it is not, less is tested, nothing fails.
      long start = System.nanoTime();
      meanwhile.run();
      long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
      running.get();
      return took;
    }
  }

  private static Tensor turns(long turns) {
    Tensor tensor = Tensor.allocate(ORT, ElementType.INT64);
    tensor.data().set(ValueLayout.JAVA_LONG, 0, turns);
    return tensor;
  }

  private static Tensor matrix() {
    return ModelFixture.tensor(new float[64 * 64], 64, 64);
  }

  private static void assertClosed(String message, Executable use) {
    IllegalStateException e = assertThrows(IllegalStateException.class, use);
    assertEquals(message, e.getMessage());
  }
}
