package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Resident memory stays flat when things are made, used and closed, errors included. */
@Tag("long")
class LeaksTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  @Test
  void ten_thousand_tensors_bindings_and_run_options() throws Exception {
    assertEquals("flat", FlatMemory.inProcess(LeaksTest.class, "calls"));
  }

  @Test
  void ten_thousand_values_of_every_kind() throws Exception {
    assertEquals("flat", FlatMemory.inProcess(LeaksTest.class, "values"));
  }

  @Test
  void ten_thousand_outputs_of_every_kind() throws Exception {
    assertEquals("flat", FlatMemory.inProcess(LeaksTest.class, "outputs"));
  }

  @Test
  void a_thousand_sessions() throws Exception {
    assertEquals("flat", FlatMemory.inProcess(LeaksTest.class, "sessions"));
  }

  public static void main(String[] arguments) throws IOException {
    switch (arguments[0]) {
      case "calls" -> calls();
      case "values" -> values();
      case "outputs" -> outputs();
      default -> sessions();
    }
  }

  private static void calls() throws IOException {
    String tag = "x".repeat(2000);
    try (Session session = ModelFixture.open(ModelFixture.add("n"))) {
      FlatMemory.say(
          10_000,
          () -> {
            try (IoBinding binding = new IoBinding(session);
                RunOptions options = new RunOptions(ORT);
                Tensor a = Tensor.allocate(ORT, ElementType.FLOAT, 10_000);
                Tensor wrong = Tensor.allocate(ORT, ElementType.INT64, 10_000);
                Tensor text = Tensor.ofStrings(ORT, new String[] {"some text", "more"}, 2)) {
              a.data().fill((byte) 0);
              text.strings();
              options.tag(tag);
              binding.bindInput("a", a);
              binding.bindInput("b", a);
              binding.bindOutput("y");
              binding.run(options);
              binding.outputs().close();
              session.run(Map.of("a", a, "b", a), List.of("y"), options).close();
              assertThrows(
                  OrtException.class, () -> session.run(Map.of("a", a, "b", wrong)).close());
              session.metadata();
            }
          });
    }
  }

  /** Each of some kilobytes, so that a leak shows. */
  private static void values() throws IOException {
    int n = 1000;
    float[] floats = new float[n];
    MemorySegment elements = MemorySegment.ofArray(floats);
    String[] texts = new String[n];
    long[] keys = new long[n];
    int[] blocks = new int[2 * n];
    long[] rowStarts = new long[n + 1];
    for (int i = 0; i < n; i++) {
      texts[i] = "a text, and its number " + i;
      keys[i] = i;
      rowStarts[i + 1] = i + 1;
    }
    long[] square = {n, n};
    try (Session session = ModelFixture.open(ModelFixture.add("n"));
        Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(4L * n, 4);
      FlatMemory.say(
          10_000,
          () -> {
            try (Tensor own = Tensor.allocate(ORT, ElementType.FLOAT, n);
                Tensor ofSession = Tensor.allocate(session, Memory.CPU, ElementType.FLOAT, n);
                Tensor wrapped = Tensor.wrap(ORT, memory, ElementType.FLOAT, n);
                Tensor copy = Tensor.copyOf(ORT, elements, ElementType.FLOAT, n);
                Tensor halves = Tensor.ofFloats(ORT, ElementType.FLOAT16, floats, n);
                Tensor text = Tensor.ofStrings(ORT, texts, n);
                Tensor numbers =
                    Tensor.copyOf(ORT, MemorySegment.ofArray(keys), ElementType.INT64, n);
                SequenceValue sequence =
                    SequenceValue.of(ORT, List.of(own, ofSession, wrapped, copy));
                MapValue map = MapValue.of(ORT, numbers, copy);
                MapValue named = MapValue.of(ORT, text, copy);
                SequenceValue maps = SequenceValue.of(ORT, List.of(map));
                SparseTensor coo =
                    SparseTensor.coo(ORT, ElementType.FLOAT, square, elements, keys);
                SparseTensor csr =
                    SparseTensor.csr(ORT, ElementType.FLOAT, square, elements, keys, rowStarts);
                SparseTensor blocky =
                    SparseTensor.blockSparse(
                        ORT, ElementType.FLOAT, square, elements, new long[] {1, 1, n}, blocks)) {
              own.data().fill((byte) 0);
              ofSession.data();
              own.copyFrom(elements);
              wrapped.toArray();
              halves.toFloatArray();
              text.strings();
              for (int i = 0; i < 4; i++) {
                sequence.tensor(i).close();
              }
              maps.get(0).close();
              map.toMap();
              named.keys().close();
              coo.indices();
              csr.columns();
              csr.rowStarts();
              blocky.blockIndices();
              own.memory();
              assertThrows(OrtException.class, () -> MapValue.of(ORT, copy, copy));
              assertThrows(OrtException.class, () -> SequenceValue.of(ORT, List.of(copy, numbers)));
              assertThrows(
                  OrtException.class,
                  () -> SparseTensor.coo(ORT, ElementType.FLOAT, new long[] {1}, elements, keys));
              assertThrows(
                  OrtException.class,
                  () -> Tensor.allocate(session, Memory.cuda(0), ElementType.FLOAT, n));
            }
          });
    }
  }

  private static void outputs() throws IOException {
    int n = 1000;
    long[] labels = new long[n];
    float[] values = new float[500];
    long[] places = new long[500];
    for (int i = 0; i < n; i++) {
      labels[i] = i;
    }
    java.util.Arrays.fill(values, 1);
    for (int i = 0; i < places.length; i++) {
      places[i] = i % 12;
    }
    try (Session tensors = TypedModels.identity(TypedModels.FLOATS);
        Session texts = TypedModels.identity(TypedModels.tensor(ElementType.STRING));
        Session sequences = TypedModels.append(TypedModels.FLOATS);
        Session maps = TypedModels.zipMap(labels);
        Session sparse = TypedModels.sparseConstant(values, places);
        Session absent = TypedModels.absent(TypedModels.FLOATS);
        Session through = TypedModels.through(TypedModels.FLOATS);
        Tensor row = Tensor.ofFloats(ORT, new float[n], 1, n);
        Tensor one = Tensor.ofFloats(ORT, new float[1], 1);
        Tensor text = Tensor.ofStrings(ORT, new String[] {"x".repeat(4000)}, 1);
        SequenceValue sequence = SequenceValue.of(ORT, List.of(row))) {
      FlatMemory.say(
          10_000,
          () -> {
            for (boolean bound : new boolean[] {false, true}) {
              run(tensors, Map.of("x", row), bound).close();
              run(texts, Map.of("x", text), bound).close();
              try (Outputs outputs = run(sequences, Map.of("x", sequence, "a", row), bound)) {
                outputs.sequence("y").tensor(1).close();
              }
              try (Outputs outputs = run(maps, Map.of("x", row), bound);
                  OrtValue map = outputs.sequence("y").get(0)) {
                ((MapValue) map).values().close();
              }
              try (Outputs outputs = run(sparse, Map.of(), bound)) {
                outputs.sparse("y").indices();
              }
              run(absent, Map.of(), bound).close();
              run(through, Map.of("x", row, "a", one), bound).close();
            }
          });
    }
  }

  private static Outputs run(Session session, Map<String, OrtValue> inputs, boolean bound) {
    if (!bound) {
      return session.run(inputs);
    }
    try (IoBinding binding = new IoBinding(session)) {
      inputs.forEach(binding::bindInput);
      session.outputs().forEach(output -> binding.bindOutput(output.name()));
      binding.run();
      return binding.outputs();
    }
  }

  private static void sessions() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment model = ModelFixture.conv(400).bytes(arena);
      MemorySegment broken = arena.allocate(1000);
      SessionOptions options = SessionOptions.builder().intraOpThreads(2).build();
      FlatMemory.say(
          1000,
          () -> {
            try (Session session = Session.open(ORT, model, options);
                Tensor x = Tensor.allocate(ORT, ElementType.FLOAT, 1, 3, 10, 10)) {
              session.run(Map.of("x", x)).close();
            }
            assertThrows(OrtException.class, () -> Session.open(ORT, broken, options));
            assertThrows(OrtException.class, () -> ORT.check(Provider.cuda(0)));
          });
    }
  }
}
