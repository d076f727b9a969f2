package org.alexnetedge.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightFileTest {
  private static final String TAKEN =
      " Weights are taken from PyTorch (.pth, .pt), safetensors, NumPy (.npz) and Keras (.keras,"
          + " .h5) files.";

  @TempDir private Path folder;

  private WeightFile.Format format(byte[] content) throws Exception {
    return Signature.format(Files.write(folder.resolve("weights"), content));
  }

  private String refusal(byte[] content) {
    String message = assertThrows(WeightsException.class, () -> format(content)).getMessage();
    return message.replace(folder.resolve("weights") + " ", "");
  }

  private String refusal(String content) {
    return refusal(content.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static byte[] zip(String... members) throws Exception {
    Map<String, byte[]> contents = new LinkedHashMap<>();
    for (String member : members) {
      contents.put(member, new byte[1]);
    }
    return TorchFiles.zip(contents, ZipEntry.DEFLATED);
  }

  @Test
  void the_format_shows_in_the_content_whatever_the_name() throws Exception {
    assertEquals(WeightFile.Format.PYTORCH, format(zip("archive/data.pkl", "archive/data/0")));
    assertEquals(
        WeightFile.Format.PYTORCH,
        format(HexFormat.of().parseHex("80028a0a6cfc9c46f9206aa850192e80024de9032e")));
    assertEquals(
        WeightFile.Format.PYTORCH,
        format(HexFormat.of().parseHex("8004950d000000000000008a0a6cfc9c46f9206aa850192e")));
    assertEquals(WeightFile.Format.SAFETENSORS, format(SafetensorsFileTest.file("{}", 0)));
    assertEquals(WeightFile.Format.NPZ, format(zip("conv1.npy")));
    assertEquals(WeightFile.Format.KERAS, format(zip("metadata.json", "model.weights.h5")));
    byte[] hdf5 = new byte[2048];
    System.arraycopy(HexFormat.of().parseHex("894844460d0a1a0a"), 0, hdf5, 1024, 8);
    assertEquals(WeightFile.Format.KERAS, format(hdf5));
  }

  @Test
  void arrays_of_numpy_archives_are_read() throws Exception {
    byte[] array = Base64.getDecoder().decode(NumpyFiles.FORTRAN_BIG_ENDIAN);
    Path file =
        Files.write(
            folder.resolve("weights.pth"), TorchFiles.zip(Map.of("w.npy", array), ZipEntry.STORED));
    WeightFile weights = WeightFile.read(file, Arena.ofAuto());
    assertEquals(WeightFile.Format.NPZ, weights.format());
    assertEquals(6, weights.tensors().get("w").size());
    assertThrows(UnsupportedOperationException.class, () -> weights.tensors().clear());
  }

  @Test
  void other_files_are_refused_with_what_they_are() throws Exception {
    assertEquals("is empty." + TAKEN, refusal(""));
    assertEquals(
        "is a Git LFS pointer, which stands for a file that was not fetched: 'git lfs pull' fetches"
            + " it."
            + TAKEN,
        refusal("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"));
    assertEquals(
        "is a web page (HTML), not weights: the download gave something else." + TAKEN,
        refusal("\n<!DOCTYPE html><html>"));
    assertEquals("is text (JSON), not weights." + TAKEN, refusal("{\"error\": \"not found\"}"));
    assertTrue(refusal("\u0008\n\u0012\u0007pytorch").contains("looks like an ONNX model"));
    assertTrue(refusal("\u001f\u008b\u0008").contains("unpack it"));
    assertTrue(refusal("a".repeat(257) + "ustar\u0000").contains("before 2017"));
    assertTrue(refusal("\u0080\u0004}.").contains("torch.save did not write"));
    assertTrue(refusal("\u0093NUMPY\u0001\u0000").contains("numpy.savez"));
    assertTrue(refusal("anything").startsWith("is none of the files"));
    assertTrue(refusal("PK\u0003\u0004").contains("not a whole zip archive"));
    assertTrue(refusal(zip("readme.txt")).contains("zip archive without weights"));
    assertTrue(
        refusal(zip("m/data.pkl", "m/code/m.py", "m/constants.pkl"))
            .contains("is a TorchScript archive"));
    assertEquals(
        folder + " is a folder." + TAKEN,
        assertThrows(WeightsException.class, () -> Signature.format(folder)).getMessage());
    Path none = folder.resolve("none");
    assertEquals(
        "There is no file " + none + ".",
        assertThrows(WeightsException.class, () -> Signature.format(none)).getMessage());
  }
}
