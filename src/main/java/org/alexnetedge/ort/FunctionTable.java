package org.alexnetedge.ort;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A further struct of function pointers that a library gives, for the package that binds it ({@link
 * org.alexnetedge.ort.training}); programs do not need it. What a call is given stays alive until
 * it returns, and a status becomes an {@link OrtException}.
 *
 * <p>Arguments of the calls: {@link Long}, {@link Integer} and {@link Boolean}; {@link String} and
 * {@link Path} as zero-terminated text; {@link OrtEnvironment}, {@link SessionOptions}, {@link
 * OrtValue}, a {@link List} of values and {@link Owned} as pointers; native {@link MemorySegment}s
 * as their address; {@link #ALLOCATOR}; null as a null pointer. At most ten.
 *
 * <p>Thread-safe: one call at a time, others wait.
 */
public final class FunctionTable {
  /** Stands for the default allocator among the arguments. */
  public static final Object ALLOCATOR = new Object();

  private final OrtEnvironment environment;
  private final MemorySegment table;

  private FunctionTable(OrtEnvironment environment, MemorySegment table) {
    this.environment = environment;
    this.table = table;
  }

  /**
   * The struct {@code OrtTrainingApi}, or null when the library was built without training.
   *
   * @param size number of functions in it
   */
  public static @Nullable FunctionTable training(OrtEnvironment environment, int size) {
    Api api = environment.api();
    long address = api.plain(Function.GetTrainingApi, api.apiVersion());
    return address == 0
        ? null
        : new FunctionTable(
            environment, MemorySegment.ofAddress(address).reinterpret(size * JAVA_LONG.byteSize()));
  }

  /** The environment whose library it is of. */
  public OrtEnvironment environment() {
    return environment;
  }

  /**
   * Calls a function that returns a status.
   *
   * @param place of the function in the struct
   */
  public synchronized void call(int place, @Nullable Object... arguments) {
    try (Call call = new Call()) {
      call.run(place, arguments);
    }
  }

  /** Calls a function of an object, at most two whole numbers and a float. */
  public synchronized void call(int place, Owned object, long a, long b, float number) {
    try (Call call = new Call()) {
      environment.api().check(Calls.call(function(place), call.value(object), a, b, number));
    }
  }

  /** Calls a function whose last parameter is a pointer to what it gives, and returns that. */
  public synchronized long make(int place, @Nullable Object... arguments) {
    try (Call call = new Call()) {
      return call.make(place, arguments);
    }
  }

  /** Reads a text that {@link #ALLOCATOR} made, and frees it. */
  public String takeString(long address) {
    return environment.takeString(address);
  }

  /** Copies memory that {@link #ALLOCATOR} made to the heap, and frees it. */
  public MemorySegment takeBytes(long address, long size) {
    byte[] bytes = MemorySegment.ofAddress(address).reinterpret(size).toArray(JAVA_BYTE);
    environment.api().call(Function.AllocatorFree, environment.allocator(), address);
    return MemorySegment.ofArray(bytes);
  }

  /** As {@link #make} for a value. */
  public OrtValue makeValue(int place, @Nullable Object... arguments) {
    return OrtValue.take(environment, make(place, arguments), List.of(), List.of());
  }

  /**
   * As {@link #make} for an object that {@link Owned#close} releases.
   *
   * @param kind what it is called in messages
   * @param release place of the function that releases it
   * @param kept what it needs as long as it lives
   */
  public synchronized Owned makeOwned(
      String kind, int release, List<Owned> kept, int place, @Nullable Object... arguments) {
    Uses uses = new Uses(environment, kind);
    try (Call call = new Call(uses)) {
      kept.forEach(object -> uses.enter(object.lifetime, object.kind, environment));
      return new Owned(kind, call.make(place, arguments), release, uses);
    } catch (Throwable t) {
      uses.close();
      throw t;
    }
  }

  /**
   * Calls a function (object, null run options, number of inputs, inputs, number of outputs,
   * outputs) for values by position.
   *
   * @param outputs names to give to the outputs
   */
  public synchronized Outputs run(
      int place, Owned object, List<? extends OrtValue> inputs, List<String> outputs) {
    try (Call call = new Call()) {
      MemorySegment values = call.arena.allocate(JAVA_LONG, Math.max(1, outputs.size()));
      call.run(place, object, null, inputs.size(), inputs, outputs.size(), values);
      return Outputs.take(
          environment, outputs, values, call.uses.borrowed(), call.uses.allocators());
    }
  }

  private static @Nullable Object[] appended(@Nullable Object[] arguments, Object last) {
    @Nullable Object[] more = Arrays.copyOf(arguments, arguments.length + 1);
    more[arguments.length] = last;
    return more;
  }

  private MemorySegment function(int place) {
    return MemorySegment.ofAddress(table.getAtIndex(JAVA_LONG, place));
  }

  /** A native object that one of these functions made. Thread-safe; closing twice does nothing. */
  public final class Owned implements AutoCloseable {
    private final String kind;
    private final long handle;
    private final Lifetime lifetime;

    private Owned(String kind, long handle, int release, Uses kept) {
      this.kind = kind;
      this.handle = handle;
      this.lifetime =
          new Lifetime(
              kind,
              () -> {
                Calls.call(function(release), handle);
                kept.close();
              });
    }

    /** Releases the object, or leaves that to the call, or the object, that uses it. */
    @Override
    public void close() {
      lifetime.close();
    }
  }

  /** One call: turns arguments into what C takes, and ends what was made for that. */
  private final class Call implements AutoCloseable {
    private final Arena arena = Arena.ofConfined();
    private final Uses uses = new Uses(environment, "library");

    /** What the thing that is made uses as long as it lives. */
    private final Uses kept;

    private long options;

    Call() {
      kept = uses;
    }

    Call(Uses kept) {
      this.kept = kept;
    }

    long make(int place, @Nullable Object... arguments) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      run(place, appended(arguments, out));
      return out.get(JAVA_LONG, 0);
    }

    void run(int place, @Nullable Object... arguments) {
      long[] c = new long[10];
      for (int i = 0; i < arguments.length; i++) {
        c[i] = value(arguments[i]);
      }
      environment.api().check(Calls.callHolding(function(place), c, uses.held()));
    }

    long value(@Nullable Object argument) {
      return switch (argument) {
        case null -> 0;
        case Long number -> number;
        case Integer number -> number;
        case Boolean truth -> truth ? 1 : 0;
        case String text -> arena.allocateFrom(text).address();
        case Path path -> CStrings.path(arena, path).address();
        case MemorySegment memory -> {
          uses.hold(memory);
          yield memory.address();
        }
        case OrtEnvironment given -> given.handle();
        case SessionOptions given -> options = given.create(environment, uses, kept);
        case AbsentValue absent ->
            throw new IllegalArgumentException("An absent value cannot be given here.");
        case OrtValue value -> uses.enter(value);
        case List<?> values -> {
          MemorySegment handles = arena.allocate(JAVA_LONG, Math.max(1, values.size()));
          for (int i = 0; i < values.size(); i++) {
            handles.setAtIndex(JAVA_LONG, i, value(values.get(i)));
          }
          yield handles.address();
        }
        case Object marker when marker == ALLOCATOR -> environment.allocator();
        case Owned object -> {
          uses.enter(object.lifetime, object.kind, environment);
          yield object.handle;
        }
        default ->
            throw new IllegalArgumentException(
                "No such argument is known: " + argument.getClass().getName());
      };
    }

    @Override
    public void close() {
      if (options != 0) {
        environment.api().plain(Function.ReleaseSessionOptions, options);
      }
      uses.close();
      arena.close();
    }
  }
}
