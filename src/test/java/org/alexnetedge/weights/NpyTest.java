package org.alexnetedge.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpyTest {
  @TempDir private Path folder;

  private Tensor read(byte[] content) throws Exception {
    return Npy.read(Files.write(folder.resolve("a.npy"), content));
  }

  private Tensor numpy(String base64) throws Exception {
    return read(Base64.getDecoder().decode(base64));
  }

  private String refusal(byte[] content) {
    String message = assertThrows(WeightsException.class, () -> read(content)).getMessage();
    Path file = folder.resolve("a.npy");
    assertTrue(message.startsWith(file.toString()) && message.endsWith("."), message);
    return message.substring(file.toString().length() + 1);
  }

  /** A version 1 file without padding, which NumPy's reader takes as well. */
  private static byte[] npy(String header, int... data) {
    byte[] text = header.getBytes(StandardCharsets.ISO_8859_1);
    byte[] file =
        Arrays.copyOf(
            new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0},
            10 + text.length + data.length);
    file[8] = (byte) text.length;
    file[9] = (byte) (text.length >> 8);
    System.arraycopy(text, 0, file, 10, text.length);
    for (int i = 0; i < data.length; i++) {
      file[10 + text.length + i] = (byte) data[i];
    }
    return file;
  }

  @Test
  void big_endian_and_fortran_order_come_out_little_endian_in_c_order() throws Exception {
    assertEquals(
        Tensor.ofFloats(new long[] {2, 3}, 0, 1, 2, 3, 4, 5), numpy(NumpyFiles.FORTRAN_BIG_ENDIAN));
    Tensor cube = numpy(NumpyFiles.FORTRAN_CUBE);
    assertArrayEquals(new long[] {2, 3, 4}, cube.shape());
    for (int i = 0; i < 24; i++) {
      assertEquals(i, cube.longAt(i));
    }
    Tensor complex = numpy(NumpyFiles.COMPLEX_BIG_ENDIAN);
    assertEquals(ElementType.COMPLEX64, complex.type());
    assertArrayEquals(
        new byte[] {0, 0, (byte) 0x80, 0x3f, 0, 0, 0, 0x40},
        complex.data().toArray(ValueLayout.JAVA_BYTE));
  }

  @Test
  void all_versions_of_the_format_are_read() throws Exception {
    Tensor second = numpy(NumpyFiles.VERSION_2);
    assertArrayEquals(new long[] {1, 2, 3}, second.shape());
    assertArrayEquals(new long[] {0, 1, 2, 3, 4, 5}, second.toLongs());
    Tensor third = numpy(NumpyFiles.VERSION_3_SCALAR);
    assertEquals(0, third.rank());
    assertEquals(2.5, third.doubleAt(0));
  }

  @Test
  void text_is_read_without_its_filling() throws Exception {
    Tensor unicode = numpy(NumpyFiles.UNICODE);
    assertEquals(List.of("tench", "Größe", "", "𝄞x"), unicode.strings());
    assertArrayEquals(new long[] {2, 2}, unicode.shape());
    assertEquals(List.of("né"), numpy(NumpyFiles.UNICODE_BIG_ENDIAN).strings());
    assertEquals(List.of("ab", "c"), numpy(NumpyFiles.BYTES).strings());
  }

  @Test
  void bfloat16_and_empty_arrays_are_read() throws Exception {
    assertArrayEquals(new float[] {1.5f, -2}, numpy(NumpyFiles.BFLOAT16).toFloats());
    assertArrayEquals(new long[] {3, 0, 2}, numpy(NumpyFiles.EMPTY).shape());
  }

  @Test
  void what_is_not_an_array_of_numbers_is_refused_with_the_reason() {
    Base64.Decoder base64 = Base64.getDecoder();
    assertTrue(refusal(base64.decode(NumpyFiles.OBJECTS)).contains("Python objects (a pickle)"));
    assertTrue(refusal(base64.decode(NumpyFiles.FIELDS)).contains("several fields"));
    assertEquals(
        "has elements of NumPy's type '<M8[D]', which is not supported.",
        refusal(base64.decode(NumpyFiles.DATES)));
    assertEquals(
        "is not a NumPy array (.npy): it begins otherwise.",
        refusal("PK and more text".getBytes(StandardCharsets.US_ASCII)));
    assertEquals("is empty.", refusal(new byte[0]));
    Path none = folder.resolve("none.npy");
    assertEquals(
        "There is no file " + none + ".",
        assertThrows(WeightsException.class, () -> Npy.read(none)).getMessage());
  }

  @Test
  void every_number_type_comes_back_from_a_file() {
    Set<ElementType> types = EnumSet.range(ElementType.FLOAT32, ElementType.BFLOAT16);
    types.remove(ElementType.STRING);
    Random random = new Random(3);
    for (ElementType type : types) {
      for (long[] shape : new long[][] {{}, {0}, {5}, {2, 3}, {2, 1, 0}, {1, 2, 3, 4}}) {
        long size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        byte[] content = new byte[(int) type.byteSize(size)];
        random.nextBytes(content);
        MemorySegment data = Arena.ofAuto().allocate(content.length, 8);
        data.copyFrom(MemorySegment.ofArray(content));
        Tensor tensor = Tensor.of(type, shape, data);
        Path file = folder.resolve("b.npy");
        Npy.write(file, tensor);
        assertEquals(tensor, Npy.read(file));
      }
    }
  }

  @Test
  void what_is_written_is_byte_for_byte_what_numpy_writes() throws Exception {
    Path file = folder.resolve("c.npy");
    for (String numpy : List.of(NumpyFiles.BFLOAT16, NumpyFiles.EMPTY)) {
      byte[] expected = Base64.getDecoder().decode(numpy);
      Npy.write(file, read(expected));
      assertArrayEquals(expected, Files.readAllBytes(file));
    }
  }

  @Test
  void what_cannot_be_written_is_said() {
    Tensor text = Tensor.ofStrings(new long[] {1}, List.of("a"));
    assertThrows(IllegalArgumentException.class, () -> Npy.write(folder.resolve("t.npy"), text));
    Path nowhere = folder.resolve("no/t.npy");
    assertEquals(
        nowhere + " cannot be written: there is no such file or folder.",
        assertThrows(
                WeightsException.class,
                () -> Npy.write(nowhere, Tensor.ofFloats(new long[] {1}, 1)))
            .getMessage());
  }

  @Test
  void a_file_cut_off_anywhere_is_refused() {
    byte[] whole = Base64.getDecoder().decode(NumpyFiles.VERSION_2);
    for (int length = 0; length < whole.length; length++) {
      refusal(Arrays.copyOf(whole, length));
    }
    assertTrue(
        refusal(Arrays.copyOf(whole, whole.length - 5))
            .contains("its array has 12 bytes, of which 7 are there"));
  }

  @Test
  void damaged_headers_never_do_anything_but_be_refused_or_read() throws Exception {
    byte[] whole = Base64.getDecoder().decode(NumpyFiles.UNICODE);
    Random random = new Random(4);
    for (int i = 0; i < 800; i++) {
      byte[] damaged = whole.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      damaged[random.nextInt(80)] = (byte) (32 + random.nextInt(95));
      try {
        read(damaged);
      } catch (WeightsException e) {
        assertTrue(e.getMessage().contains("a.npy"), e.getMessage());
      }
    }
  }

  @Test
  void impossible_sizes_are_refused() {
    String rest = "', 'fortran_order': False, 'shape': ";
    assertTrue(
        refusal(npy("{'descr': '<f4" + rest + "(4611686018427387904,)}")).contains("header"));
    assertTrue(
        refusal(npy("{'descr': '<f4" + rest + "(400000000000000000, 400000000000000000)}"))
            .contains("impossible number"));
    assertTrue(
        refusal(npy("{'descr': '<U0" + rest + "(400000000000000000,)}")).contains("empty texts"));
    assertTrue(refusal(npy("{'descr': '<f4" + rest + "(-1,)}")).contains("header"));
    assertTrue(refusal(npy("nothing")).contains("header"));
  }

  @Test
  void headers_as_python_2_wrote_them_are_read() throws Exception {
    assertEquals(
        7, read(npy("{\"shape\": (1L,), 'fortran_order': False, 'descr': '|u1'}\n", 7)).longAt(0));
  }
}
