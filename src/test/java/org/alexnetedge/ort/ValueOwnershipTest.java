package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.ConcurrentModificationException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** Who owns sequences, maps, sparse tensors and what they are made of; tensors: OwnershipTest. */
@Timeout(120)
class ValueOwnershipTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  /** Large enough that it is given back to the system when it is freed. */
  private static final int LARGE = 40_000_000;

  @Test
  void closing_twice_does_nothing_and_use_after_closing_says_what_is_closed() {
    Tensor element = floats(1);
    Tensor key = Tensor.ofStrings(ORT, new String[] {"k"}, 1);
    SequenceValue sequence = SequenceValue.of(ORT, List.of(element));
    MapValue map = MapValue.of(ORT, key, element);
    SparseTensor sparse = sparse();
    try (Session concat = TypedModels.concat(TypedModels.FLOATS);
        Session matMul = TypedModels.sparseMatMul();
        Session dict = TypedModels.dictVectorizer(ElementType.FLOAT, "k");
        IoBinding binding = new IoBinding(concat)) {
      binding.bindInput("x", sequence);
      binding.bindOutput("y");
      binding.run();
      for (OrtValue value : List.of(sequence, map, sparse)) {
        value.close();
        value.close();
      }
      String closed = "The sequence is closed.";
      assertClosed(closed, sequence::size);
      assertClosed(closed, () -> sequence.get(0));
      assertClosed(closed, () -> concat.run(Map.of("x", sequence)));
      assertClosed(closed, () -> SequenceValue.of(ORT, List.of(sequence)));
      assertClosed(closed, () -> binding.bindInput("x", sequence));
      assertClosed(closed, binding::run);
      closed = "The map is closed.";
      assertClosed(closed, map::keys);
      assertClosed(closed, map::values);
      assertClosed(closed, map::toMap);
      assertClosed(closed, () -> SequenceValue.of(ORT, List.of(map)));
      assertClosed(closed, () -> dict.run(Map.of("x", map)));
      closed = "The sparse tensor is closed.";
      assertClosed(closed, sparse::indices);
      assertClosed(closed, () -> sparse.copyTo(MemorySegment.ofArray(new float[2])));
      assertClosed(closed, () -> matMul.run(Map.of("x", sparse, "b", element)));
      assertEquals("sparse FLOAT[2, 3]", sparse.toString());
    }
    element.close();
    assertClosed("The tensor is closed.", () -> SequenceValue.of(ORT, List.of(element)));
    assertClosed("The tensor is closed.", () -> MapValue.of(ORT, key, element));
    assertClosed(
        "The tensor is closed.", () -> element.copyFrom(MemorySegment.ofArray(new int[1])));
    assertClosed("The tensor is closed.", element::toArray);
    assertClosed("The tensor is closed.", element::memory);
    key.close();
  }

  @Test
  void elements_outlive_their_sequence_and_a_sequence_its_elements() {
    Tensor a = floats(1, 2);
    SequenceValue sequence = SequenceValue.of(ORT, List.of(a));
    a.close();
    Tensor element = sequence.tensor(0);
    MemorySegment data = element.data();
    sequence.close();
    assertArrayEquals(new float[] {1, 2}, element.toFloatArray());
    assertEquals(2, data.getAtIndex(ValueLayout.JAVA_FLOAT, 1));
    element.close();
    assertThrows(IllegalStateException.class, () -> data.get(ValueLayout.JAVA_FLOAT, 0));
  }

  @Test
  void a_sequence_over_memory_that_is_gone_is_noticed_wherever_it_is_used() {
    try (Session concat = TypedModels.concat(TypedModels.FLOATS);
        IoBinding binding = new IoBinding(concat)) {
      for (Arena arena : List.of(Arena.ofConfined(), Arena.ofShared())) {
        MemorySegment memory = arena.allocate(LARGE, 64);
        Tensor element = Tensor.wrap(ORT, memory, ElementType.FLOAT, LARGE / 4);
        SequenceValue sequence = SequenceValue.of(ORT, List.of(element));
        element.close();
        binding.bindInput("x", sequence);
        binding.bindOutput("y");
        binding.run();
        sequence.tensor(0).close();
        arena.close();
        assertClosed("Already closed", () -> sequence.get(0));
        assertClosed("Already closed", () -> sequence.tensor(0));
        assertClosed("Already closed", () -> concat.run(Map.of("x", sequence)));
        assertClosed("Already closed", binding::run);
        assertClosed("Already closed", () -> SequenceValue.of(ORT, List.of(element(arena))));
        assertEquals(1, sequence.size());
        sequence.close();
      }
    }
  }

  private static Tensor element(Arena closed) {
    return Tensor.wrap(ORT, closed.allocate(4, 4), ElementType.FLOAT, 1);
  }

  @Test
  void values_are_not_made_of_tensors_whose_memory_is_gone() {
    Arena arena = Arena.ofShared();
    Tensor numbers =
        Tensor.wrap(ORT, arena.allocateFrom(ValueLayout.JAVA_LONG, 1), ElementType.INT64, 1);
    MemorySegment memory = arena.allocate(8);
    arena.close();
    assertClosed("Already closed", () -> SequenceValue.of(ORT, List.of(numbers)));
    assertClosed("Already closed", () -> MapValue.of(ORT, numbers, numbers));
    assertClosed("Already closed", () -> Tensor.copyOf(ORT, memory, ElementType.INT64, 1));
    assertClosed(
        "Already closed",
        () -> SparseTensor.coo(ORT, ElementType.INT64, new long[] {2, 2}, memory, 1));
    numbers.close();
  }

  @Test
  void confined_memory_of_another_thread_is_refused() throws Exception {
    try (Arena arena = Arena.ofConfined();
        Tensor element = Tensor.wrap(ORT, arena.allocate(8, 8), ElementType.INT64, 1);
        SequenceValue sequence = SequenceValue.of(ORT, List.of(element));
        Session concat = TypedModels.concat(TypedModels.LONGS)) {
      try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
        thread
            .submit(
                () -> {
                  assertWrongThread(() -> sequence.get(0));
                  assertWrongThread(() -> SequenceValue.of(ORT, List.of(element)));
                  assertWrongThread(() -> MapValue.of(ORT, element, element));
                  assertWrongThread(() -> concat.run(Map.of("x", sequence)));
                })
            .get();
      }
      concat.run(Map.of("x", sequence)).close();
    }
  }

  @Test
  void values_that_are_closed_while_others_use_them_give_results_or_exceptions() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(3);
        Session concat = TypedModels.concat(TypedModels.FLOATS);
        Session matMul = TypedModels.sparseMatMul();
        Tensor b = Tensor.ofFloats(ORT, new float[6], 3, 2);
        Tensor key = Tensor.ofStrings(ORT, new String[] {"k"}, 1);
        Tensor one = floats(5)) {
      for (int round = 0; round < 100; round++) {
        SequenceValue sequence = SequenceValue.of(ORT, List.of(one, one));
        MapValue map = MapValue.of(ORT, key, one);
        SparseTensor sparse = sparse();
        List<Executable> uses =
            List.of(
                () -> {
                  try (Tensor element = sequence.tensor(1);
                      Outputs outputs = concat.run(Map.of("x", sequence))) {
                    assertEquals(5, element.toFloatArray()[0]);
                    assertEquals(5, outputs.tensor("y").toFloatArray()[1]);
                  }
                },
                () -> assertEquals(Map.of("k", 5f), map.toMap()),
                () -> {
                  assertArrayEquals(new long[] {0, 1, 1, 2}, sparse.indices());
                  matMul.run(Map.of("x", sparse, "b", b)).close();
                });
        CountDownLatch started = new CountDownLatch(uses.size());
        List<Future<?>> all = new ArrayList<>();
        for (Executable use : uses) {
          all.add(
              threads.submit(
                  () -> {
                    started.countDown();
                    IllegalStateException closed =
                        assertThrows(
                            IllegalStateException.class,
                            () -> {
                              while (true) {
                                use.execute();
                              }
                            });
                    assertTrue(closed.getMessage().endsWith("is closed."), closed.getMessage());
                  }));
        }
        started.await();
        sequence.close();
        map.close();
        sparse.close();
        for (Future<?> use : all) {
          use.get();
        }
      }
    }
  }

  @Test
  void inputs_that_change_while_a_run_begins_are_refused() {
    try (Session session = ModelFixture.open(ModelFixture.add(1));
        Tensor a = floats(1)) {
      // Says one thing when it is counted and another when it is read.
      Map<String, OrtValue> changing =
          new HashMap<>(Map.of("a", a)) {
            private static final long serialVersionUID = 1;

            @Override
            public Set<Entry<String, OrtValue>> entrySet() {
              return Map.<String, OrtValue>of("a", a, "b", a).entrySet();
            }
          };
      assertThrows(ConcurrentModificationException.class, () -> session.run(changing));
    }
  }

  private static SparseTensor sparse() {
    return SparseTensor.coo(
        ORT,
        ElementType.FLOAT,
        new long[] {2, 3},
        MemorySegment.ofArray(new float[] {1, 2}),
        0,
        1,
        1,
        2);
  }

  private static Tensor floats(float... values) {
    return Tensor.ofFloats(ORT, values, values.length);
  }

  private static void assertWrongThread(Executable use) {
    assertThrows(WrongThreadException.class, use);
  }

  private static void assertClosed(String message, Executable use) {
    assertEquals(message, assertThrows(IllegalStateException.class, use).getMessage());
  }
}
