package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Resident memory stays flat with what sessions, their options and their runs make. */
@Tag("long")
class SessionLeaksTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  @ParameterizedTest
  @ValueSource(strings = {"adapters", "asynchronous", "containers", "compilation", "devices"})
  void memory_stays_flat(String what) throws Exception {
    assertEquals("flat", FlatMemory.inProcess(SessionLeaksTest.class, what));
  }

  public static void main(String[] arguments) throws IOException {
    switch (arguments[0]) {
      case "adapters" -> adapters();
      case "asynchronous" -> asynchronous();
      case "containers" -> containers();
      case "compilation" -> compilation();
      case "devices" -> devices();
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  /** Run options with entries and adapters of 40 kB, closed in both orders; adapters refused. */
  private static void adapters() throws IOException {
    byte[] bytes =
        AdapterFile.of(
            1, Map.of("b", new AdapterFile.Parameter(new long[] {10_000}, new float[10_000])));
    MemorySegment adapter = MemorySegment.ofArray(bytes);
    MemorySegment half = adapter.asSlice(0, bytes.length / 2);
    String value = "x".repeat(2000);
    var model =
        ModelFixture.graph("add")
            .input("a", ModelFixture.floats("n"))
            .input("b", ModelFixture.floats("m"))
            .output("y", ModelFixture.floats("k"))
            .initializer("b", org.alexnetedge.onnx.Tensor.ofFloats(new long[] {1}, 0))
            .node("Add", List.of("a", "b"), "y")
            .build();
    try (Session session = ModelFixture.open(model);
        Tensor a = Tensor.allocate(ORT, ElementType.FLOAT, 10_000)) {
      FlatMemory.say(
          10_000,
          () -> {
            RunOptions options = new RunOptions(ORT);
            LoraAdapter opened = LoraAdapter.open(ORT, adapter);
            options.configuration("key", value);
            options.tag(value);
            options.activate(opened);
            opened.close();
            session.run(Map.of("a", a), List.of("y"), options).close();
            options.close();
            assertThrows(OrtException.class, () -> LoraAdapter.open(ORT, half));
          });
    }
  }

  /** Runs that succeed, fail, are refused, or whose result is cancelled; 40 kB each. */
  private static void asynchronous() throws IOException {
    SessionOptions options = SessionOptions.builder().intraOpThreads(2).build();
    try (Session session = ModelFixture.open(ModelFixture.add("n"), options);
        Arena arena = Arena.ofShared();
        Tensor wrapped = Tensor.wrap(ORT, arena.allocate(40), ElementType.FLOAT, 10)) {
      FlatMemory.say(
          10_000,
          () -> {
            try (Tensor a = Tensor.allocate(ORT, ElementType.FLOAT, 10_000);
                Tensor wrong = Tensor.allocate(ORT, ElementType.INT64, 10_000);
                RunOptions run = new RunOptions(ORT)) {
              CompletableFuture<Outputs> cancelled = session.runAsync(Map.of("a", a, "b", a));
              cancelled.cancel(true);
              cancelled.thenAccept(Outputs::close); // Where it was not in time.
              session.runAsync(Map.of("a", a, "b", a), List.of("y"), run).get().close();
              assertThrows(
                  ExecutionException.class,
                  () -> session.runAsync(Map.of("a", a, "b", wrong)).get());
              assertThrows(
                  IllegalArgumentException.class,
                  () -> session.runAsync(Map.of("a", a, "b", wrapped)));
              if (!cancelled.isCancelled()) {
                cancelled.join().close();
              }
            } catch (InterruptedException | ExecutionException e) {
              throw new AssertionError(e);
            }
          });
    }
  }

  /** Containers alone, and now and then sessions with shared and external weights of 256 kB. */
  private static void containers() throws IOException {
    int size = 256;
    var model =
        ModelFixture.graph("layer")
            .input("x", ModelFixture.floats("batch", size))
            .output("y", ModelFixture.floats("batch", size))
            .initializer(
                "w",
                org.alexnetedge.onnx.Tensor.ofFloats(
                    new long[] {size, size}, new float[size * size]))
            .node("MatMul", List.of("x", "w"), "y")
            .build();
    int[] cycle = {0};
    FlatMemory.say(
        10_000,
        () -> {
          try (PrepackedWeights container = new PrepackedWeights(ORT)) {
            if (cycle[0]++ % 50 == 0) {
              try (Tensor weights = Tensor.allocate(ORT, ElementType.FLOAT, size, size)) {
                weights.data().fill((byte) 0);
                SessionOptions.Builder options =
                    SessionOptions.builder().initializer("w", weights).prepackedWeights(container);
                ModelFixture.open(model, options).close();
                ModelFixture.open(model, options).close();
                assertThrows(
                    OrtException.class,
                    () -> Session.open(ORT, Path.of("none.onnx"), options.build()));
              }
            }
          }
        });
  }

  private static void compilation() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment model = ModelFixture.conv(400).bytes(arena);
      MemorySegment broken = arena.allocate(1000);
      ModelCompilation compilation = ModelCompilation.with(ORT, SessionOptions.DEFAULT);
      FlatMemory.say(
          300,
          () -> {
            try (Arena result = Arena.ofConfined()) {
              compilation.compile(model, result).get(ValueLayout.JAVA_BYTE, 0);
              assertThrows(OrtException.class, () -> compilation.compile(broken, result));
              assertThrows(
                  OrtException.class,
                  () -> compilation.orFailWithoutCompiledNodes().compile(model, result));
            }
          });
    }
  }

  /** Devices listed and checked, memory of a session's, and bindings with memory infos. */
  private static void devices() throws IOException {
    try (Session session = ModelFixture.open(ModelFixture.add("n"));
        Tensor a = Tensor.allocate(ORT, ElementType.FLOAT, 1000)) {
      FlatMemory.say(
          10_000,
          () -> {
            ORT.check(Provider.on(ORT.devices().getFirst()));
            try (Tensor b = Tensor.allocate(session, Memory.CPU, ElementType.FLOAT, 1000);
                IoBinding binding = new IoBinding(session)) {
              ORT.copy(List.of(a), List.of(b));
              binding.bindInput("a", a);
              binding.bindInput("b", b);
              binding.bindOutput("y", Memory.CPU);
              binding.run();
              binding.outputs().close();
              b.memory();
            }
            assertThrows(
                OrtException.class,
                () -> Tensor.allocate(session, Memory.cuda(0), ElementType.FLOAT, 1000));
          });
    }
  }
}
