package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SparseTensorsTest {
  private static final OrtEnvironment ORT = ModelFixture.environment();

  /** (0 2 0; 0 0 -3) times (1 2; 3 4; 5 6). */
  private static final float[] PRODUCT = {6, 8, -15, -18};

  @Test
  void coordinates_go_in() {
    try (Session session = TypedModels.sparseMatMul();
        SparseTensor x = coo(2, 3, new float[] {2, -3}, 0, 1, 1, 2);
        Tensor b = Tensor.ofFloats(ORT, new float[] {1, 2, 3, 4, 5, 6}, 3, 2)) {
      try (Outputs outputs = session.run(Map.of("x", x, "b", b))) {
        assertArrayEquals(PRODUCT, outputs.tensor("y").toFloatArray());
      }
      try (IoBinding binding = new IoBinding(session)) {
        binding.bindInput("x", x);
        binding.bindInput("b", b);
        binding.bindOutput("y");
        binding.run();
        try (Outputs outputs = binding.outputs()) {
          assertArrayEquals(PRODUCT, outputs.tensor("y").toFloatArray());
        }
      }
    }
  }

  @Test
  void compressed_rows_go_in() {
    try (Session session = TypedModels.sparseMatMul();
        SparseTensor x = csr(2, 3, new float[] {2, -3}, new long[] {1, 2}, new long[] {0, 1, 2});
        Tensor b = Tensor.ofFloats(ORT, new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
        Outputs outputs = session.run(Map.of("x", x, "b", b))) {
      assertArrayEquals(PRODUCT, outputs.tensor("y").toFloatArray());
    }
  }

  @Test
  void a_matrix_without_values_is_zero() {
    try (Session session = TypedModels.sparseMatMul();
        SparseTensor x = coo(2, 3, new float[0]);
        Tensor b = Tensor.ofFloats(ORT, new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
        Outputs outputs = session.run(Map.of("x", x, "b", b))) {
      assertArrayEquals(new float[4], outputs.tensor("y").toFloatArray());
      assertEquals(0, x.byteSize());
      assertArrayEquals(new long[0], x.indices());
      assertArrayEquals(new float[0], values(x));
    }
  }

  @Test
  void a_sparse_constant_comes_out_by_flat_coordinates() {
    try (Session session = TypedModels.sparseConstant(new float[] {1.5f, -2.5f, 4}, 2, 3, 11);
        Outputs outputs = session.run(Map.of())) {
      assertEquals("float[3,4]", session.outputs().getFirst().type().toString());
      SparseTensor y = outputs.sparse("y");
      assertEquals("sparse FLOAT[3, 4]", y.toString());
      assertEquals(SparseTensor.Format.COO, y.format());
      assertArrayEquals(new long[] {3, 4}, y.shape());
      assertArrayEquals(new long[] {3}, y.valuesShape());
      assertArrayEquals(new long[] {2, 3, 11}, y.indices());
      assertArrayEquals(new float[] {1.5f, -2.5f, 4}, values(y));
      assertEquals(
          "The output 'y' is no tensor but this: sparse tensor.",
          assertThrows(IllegalStateException.class, () -> outputs.tensor("y")).getMessage());
    }
  }

  @Test
  void what_goes_through_is_what_went_in() {
    try (Session session = TypedModels.through(TypedModels.sparse(ElementType.FLOAT));
        SparseTensor x = csr(3, 3, new float[] {5, 6}, new long[] {2, 0}, new long[] {0, 1, 1, 2});
        Tensor a = Tensor.ofFloats(ORT, new float[] {1}, 1);
        Outputs outputs = session.run(Map.of("x", x, "a", a))) {
      assertEquals("sparse float[]", session.inputs().getFirst().type().toString());
      SparseTensor y = outputs.sparse("x");
      assertEquals(SparseTensor.Format.CSR, y.format());
      assertArrayEquals(new long[] {2, 0}, y.columns());
      assertArrayEquals(new long[] {0, 1, 1, 2}, y.rowStarts());
      assertArrayEquals(new float[] {5, 6}, values(y));
    }
  }

  @Test
  void blocks_are_read_back() {
    float[] blocks = {1, 2, 3, 4, 5, 6, 7, 8};
    try (SparseTensor x =
        SparseTensor.blockSparse(
            ORT,
            ElementType.FLOAT,
            new long[] {4, 12},
            MemorySegment.ofArray(blocks),
            new long[] {1, 4, 2},
            0,
            2,
            1,
            0)) {
      assertEquals(SparseTensor.Format.BLOCK_SPARSE, x.format());
      assertArrayEquals(new long[] {4, 12}, x.shape());
      assertArrayEquals(new long[] {1, 4, 2}, x.valuesShape());
      assertArrayEquals(new int[] {0, 2, 1, 0}, x.blockIndices());
      assertArrayEquals(blocks, values(x));
    }
  }

  @ParameterizedTest
  @EnumSource
  void every_type_of_whole_bytes_keeps_its_bytes(ElementType type) {
    byte[] bytes = new byte[Math.max(1, type.bits() / 8) * 2];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (37 * i + 1);
    }
    Executable make =
        () -> {
          try (SparseTensor x =
              SparseTensor.coo(ORT, type, new long[] {2, 3}, MemorySegment.ofArray(bytes), 1, 5)) {
            byte[] copy = new byte[bytes.length];
            x.copyTo(MemorySegment.ofArray(copy));
            assertArrayEquals(bytes, copy);
            assertEquals(type, x.type());
            assertArrayEquals(new long[] {1, 5}, x.indices());
          }
        };
    switch (type) {
      case STRING, INT4, UINT4, FLOAT4E2M1 ->
          assertRefused("There are no sparse tensors of " + type + ".", make);
      case COMPLEX64, COMPLEX128 -> assertFails("is not supported", make);
      default -> assertDoesNotThrow(make);
    }
  }

  @Test
  void what_it_is_made_from_is_copied_and_so_is_what_is_read() {
    Arena arena = Arena.ofShared();
    MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 3, 4);
    long[] indices = {0, 5};
    long[] shape = {2, 3};
    try (SparseTensor x = SparseTensor.coo(ORT, ElementType.FLOAT, shape, memory, indices)) {
      memory.fill((byte) 1);
      arena.close();
      indices[0] = 99;
      shape[0] = 99;
      x.indices()[0] = 98;
      x.shape()[0] = 98;
      x.valuesShape()[0] = 98;
      assertArrayEquals(new float[] {3, 4}, values(x));
      assertArrayEquals(new long[] {0, 5}, x.indices());
      assertArrayEquals(new long[] {2, 3}, x.shape());
      assertArrayEquals(new long[] {2}, x.valuesShape());
      assertThrows(
          IndexOutOfBoundsException.class, () -> x.copyTo(MemorySegment.ofArray(new float[1])));
    }
  }

  @Test
  void indices_of_another_format_are_refused() {
    try (SparseTensor x = coo(2, 3, new float[] {2}, 1)) {
      String message = "The sparse tensor's format is COO, which has no such indices.";
      for (Executable read : new Executable[] {x::columns, x::rowStarts, x::blockIndices}) {
        assertEquals(message, assertThrows(IllegalStateException.class, read).getMessage());
      }
    }
    try (SparseTensor x = csr(1, 1, new float[] {2}, new long[] {0}, new long[] {0, 1})) {
      assertThrows(IllegalStateException.class, x::indices);
    }
  }

  @Test
  void numbers_that_do_not_fit_together_are_refused_naming_them() {
    float[] two = {1, 2};
    assertRefused(
        "2 values need as many indices, or twice as many (row, column), not 3.",
        () -> coo(2, 3, two, 0, 1, 2));
    assertRefused(
        "7 bytes are no whole number of elements FLOAT.",
        () ->
            SparseTensor.coo(
                ORT, ElementType.FLOAT, new long[] {2, 3}, MemorySegment.ofArray(new byte[7])));
    assertRefused("A tensor's shape has no negative sizes: [-1, 3]", () -> coo(-1, 3, two, 0, 1));
    assertRefused(
        "2 values need as many columns, not 1.",
        () -> csr(2, 3, two, new long[] {1}, new long[] {0, 1, 2}));
    assertRefused(
        "Compressed rows of a matrix [2, 3] need one start more than there are rows, not 2.",
        () -> csr(2, 3, two, new long[] {1, 2}, new long[] {0, 2}));
    assertRefused(
        "Blocks FLOAT[2, 2, 1] (rows, columns, number) take 16 bytes; the values have 8.",
        () -> blocks(two, new long[] {2, 2, 1}, 0, 0));
    assertRefused(
        "Blocks FLOAT[2] (rows, columns, number) take 8 bytes; the values have 8.",
        () -> blocks(two, new long[] {2}, 0, 0, 0, 0));
    assertRefused(
        "2 blocks need twice as many indices (row, column), not 2.",
        () -> blocks(two, new long[] {1, 1, 2}, 0, 0));
  }

  @Test
  void places_outside_the_shape_are_refused_naming_them() {
    float[] two = {1, 2};
    assertFails("-1 must be in [0, 6)", () -> coo(2, 3, two, -1, 1));
    assertFails("6 must be in [0, 6)", () -> coo(2, 3, two, 0, 6));
    assertFails("(2, 0) must be in [0, 2) x [0, 3)", () -> coo(2, 3, two, 0, 0, 2, 0));
    assertFails(
        "inner index out of bounds: 3",
        () -> csr(2, 3, two, new long[] {0, 3}, new long[] {0, 1, 2}));
    assertFails("got: 5", () -> csr(2, 3, two, new long[] {0, 2}, new long[] {0, 1, 5}));
    assertFails("monotonically", () -> csr(2, 3, two, new long[] {0, 2}, new long[] {0, 5, 2}));
    assertFails("start at 0", () -> csr(2, 3, two, new long[] {0, 2}, new long[] {1, 1, 2}));
  }

  @Test
  void what_an_operator_cannot_take_is_an_error_and_no_crash() {
    try (Session session = TypedModels.sparseMatMul();
        Tensor b = Tensor.ofFloats(ORT, new float[6], 3, 2);
        SparseTensor flat = coo(2, 3, new float[] {1, 2}, 0, 1);
        SparseTensor block = blocks(new float[] {1, 2}, new long[] {1, 1, 2}, 0, 0, 1, 1);
        SparseTensor wide = coo(2, 5, new float[] {1}, 1, 4)) {
      assertFails("COO 2-D indices", () -> session.run(Map.of("x", flat, "b", b)));
      assertFails("COO and CSR", () -> session.run(Map.of("x", block, "b", b)));
      assertThrows(OrtException.class, () -> session.run(Map.of("x", wide, "b", b)));
      assertFails("'x'", () -> session.run(Map.of("x", b, "b", b)));
      assertFails("'b'", () -> session.run(Map.of("x", flat, "b", flat)));
    }
  }

  private static SparseTensor coo(long rows, long columns, float[] values, long... indices) {
    return SparseTensor.coo(
        ORT, ElementType.FLOAT, new long[] {rows, columns}, MemorySegment.ofArray(values), indices);
  }

  private static SparseTensor csr(
      long rows, long columns, float[] values, long[] places, long[] rowStarts) {
    return SparseTensor.csr(
        ORT,
        ElementType.FLOAT,
        new long[] {rows, columns},
        MemorySegment.ofArray(values),
        places,
        rowStarts);
  }

  private static SparseTensor blocks(float[] values, long[] valuesShape, int... indices) {
    return SparseTensor.blockSparse(
        ORT,
        ElementType.FLOAT,
        new long[] {2, 3},
        MemorySegment.ofArray(values),
        valuesShape,
        indices);
  }

  private static float[] values(SparseTensor tensor) {
    float[] values = new float[(int) tensor.byteSize() / Float.BYTES];
    tensor.copyTo(MemorySegment.ofArray(values));
    return values;
  }

  private static void assertRefused(String message, Executable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action).getMessage());
  }

  private static void assertFails(String part, Executable action) {
    OrtException e = assertThrows(OrtException.class, action);
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }
}
