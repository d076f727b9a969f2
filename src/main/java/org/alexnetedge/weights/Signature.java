package org.alexnetedge.weights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/** Finds out what a file is from its first bytes, and from the names inside of an archive. */
final class Signature {
  private static final String TAKEN =
      "Weights are taken from PyTorch (.pth, .pt), safetensors, NumPy (.npz) and Keras (.keras,"
          + " .h5) files.";

  private static final byte[] HDF5 = HexFormat.of().parseHex("894844460d0a1a0a");

  /** The number 0x1950a86a20f9469cfc6c as pickle protocols 2 to 5 write it. */
  private static final byte[] TORCH_MAGIC = HexFormat.of().parseHex("8a0a6cfc9c46f9206aa85019");

  /** The same number as protocols 0 and 1 write it. */
  private static final String TORCH_MAGIC_TEXT = "L119547037146038801333356L";

  /** HDF5 allows something else of 512, 1024, 2048... bytes before its own. */
  private static final int LOOKED_AT = 4096;

  private Signature() {}

  /**
   * The file's format.
   *
   * @throws WeightsException when it cannot be read or is none that is taken
   */
  static WeightFile.Format format(Path file) {
    byte[] first = first(file);
    return isArchive(first) ? archive(file) : format(first, file);
  }

  /** Whether a file begins as a zip archive. */
  static boolean isArchive(Path file) {
    return isArchive(first(file));
  }

  private static boolean isArchive(byte[] first) {
    return at(first, 0, "PK\u0003\u0004") || at(first, 0, "PK\u0005\u0006");
  }

  private static byte[] first(Path file) {
    if (!Files.exists(file)) {
      throw new WeightsException("There is no file " + file + ".");
    }
    if (Files.isDirectory(file)) {
      throw new WeightsException(file + " is a folder. " + TAKEN);
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] first = in.readNBytes(LOOKED_AT);
      if (first.length == 0) {
        throw new WeightsException(file + " is empty. " + TAKEN);
      }
      return first;
    } catch (IOException e) {
      throw new WeightsException(file + " cannot be read: " + Npy.reason(e) + ".", e);
    }
  }

  private static WeightFile.Format format(byte[] first, Path file) {
    for (int offset = 0; offset < first.length; offset = offset == 0 ? 512 : 2 * offset) {
      if (at(first, offset, HDF5)) {
        return WeightFile.Format.KERAS;
      }
    }
    if (isTorch(first)) {
      return WeightFile.Format.PYTORCH;
    }
    if (first.length > 8 && first[8] == '{' && first[6] == 0 && first[7] == 0) {
      return WeightFile.Format.SAFETENSORS;
    }
    throw new WeightsException(file + " " + guess(first) + " " + TAKEN);
  }

  /** Whether a pickle begins with PyTorch's magic number, as files before version 1.6 do. */
  private static boolean isTorch(byte[] first) {
    if (at(first, 0, TORCH_MAGIC_TEXT)) {
      return true;
    }
    // 80, the protocol; from protocol 4 on a frame's mark and length.
    return first[0] == (byte) 0x80 && (at(first, 2, TORCH_MAGIC) || at(first, 11, TORCH_MAGIC));
  }

  private static WeightFile.Format archive(Path file) {
    List<String> names;
    try (Archive archive = Archive.open(file)) {
      names = archive.names();
    }
    if (names.stream().anyMatch(n -> n.endsWith("/constants.pkl") || n.contains("/code/"))) {
      throw new WeightsException(
          file
              + " is a TorchScript archive, which holds a program beside the weights. Save the"
              + " weights alone: torch.save(torch.jit.load(file).state_dict(), \"weights.pth\").");
    }
    if (names.stream().anyMatch(name -> name.endsWith("/data.pkl"))) {
      return WeightFile.Format.PYTORCH;
    }
    if (names.contains("model.weights.h5")
        || names.contains("config.json") && names.stream().anyMatch(n -> n.endsWith(".h5"))) {
      return WeightFile.Format.KERAS;
    }
    if (names.stream().anyMatch(name -> name.endsWith(".npy"))) {
      return WeightFile.Format.NPZ;
    }
    throw new WeightsException(file + " is a zip archive without weights in it. " + TAKEN);
  }

  /** What else it may be: the end of a sentence. */
  private static String guess(byte[] first) {
    String text =
        new String(first, 0, Math.min(first.length, 64), StandardCharsets.ISO_8859_1)
            .strip()
            .toLowerCase(Locale.ROOT);
    if (text.startsWith("version https://git-lfs")) {
      return "is a Git LFS pointer, which stands for a file that was not fetched: 'git lfs pull'"
          + " fetches it.";
    }
    if (text.startsWith("<") || text.startsWith("\u00ef\u00bb\u00bf<")) {
      return "is a web page (HTML), not weights: the download gave something else.";
    }
    if (text.startsWith("{")) {
      return "is text (JSON), not weights.";
    }
    if (at(first, 257, "ustar")) {
      return "is a tar archive; PyTorch saved so before 2017: load it there and save it again.";
    }
    if (at(first, 0, new byte[] {0x1f, (byte) 0x8b})) {
      return "is compressed (gzip): unpack it first.";
    }
    if (at(first, 0, "\u0093NUMPY")) {
      return "is a single NumPy array: save all by name with numpy.savez.";
    }
    if (isOnnx(first)) {
      return "looks like an ONNX model, which is used as it is.";
    }
    if (first[0] == (byte) 0x80 && first.length > 1 && first[1] >= 2 && first[1] <= 5) {
      return "is a Python pickle that torch.save did not write.";
    }
    return "is none of the files that weights are taken from.";
  }

  /** ModelProto: field 1 (ir_version, a small number), then one of its other fields. */
  private static boolean isOnnx(byte[] first) {
    return first.length > 2
        && first[0] == 0x08
        && first[1] > 0
        && first[1] < 64
        && (first[2] & 7) == 2
        && first[2] >>> 3 >= 2
        && first[2] >>> 3 <= 14;
  }

  private static boolean at(byte[] bytes, int offset, String signature) {
    return at(bytes, offset, signature.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static boolean at(byte[] bytes, int offset, byte[] signature) {
    return offset + signature.length <= bytes.length
        && Arrays.equals(bytes, offset, offset + signature.length, signature, 0, signature.length);
  }
}
