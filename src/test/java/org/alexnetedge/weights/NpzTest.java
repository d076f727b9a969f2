package org.alexnetedge.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.alexnetedge.SharedData;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpzTest {
  @TempDir private Path folder;

  private Path npz(Map<String, byte[]> members) throws Exception {
    Path file = folder.resolve("a.npz");
    try (OutputStream out = Files.newOutputStream(file);
        ZipOutputStream zip = new ZipOutputStream(out)) {
      for (Map.Entry<String, byte[]> member : members.entrySet()) {
        zip.putNextEntry(new ZipEntry(member.getKey()));
        zip.write(member.getValue());
      }
    }
    return file;
  }

  @Test
  void deflated_members_are_read_by_name() throws Exception {
    byte[] array = Base64.getDecoder().decode(NumpyFiles.FORTRAN_BIG_ENDIAN);
    Path file = npz(Map.of("conv1/bias.npy", array, "readme.txt", new byte[3]));
    assertEquals(
        Map.of("conv1/bias", Tensor.ofFloats(new long[] {2, 3}, 0, 1, 2, 3, 4, 5)), Npz.read(file));
  }

  @Test
  void what_is_wrong_with_a_member_is_said_with_its_name() throws Exception {
    byte[] array = Base64.getDecoder().decode(NumpyFiles.FORTRAN_BIG_ENDIAN);
    Path file = npz(Map.of("w.npy", Arrays.copyOf(array, array.length - 1)));
    assertEquals(
        "'w.npy' in " + file + " is cut off: its array has 24 bytes, of which 23 are there.",
        assertThrows(WeightsException.class, () -> Npz.read(file)).getMessage());
  }

  @Test
  void a_zip_cut_off_anywhere_is_refused() throws Exception {
    byte[] whole =
        Files.readAllBytes(npz(Map.of("w.npy", Base64.getDecoder().decode(NumpyFiles.BFLOAT16))));
    for (int length = 0; length < whole.length; length++) {
      Path cut = Files.write(folder.resolve("cut.npz"), Arrays.copyOf(whole, length));
      WeightsException e = assertThrows(WeightsException.class, () -> Npz.read(cut));
      assertTrue(e.getMessage().contains("cut.npz"), e.getMessage());
    }
    Path none = folder.resolve("none.npz");
    assertThrows(WeightsException.class, () -> Npz.read(none));
  }

  @Test
  void numpys_own_archives_are_read() {
    Map<String, Tensor> gradients = Npz.read(reference("gradients/gradients.npz"));
    assertEquals(16, gradients.size());
    assertArrayEquals(new long[] {8, 3, 11, 11}, gradients.get("features.0.weight").shape());
    for (String file :
        List.of("gradients-lrn/gradients.npz", "keras/weights.npz", "keras/moving_after.npz")) {
      assertTrue(Npz.read(reference(file)).size() > 3, file);
    }
  }

  @Test
  void numpys_own_arrays_are_read() throws Exception {
    Tensor logits = Npy.read(reference("torchvision-narrow/logits.npy"));
    assertEquals(ElementType.FLOAT32, logits.type());
    assertArrayEquals(new long[] {4, 10}, logits.shape());
    Tensor crops = Npy.read(reference("torchvision-narrow/crops.npy"));
    Tensor input = Npy.read(reference("torchvision-narrow/input.npy"));
    // input.npy is crops.npy normalised: pixel (0, 0), channel red of the first picture.
    assertEquals((crops.longAt(0) / 255f - 0.485f) / 0.229f, input.doubleAt(0), 1e-6);
    Path copy = folder.resolve("copy.npy");
    Npy.write(copy, input);
    assertArrayEquals(
        Files.readAllBytes(reference("torchvision-narrow/input.npy")), Files.readAllBytes(copy));
  }

  private static Path reference(String path) {
    return SharedData.at("references/" + path);
  }
}
