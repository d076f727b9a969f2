package org.alexnetedge.weights;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whole files in native memory. */
final class FileBytes {
  /** A {@link ByteBuffer} ends at 2 GiB. */
  private static final long PIECE = 1 << 30;

  private FileBytes() {}

  /**
   * Reads a file without a copy on the Java heap. It is not mapped: a user's file that is
   * overwritten under a map ends the process.
   *
   * @param arena owns the memory
   * @throws WeightsException when the file cannot be read or is too large for the memory
   */
  static MemorySegment read(Path file, Arena arena) {
    if (!Files.exists(file)) {
      throw new WeightsException("There is no file " + file + ".");
    }
    try (FileChannel channel = FileChannel.open(file)) {
      MemorySegment bytes = arena.allocate(channel.size(), 64);
      for (long done = 0; done < bytes.byteSize(); ) {
        ByteBuffer piece =
            bytes.asSlice(done, Math.min(bytes.byteSize() - done, PIECE)).asByteBuffer();
        int n = channel.read(piece);
        if (n < 0) {
          throw new WeightsException(file + " became shorter while it was read.");
        }
        done += n;
      }
      return bytes;
    } catch (IOException e) {
      throw new WeightsException(file + " cannot be read: " + Npy.reason(e) + ".", e);
    } catch (OutOfMemoryError e) {
      throw noMemory(file, e);
    }
  }

  static WeightsException noMemory(Path file, OutOfMemoryError e) {
    return new WeightsException("There is not enough memory to read " + file + ".", e);
  }
}
