package org.alexnetedge.weights;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Tensor;

/**
 * NumPy's {@code .npy} files: one array each.
 *
 * <p>Versions 1.0 to 3.0, both byte orders, C and Fortran order; booleans, whole numbers, floats of
 * 16 to 64 bits, complex numbers, and ml_dtypes' bfloat16 (which NumPy calls {@code V2}); text
 * ({@code U}, {@code S}) can be read only. Arrays of Python objects are refused: they are pickles,
 * and reading one means running it. Thread-safe.
 */
public final class Npy {
  private Npy() {}

  /**
   * Reads an array into native memory, in C order and little-endian whatever the file has. The
   * memory is freed when nothing refers to it.
   *
   * @throws WeightsException when the file cannot be read or holds no whole array of those types
   */
  public static Tensor read(Path file) {
    try {
      return decode(FileBytes.read(file, Arena.ofAuto()), file.toString());
    } catch (OutOfMemoryError e) {
      throw FileBytes.noMemory(file, e);
    }
  }

  /**
   * Writes a tensor of numbers as version 1.0, replacing the file when it exists.
   *
   * @throws IllegalArgumentException for strings and types that NumPy does not have
   * @throws WeightsException when the file cannot be written
   */
  public static void write(Path file, Tensor tensor) {
    byte[] header = NpyHeader.encode(NpyElements.descr(tensor.type()), tensor.shape());
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      writeFully(channel, ByteBuffer.wrap(header));
      MemorySegment data = tensor.data();
      for (long done = 0; done < data.byteSize(); ) {
        long length = Math.min(data.byteSize() - done, 1 << 30);
        writeFully(channel, data.asSlice(done, length).asByteBuffer());
        done += length;
      }
    } catch (IOException e) {
      throw new WeightsException(file + " cannot be written: " + reason(e) + ".", e);
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /**
   * The array in a segment that holds a whole {@code .npy} file; a view of it where nothing has to
   * be turned around.
   *
   * @param name for messages
   */
  static Tensor decode(MemorySegment bytes, String name) {
    NpyHeader header = NpyHeader.decode(bytes, name);
    NpyElements elements = NpyElements.of(header.descr(), name);
    long size = 1;
    long length;
    try {
      for (long dimension : header.shape()) {
        size = Math.multiplyExact(size, dimension);
      }
      length = Math.multiplyExact(size, elements.bytes());
    } catch (ArithmeticException e) {
      throw new WeightsException(name + " says that it has an impossible number of elements.");
    }
    if (length == 0 && size > 1 << 20) {
      throw new WeightsException(name + " says that it has " + size + " empty texts.");
    }
    long available = bytes.byteSize() - header.dataOffset();
    if (length > available) {
      throw new WeightsException(
          name
              + " is cut off: its array has "
              + length
              + " bytes, of which "
              + available
              + " are there.");
    }
    MemorySegment data = bytes.asSlice(header.dataOffset(), length);
    if (header.fortranOrder()) {
      data = NpyElements.toCOrder(data, header.shape(), elements.bytes());
    }
    if (elements.type() == ElementType.STRING) {
      return Tensor.ofStrings(header.shape(), elements.strings(data, size));
    }
    return Tensor.of(elements.type(), header.shape(), elements.toLittleEndian(data));
  }

  static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> "permission denied";
      case NoSuchFileException missing -> "there is no such file or folder";
      case FileSystemException f when f.getReason() != null -> f.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }
}
