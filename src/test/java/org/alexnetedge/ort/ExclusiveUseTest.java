package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What two threads may not do at once is refused: ONNX Runtime itself would not notice. */
class ExclusiveUseTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  @Test
  void a_binding_in_use_is_refused_to_a_second_thread_and_is_free_afterwards() throws Exception {
    try (Session session = ModelFixture.open(ModelFixture.loop());
        IoBinding binding = new IoBinding(session);
        RunOptions options = new RunOptions(ORT);
        Tensor turns = turns(Long.MAX_VALUE);
        Tensor few = turns(1);
        Tensor x = ModelFixture.tensor(new float[64 * 64], 64, 64)) {
      binding.bindInput("turns", turns);
      binding.bindInput("x", x);
      binding.bindOutput("y");
      during(
          () -> binding.run(options),
          options,
          () -> {
            assertRefused("Another thread is using the binding", binding::run);
            assertRefused("Another thread is using the binding", binding::outputs);
            assertRefused(
                "Another thread is using the binding", () -> binding.bindInput("turns", few));
          });
      binding.bindInput("turns", few);
      binding.run();
    }
  }

  @Test
  void options_cannot_be_changed_while_a_run_reads_them() throws Exception {
    try (Session session = ModelFixture.open(ModelFixture.loop());
        RunOptions options = new RunOptions(ORT);
        Tensor turns = turns(Long.MAX_VALUE);
        Tensor x = ModelFixture.tensor(new float[64 * 64], 64, 64)) {
      during(
          () -> session.run(Map.of("turns", turns, "x", x), List.of("y"), options),
          options,
          () -> {
            assertRefused("A run is using the options", () -> options.tag("other"));
            assertRefused("A run is using the options", () -> options.logLevel(LogLevel.INFO));
            assertRefused("A run is using the options", () -> options.configuration("a", "b"));
          });
      options.tag("other");
    }
  }

  /** Does something while an endless run is under way, and ends that by its options. */
  private static void during(Runnable run, RunOptions options, Runnable meanwhile)
      throws InterruptedException {
    try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
      Future<?> running = thread.submit(run);
      try {
        Thread.sleep(500); // A run that has not begun by then makes the test fail, not pass.
        meanwhile.run();
      } finally {
        options.terminate();
      }
      ExecutionException e = assertThrows(ExecutionException.class, running::get);
      assertEquals(OrtException.class, e.getCause().getClass());
    }
  }

  private static void assertRefused(String message, Executable use) {
    String said = assertThrows(IllegalStateException.class, use).getMessage();
    assertEquals(message, said.substring(0, Math.min(message.length(), said.length())));
  }

  private static Tensor turns(long turns) {
    Tensor tensor = Tensor.allocate(ORT, ElementType.INT64);
    tensor.data().set(ValueLayout.JAVA_LONG, 0, turns);
    return tensor;
  }
}
