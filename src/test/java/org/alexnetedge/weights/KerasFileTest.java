package org.alexnetedge.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.alexnetedge.SharedData;
import org.alexnetedge.onnx.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KerasFileTest {
  @TempDir private Path folder;

  @Test
  void an_archive_and_its_weights_alone_hold_what_numpy_holds_bit_for_bit() {
    Map<String, Tensor> expected = Npz.read(SharedData.at("references/keras/weights.npz"));
    try (Arena arena = Arena.ofConfined()) {
      for (String name : List.of("model.keras", "model.weights.h5")) {
        Map<String, Tensor> read = KerasFile.read(SharedData.at("references/keras/" + name), arena);
        assertEquals(new TreeMap<>(expected), new TreeMap<>(read), name);
      }
    }
  }

  @Test
  void the_configuration_gives_the_order_of_the_layers() {
    try (Arena arena = Arena.ofConfined()) {
      List<String> names =
          List.copyOf(
              KerasFile.read(SharedData.at("references/keras/model.keras"), arena).keySet());
      assertEquals(
          List.of("conv1/kernel", "conv1/bias", "bn1/gamma", "bn1/beta"), names.subList(0, 4));
      assertEquals("fc8/bias", names.getLast());
    }
  }

  @Test
  void layers_of_one_kind_come_in_the_order_of_their_numbers() throws IOException {
    Path file = folder.resolve("many.weights.h5");
    try (WritableHdfFile hdf = HdfFile.write(file)) {
      WritableGroup layers = hdf.putGroup("layers");
      for (int i = 11; i >= 0; i--) {
        WritableGroup vars = layers.putGroup(i == 0 ? "dense" : "dense_" + i).putGroup("vars");
        vars.putDataset("0", new float[][] {{i, 2}});
        vars.putDataset("1", new float[] {i, i});
      }
      hdf.putGroup("optimizer").putGroup("vars").putDataset("0", new float[] {1});
    }
    try (Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> read = KerasFile.read(file, arena);
      assertEquals(24, read.size());
      assertEquals(
          List.of("dense/kernel", "dense/bias", "dense_1/kernel", "dense_1/bias", "dense_2/kernel"),
          List.copyOf(read.keySet()).subList(0, 5));
      assertEquals("dense_11/bias", List.copyOf(read.keySet()).getLast());
      assertArrayEquals(new float[] {11, 2}, read.get("dense_11/kernel").toFloats());
    }
  }

  @Test
  void a_whole_model_of_keras_2_is_read_in_its_own_order() throws IOException {
    Path file = folder.resolve("old.h5");
    try (WritableHdfFile hdf = HdfFile.write(file)) {
      WritableGroup root = hdf.putGroup("model_weights");
      root.putAttribute("layer_names", new String[] {"zebra", "pool", "ape"});
      WritableGroup zebra = root.putGroup("zebra");
      zebra.putAttribute("weight_names", new String[] {"zebra/kernel:0", "zebra/bias:0"});
      zebra.putGroup("zebra").putDataset("kernel:0", new float[][] {{1, 2}, {3, 4}});
      ((WritableGroup) zebra.getChild("zebra")).putDataset("bias:0", new float[] {5, 6});
      root.putGroup("pool");
      WritableGroup ape = root.putGroup("ape");
      ape.putAttribute("weight_names", new String[] {"ape/gamma:0"});
      ape.putGroup("ape").putDataset("gamma:0", new double[] {0.5});
      hdf.putGroup("optimizer_weights").putDataset("momentum", new float[] {7});
    }
    try (Arena arena = Arena.ofConfined()) {
      Map<String, Tensor> read = KerasFile.read(file, arena);
      assertEquals(List.of("zebra/kernel", "zebra/bias", "ape/gamma"), List.copyOf(read.keySet()));
      assertArrayEquals(new long[] {2, 2}, read.get("zebra/kernel").shape());
      assertEquals(0.5, read.get("ape/gamma").doubleAt(0));
    }
  }

  @Test
  void a_file_that_is_cut_off_anywhere_is_said_to_be_so() throws IOException {
    for (String name : List.of("model.keras", "model.weights.h5")) {
      byte[] whole = Files.readAllBytes(SharedData.at("references/keras/" + name));
      Path cut = folder.resolve(name);
      SplittableRandom random = new SplittableRandom(1);
      for (int i = 0; i < 60; i++) {
        int length = i < 20 ? i * 40 : random.nextInt(whole.length);
        Files.write(cut, java.util.Arrays.copyOf(whole, length));
        try (Arena arena = Arena.ofConfined()) {
          WeightsException e =
              assertThrows(WeightsException.class, () -> KerasFile.read(cut, arena), "" + length);
          assertTrue(e.getMessage().contains(name), e.getMessage());
        }
      }
    }
  }

  /** The bytes that say where things are; flips in the weights themselves cannot be seen. */
  @Test
  void flipped_bits_give_weights_or_a_sentence() throws IOException {
    byte[] whole = Files.readAllBytes(SharedData.at("references/keras/model.weights.h5"));
    Path flipped = folder.resolve("flipped.h5");
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 400; i++) {
      byte[] copy = whole.clone();
      int place = i < 250 ? 8 * i : random.nextInt(copy.length);
      copy[place] ^= (byte) (1 << random.nextInt(8));
      Files.write(flipped, copy);
      try (Arena arena = Arena.ofConfined()) {
        KerasFile.read(flipped, arena);
      } catch (WeightsException e) {
        assertTrue(e.getMessage().contains("flipped.h5"), e.getMessage());
      }
    }
  }

  @Test
  void a_member_that_would_unpack_without_end_is_refused_before_memory_is_taken()
      throws IOException {
    Path file = folder.resolve("bomb.keras");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      zip.putNextEntry(new ZipEntry("model.weights.h5"));
      zip.write(new byte[] {1, 2, 3});
    }
    byte[] bytes = Files.readAllBytes(file);
    // The central directory's uncompressed size: 24 bytes after its signature PK 1 2.
    for (int i = 0; i + 28 < bytes.length; i++) {
      if (bytes[i] == 'P' && bytes[i + 1] == 'K' && bytes[i + 2] == 1 && bytes[i + 3] == 2) {
        bytes[i + 24] = bytes[i + 25] = bytes[i + 26] = (byte) 0xff;
        bytes[i + 27] = 0x7f;
      }
    }
    Files.write(file, bytes);
    assertSays(file, "would have 2147483647 bytes");
  }

  @Test
  void archives_and_files_of_something_else_are_named() throws IOException {
    Path other = folder.resolve("other.keras");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(other))) {
      zip.putNextEntry(new ZipEntry("readme.txt"));
    }
    assertSays(other, "without model.weights.h5");
    Path text = folder.resolve("text.h5");
    Files.writeString(text, "not HDF5 at all");
    assertSays(text, "is not a whole HDF5 file");
    Path config = folder.resolve("config.keras");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(config))) {
      zip.putNextEntry(new ZipEntry("model.weights.h5"));
      zip.putNextEntry(new ZipEntry("config.json"));
      zip.write("[]".getBytes(StandardCharsets.UTF_8));
    }
    assertSays(config, "does not describe a Keras model");
    Path empty = folder.resolve("empty.h5");
    try (WritableHdfFile hdf = HdfFile.write(empty)) {
      hdf.putDataset("numbers", new int[] {1, 2});
    }
    assertSays(empty, "without weights of a Keras model");
  }

  private static void assertSays(Path file, String words) {
    try (Arena arena = Arena.ofConfined()) {
      WeightsException e = assertThrows(WeightsException.class, () -> KerasFile.read(file, arena));
      assertTrue(e.getMessage().contains(words), e.getMessage());
    }
  }
}
