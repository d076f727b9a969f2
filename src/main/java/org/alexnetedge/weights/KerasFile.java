package org.alexnetedge.weights;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.alexnetedge.onnx.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Weights that Keras saved: {@code .weights.h5} and {@code .keras} of Keras 3, and the HDF5 files
 * of Keras 2, of weights or of a whole model.
 *
 * <p>Names are {@code LAYER/VARIABLE}: the layer as the model calls it where the file says so
 * ({@code conv1}), else as Keras numbers it ({@code conv2d_3}); {@code kernel} and {@code bias},
 * {@code gamma}, {@code beta}, {@code moving_mean} and {@code moving_variance}. Layers inside a
 * model that is itself a layer have the names of both, {@code OUTER/LAYER/VARIABLE}. Layers stand
 * in the model's order where the file says it, else in that of Keras' numbers for each kind of
 * layer. What the optimizer keeps, the states of random numbers and whatever is no floating number
 * are left out. Shapes are Keras': kernels of convolutions [height, width, in, out], of dense
 * layers [in, out].
 */
public final class KerasFile {
  private static final String WEIGHTS = "model.weights.h5";
  private static final String CONFIG = "config.json";

  /** Deflate shrinks nothing further than this (zlib: 1032 to 1). */
  private static final long MOST_DEFLATE = 1032;

  /** A configuration is a few kilobytes for each layer. */
  private static final long MOST_CONFIG = 16L << 20;

  private KerasFile() {}

  /**
   * Reads all weights into memory of the arena: as much as the file has, unpacked. Thread-safe.
   *
   * @throws WeightsException when the file cannot be read or understood
   */
  static Map<String, Tensor> read(Path file, Arena arena) {
    if (!Files.exists(file)) {
      throw new WeightsException("There is no file " + file + ".");
    }
    try {
      return isZip(file)
          ? readArchive(file, arena)
          : KerasWeights.read(whole(file, arena), KerasNames.NONE, file.toString());
    } catch (ZipException e) {
      throw new WeightsException(
          file + " is not a whole zip archive, which a .keras file is: " + e.getMessage() + ".", e);
    } catch (IOException e) {
      throw new WeightsException(file + " cannot be read: " + Npy.reason(e) + ".", e);
    } catch (OutOfMemoryError e) {
      throw new WeightsException("There is not enough memory to read " + file + ".", e);
    }
  }

  /**
   * The model's configuration, JSON, of a {@code .keras} file; null for the others, which hold
   * weights only.
   *
   * @throws WeightsException when the file cannot be read
   */
  public static @Nullable String configuration(Path file) {
    try {
      if (!isZip(file)) {
        return null;
      }
      try (ZipFile zip = new ZipFile(file.toFile());
          Arena arena = Arena.ofConfined()) {
        byte[] text = configuration(zip, arena, file);
        return text == null ? null : new String(text, StandardCharsets.UTF_8);
      }
    } catch (IOException | IllegalArgumentException e) {
      throw new WeightsException(file + " cannot be read: " + e.getMessage() + ".", e);
    }
  }

  private static byte @Nullable [] configuration(ZipFile zip, Arena arena, Path file)
      throws IOException {
    ZipEntry config = zip.getEntry(CONFIG);
    if (config == null) {
      return null;
    }
    String where = "'" + CONFIG + "' in " + file;
    if (config.getSize() > MOST_CONFIG) {
      throw new WeightsException(
          where + " is damaged: it would have " + config.getSize() + " bytes.");
    }
    return unpacked(zip, config, arena, where).toArray(ValueLayout.JAVA_BYTE);
  }

  private static boolean isZip(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] head = in.readNBytes(2);
      return head.length == 2 && head[0] == 'P' && head[1] == 'K';
    }
  }

  private static Map<String, Tensor> readArchive(Path file, Arena arena) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      ZipEntry weights = zip.getEntry(WEIGHTS);
      if (weights == null) {
        throw new WeightsException(
            file + " is a zip archive without " + WEIGHTS + ", which a .keras file has.");
      }
      KerasNames names = names(zip, file);
      String where = "'" + WEIGHTS + "' in " + file;
      return KerasWeights.read(unpacked(zip, weights, arena, where), names, where);
    } catch (IllegalArgumentException e) {
      throw new WeightsException(file + " is damaged: its names are not UTF-8.", e);
    }
  }

  private static KerasNames names(ZipFile zip, Path file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      byte[] text = configuration(zip, arena, file);
      return text == null ? KerasNames.NONE : KerasNames.parse(text, "'" + CONFIG + "' in " + file);
    }
  }

  private static MemorySegment unpacked(ZipFile zip, ZipEntry entry, Arena arena, String where)
      throws IOException {
    long size = entry.getSize();
    if (size < 0 || size > MOST_DEFLATE * (entry.getCompressedSize() + 64)) {
      throw new WeightsException(where + " is damaged: it would have " + size + " bytes.");
    }
    checkSize(size, where);
    MemorySegment bytes = arena.allocate(size, 8);
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = zip.getInputStream(entry)) {
      long done = 0;
      while (done < size) {
        int n = in.read(buffer, 0, (int) Math.min(buffer.length, size - done));
        if (n < 0) {
          throw new WeightsException(where + " is cut off.");
        }
        MemorySegment.copy(buffer, 0, bytes, ValueLayout.JAVA_BYTE, done, n);
        done += n;
      }
    }
    return bytes;
  }

  /** Read, not mapped: a user's file that is overwritten under a map ends the process. */
  private static MemorySegment whole(Path file, Arena arena) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      checkSize(channel.size(), file.toString());
      MemorySegment bytes = arena.allocate(channel.size(), 8);
      ByteBuffer target = bytes.asByteBuffer();
      while (target.hasRemaining()) {
        if (channel.read(target) < 0) {
          throw new WeightsException(file + " became shorter while it was read.");
        }
      }
      return bytes;
    }
  }

  private static void checkSize(long size, String where) {
    if (size > Integer.MAX_VALUE) {
      throw new WeightsException(
          where
              + " has "
              + size
              + " bytes; HDF5 files are read up to 2 GB, which is all that an"
              + " ONNX file can hold.");
    }
  }
}
