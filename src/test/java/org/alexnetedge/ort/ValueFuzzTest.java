package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Threads that make, use wrongly and close the same values get exceptions, never a crash. */
@Tag("long")
class ValueFuzzTest {
  private static final int SECONDS = 60;
  private static final int THREADS = 4;

  @Test
  void a_minute_of_misuse_ends_no_process() {
    List<String> said = OtherLibrary.process(ValueFuzzTest.class, "1", String.valueOf(SECONDS));
    assertEquals(1, said.size(), said.toString());
    assertTrue(said.getFirst().matches("[0-9]+ done, [0-9]+ refused"), said.toString());
  }

  /** Arguments: seed, seconds. */
  public static void main(String[] arguments) throws InterruptedException {
    ValueFuzzTest fuzz = new ValueFuzzTest();
    long end = System.nanoTime() + 1_000_000_000L * Long.parseLong(arguments[1]);
    List<Thread> threads = new ArrayList<>();
    long[] counts = new long[2 * THREADS];
    List<Throwable> wrong = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      int number = t;
      Random random = new Random(Long.parseLong(arguments[0]) * THREADS + t);
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (System.nanoTime() < end) {
                      // The JVM sets it where an arena is closed under a reader.
                      Thread.interrupted();
                      try {
                        fuzz.step(random);
                        counts[2 * number]++;
                      } catch (IllegalStateException
                          | IllegalArgumentException
                          | IndexOutOfBoundsException
                          | OrtException
                          | WrongThreadException refused) {
                        counts[2 * number + 1]++;
                      } catch (Throwable other) {
                        synchronized (wrong) {
                          wrong.add(other);
                        }
                      }
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    wrong.stream().limit(3).forEach(Throwable::printStackTrace);
    long done = 0;
    long refused = 0;
    for (int t = 0; t < THREADS; t++) {
      done += counts[2 * t];
      refused += counts[2 * t + 1];
    }
    System.out.println(done + " done, " + refused + " refused");
  }

  private final OrtEnvironment ort = ModelFixture.environment();
  private final AtomicReferenceArray<OrtValue> values = new AtomicReferenceArray<>(12);
  private final AtomicReferenceArray<Arena> arenas = new AtomicReferenceArray<>(4);
  private final AtomicReferenceArray<Outputs> outputs = new AtomicReferenceArray<>(6);
  private final AtomicReferenceArray<Session> sessions = new AtomicReferenceArray<>(14);

  private ValueFuzzTest() {
    for (int i = 0; i < sessions.length(); i++) {
      sessions.set(i, open(i));
    }
    for (int i = 0; i < arenas.length(); i++) {
      arenas.set(i, Arena.ofShared());
    }
  }

  private static Session open(int number) {
    return switch (number) {
      case 0 -> TypedModels.identity(TypedModels.FLOATS);
      case 1 -> TypedModels.sequenceOfTwo();
      case 2 -> TypedModels.concat(TypedModels.FLOATS);
      case 3 -> TypedModels.append(TypedModels.FLOATS);
      case 4 -> TypedModels.zipMap(1, 2, 3);
      case 5 -> TypedModels.castMap(ElementType.FLOAT);
      case 6 -> TypedModels.dictVectorizer(ElementType.FLOAT, "a", "b");
      case 7 -> TypedModels.sparseMatMul();
      case 8 -> TypedModels.absent(TypedModels.FLOATS);
      case 9 -> TypedModels.hasElement(TypedModels.FLOATS);
      case 10 -> TypedModels.identity(TypedModels.optional(TypedModels.FLOATS));
      case 11 -> TypedModels.through(TypedModels.FLOATS);
      case 12 -> TypedModels.through(TypedModels.sparse(ElementType.FLOAT));
      default -> TypedModels.identity(TypedModels.sequence(TypedModels.FLOATS));
    };
  }

  private void step(Random random) {
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> replace(make(random), random);
      case 3 -> value(random).close();
      case 4 -> read(value(random), random);
      case 5, 6, 7 -> run(random);
      case 8 -> bind(random);
      case 9 -> {
        Outputs out = outputs.get(random.nextInt(outputs.length()));
        if (out != null) {
          out.close();
        }
      }
      case 10 -> {
        int i = random.nextInt(arenas.length());
        Arena arena = arenas.get(i);
        arena.close();
        arenas.compareAndSet(i, arena, Arena.ofShared());
      }
      default -> {
        if (random.nextInt(20) == 0) {
          int i = random.nextInt(sessions.length());
          Session before = sessions.getAndSet(i, open(i));
          before.close();
        }
      }
    }
  }

  private OrtValue value(Random random) {
    OrtValue value = values.get(random.nextInt(values.length()));
    if (value == null) {
      throw new IllegalStateException("none yet");
    }
    return value;
  }

