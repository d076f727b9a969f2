package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A run that goes on in ONNX Runtime's threads, from its start to the callback at its end. It keeps
 * alive what the run works with.
 */
final class AsyncRun {
  private static final AtomicLong NEXT = new AtomicLong();
  private static final Map<Long, AsyncRun> UNDER_WAY = new ConcurrentHashMap<>();

  private final Session session;
  private final List<String> outputs;
  private final Uses uses;
  private final RunArguments arguments; // Its memory is freed when nobody reaches it any more.
  private final CompletableFuture<Outputs> result = new CompletableFuture<>();

  private AsyncRun(Session session, List<String> outputs, Uses uses, RunArguments arguments) {
    this.session = session;
    this.outputs = outputs;
    this.uses = uses;
    this.arguments = arguments;
  }

  /** Starts a run of a session that the caller has entered; the run leaves it at its end. */
  static CompletableFuture<Outputs> start(
      Session session,
      Map<String, ? extends OrtValue> inputs,
      List<String> outputs,
      @Nullable RunOptions options) {
    Uses uses = new Uses(session.environment(), "session");
    long number = NEXT.incrementAndGet();
    try {
      if (options != null) {
        options.refuseAdapters("asynchronous runs");
      }
      RunArguments arguments = RunArguments.of(session, inputs, outputs, uses, Arena.ofAuto());
      long optionsHandle = uses.enter(options);
      session.heldByInitializers().forEach(uses::hold);
      for (MemorySegment memory : uses.borrowed()) {
        // Nothing can keep another arena open once this call has returned.
        if (!memory.scope().equals(Arena.global().scope())) {
          throw new IllegalArgumentException(
              "An asynchronous run cannot keep memory of the caller's open: copy it"
                  + " (Tensor.copyOf), or use memory of Arena.global().");
        }
      }
      AsyncRun run = new AsyncRun(session, outputs, uses, arguments);
      UNDER_WAY.put(number, run);
      Api api = session.environment().api();
      api.call(
          Function.RunAsync,
          session.handle(),
          optionsHandle,
          arguments.inputNames(),
          arguments.inputValues(),
          arguments.inputs(),
          arguments.outputNames(),
          arguments.outputs(),
          arguments.outputValues().address(),
          Callback.ADDRESS_OF_IT,
          number);
      return run.result;
    } catch (Throwable t) {
      UNDER_WAY.remove(number);
      uses.close();
      throw t;
    }
  }

  /** Linked when the first run starts. */
  private static final class Callback {
    // void (*)(void* user_data, OrtValue** outputs, size_t num_outputs, OrtStatusPtr status)
    static final long ADDRESS_OF_IT = make();

    private static long make() {
      try {
        return Linker.nativeLinker()
            .upcallStub(
                MethodHandles.lookup()
                    .findStatic(
                        AsyncRun.class,
                        "ended",
                        MethodType.methodType(
                            void.class, long.class, MemorySegment.class, long.class, long.class)),
                FunctionDescriptor.ofVoid(JAVA_LONG, ADDRESS, JAVA_LONG, JAVA_LONG),
                Arena.global())
            .address();
      } catch (NoSuchMethodException | IllegalAccessException e) {
        throw new AssertionError(e);
      }
    }
  }

  /** Called by ONNX Runtime; an exception that left it would end the process. */
  @SuppressWarnings("unused")
  private static void ended(long number, MemorySegment values, long count, long status) {
    AsyncRun run = UNDER_WAY.remove(number);
    if (run != null) {
      // Not here: this thread is one of the session's, and the run may be its last use.
      ForkJoinPool.commonPool().execute(() -> run.end(status));
    }
  }

  private void end(long status) {
    Outputs made = null;
    Throwable failure = null;
    try {
      session.environment().api().check(status);
      made =
          Outputs.take(
              session.environment(),
              outputs,
              arguments.outputValues(),
              uses.borrowed(),
              uses.allocators());
    } catch (Throwable t) {
      failure = t;
    }
    uses.close();
    session.leave();
    if (failure != null) {
      result.completeExceptionally(failure);
    } else if (!result.complete(made) && made != null) {
      made.close(); // Cancelled meanwhile: nobody else will.
    }
  }
}
