package org.alexnetedge.weights;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.alexnetedge.onnx.Tensor;

/** NumPy's {@code .npz} files: several arrays by name, in a zip that may be compressed. */
public final class Npz {
  private static final String SUFFIX = ".npy";

  /** Deflate shrinks nothing further than this (zlib: 1032 to 1). */
  private static final long MOST_DEFLATE = 1032;

  private Npz() {}

  /**
   * Reads all arrays into native memory that is freed when nothing refers to it.
   *
   * @return arrays by name without {@code .npy}, in the file's order
   * @throws WeightsException when the file cannot be read, is no whole zip, or an array is one that
   *     {@link Npy} refuses
   */
  public static Map<String, Tensor> read(Path file) {
    if (!Files.exists(file)) {
      throw new WeightsException("There is no file " + file + ".");
    }
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (var entries = zip.entries(); entries.hasMoreElements(); ) {
        ZipEntry entry = entries.nextElement();
        if (entry.getName().endsWith(SUFFIX)) {
          String name = entry.getName().substring(0, entry.getName().length() - SUFFIX.length());
          String where = "'" + entry.getName() + "' in " + file;
          arrays.put(name, Npy.decode(bytes(zip, entry, where), where));
        }
      }
    } catch (ZipException e) {
      throw new WeightsException(
          file + " is not a whole zip archive, which an .npz file is: " + e.getMessage() + ".", e);
    } catch (IOException e) {
      throw new WeightsException(file + " cannot be read: " + Npy.reason(e) + ".", e);
    } catch (OutOfMemoryError e) {
      throw new WeightsException("There is not enough memory to read " + file + ".", e);
    }
    return arrays;
  }

  private static MemorySegment bytes(ZipFile zip, ZipEntry entry, String where) throws IOException {
    long size = entry.getSize();
    if (size < 0 || size > MOST_DEFLATE * (entry.getCompressedSize() + 64)) {
      throw new WeightsException(where + " is damaged: it would have " + size + " bytes.");
    }
    MemorySegment bytes = Arena.ofAuto().allocate(size, 8);
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
}