  /** What was there is closed, now or by whoever still has it in its hands. */
  private void replace(OrtValue value, Random random) {
    OrtValue before = values.getAndSet(random.nextInt(values.length()), value);
    if (before != null && random.nextBoolean()) {
      before.close();
    }
  }

  private OrtValue make(Random random) {
    int n = 1 + random.nextInt(5000);
    MemorySegment floats = MemorySegment.ofArray(new float[n]);
    long[] places = new long[n];
    Arrays.setAll(places, i -> random.nextInt(n + 1) - random.nextInt(2));
    return switch (random.nextInt(11)) {
      case 0 -> Tensor.copyOf(ort, floats, ElementType.FLOAT, n);
      case 1 -> {
        Arena arena = arenas.get(random.nextInt(arenas.length()));
        yield Tensor.wrap(ort, arena.allocate(4L * n, 64), ElementType.FLOAT, n);
      }
      case 2 -> {
        Session session = sessions.get(random.nextInt(sessions.length()));
        yield Tensor.allocate(session, Memory.CPU, ElementType.FLOAT, n);
      }
      case 3 -> Tensor.ofStrings(ort, new String[] {"a", "c"}, 2);
      case 4 -> Tensor.copyOf(ort, MemorySegment.ofArray(places), ElementType.INT64, n);
      case 5 -> SequenceValue.of(ort, List.of(value(random), value(random)));
      case 6 ->
          value(random) instanceof Tensor keys && value(random) instanceof Tensor numbers
              ? MapValue.of(ort, keys, numbers)
              : SequenceValue.of(ort, List.of(value(random)));
      case 7 -> SparseTensor.coo(ort, ElementType.FLOAT, new long[] {n, 3}, floats, places);
      case 8 ->
          SparseTensor.csr(
              ort,
              ElementType.FLOAT,
              new long[] {2, n},
              floats,
              places,
              new long[] {0, random.nextInt(n + 1), n});
      case 9 ->
          SparseTensor.blockSparse(
              ort,
              ElementType.FLOAT,
              new long[] {n, n},
              floats,
              new long[] {1, 1, n},
              new int[2 * n]);
      default ->
          value(random) instanceof SequenceValue sequence
              ? sequence.get(random.nextInt(3))
              : SequenceValue.of(ort, List.of(value(random)));
    };
  }

  private static void read(OrtValue value, Random random) {
    switch (value) {
      case Tensor tensor when tensor.type() == ElementType.STRING -> tensor.strings();
      case Tensor tensor -> {
        switch (random.nextInt(4)) {
          case 0 -> tensor.data().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
          case 1 -> tensor.copyFrom(MemorySegment.ofArray(new byte[(int) tensor.byteSize()]));
          case 2 -> tensor.memory();
          default -> tensor.toArray();
        }
      }
      case SequenceValue sequence -> sequence.get(random.nextInt(sequence.size() + 1)).close();
      case MapValue map -> map.toMap();
      case SparseTensor sparse -> {
        sparse.copyTo(MemorySegment.ofArray(new byte[(int) sparse.byteSize()]));
        switch (random.nextInt(3)) {
          case 0 -> sparse.indices();
          case 1 -> sparse.columns();
          default -> sparse.blockIndices();
        }
      }
      case AbsentValue absent -> absent.toString();
    }
  }

  private void run(Random random) {
    Session session = sessions.get(random.nextInt(sessions.length()));
    Map<String, OrtValue> inputs = new java.util.HashMap<>();
    for (ValueInfo input : session.inputs()) {
      if (random.nextInt(10) != 0) {
        inputs.put(input.name(), value(random));
      }
    }
    keep(session.run(inputs), random);
  }

  private void bind(Random random) {
    Session session = sessions.get(random.nextInt(sessions.length()));
    try (IoBinding binding = new IoBinding(session)) {
      for (int i = 0; i < 2; i++) {
        for (ValueInfo input : session.inputs()) {
          binding.bindInput(input.name(), value(random));
        }
        for (ValueInfo output : session.outputs()) {
          if (random.nextInt(10) == 0) {
            binding.bindOutput(output.name(), value(random));
          } else {
            binding.bindOutput(output.name());
          }
        }
        binding.run();
        if (!session.inputs().isEmpty() && random.nextBoolean()) {
          binding.bindInput(session.inputs().getFirst().name(), value(random));
        }
        keep(binding.outputs(), random);
      }
    }
  }

  private void keep(Outputs made, Random random) {
    Outputs before = outputs.getAndSet(random.nextInt(outputs.length()), made);
    if (before != null) {
      before.close();
    }
    made.values().values().forEach(value -> replace(value, random));
  }
}
