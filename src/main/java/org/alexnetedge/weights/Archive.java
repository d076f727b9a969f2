package org.alexnetedge.weights;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * A zip archive whose members are read into native memory; not more of it than the file can hold.
 * Checksums are not compared, since PyTorch can be told to leave them out.
 */
final class Archive implements AutoCloseable {
  /** Deflate shrinks nothing further than this (zlib: 1032 to 1). */
  private static final long MOST_DEFLATE = 1032;

  private final Path file;
  private final ZipFile zip;

  private Archive(Path file, ZipFile zip) {
    this.file = file;
    this.zip = zip;
  }

  /**
   * Opens an archive.
   *
   * @throws WeightsException when the file cannot be read or is no whole archive
   */
  static Archive open(Path file) {
    if (!Files.exists(file)) {
      throw new WeightsException("There is no file " + file + ".");
    }
    try {
      ZipFile zip = new ZipFile(file.toFile());
      Archive archive = new Archive(file, zip);
      if (archive.compressed() > file.toFile().length()) {
        zip.close();
        throw new WeightsException(
            file + " is damaged: its members would have more bytes than the file.");
      }
      return archive;
    } catch (ZipException e) {
      throw new WeightsException(
          file + " is not a whole zip archive, and may have been cut off: " + e.getMessage() + ".",
          e);
    } catch (IOException e) {
      throw new WeightsException(file + " cannot be read: " + Npy.reason(e) + ".", e);
    } catch (OutOfMemoryError e) {
      throw FileBytes.noMemory(file, e);
    }
  }

  /** Bytes of all members in the file; more than those of the file when they share some. */
  private double compressed() {
    return zip.stream().mapToDouble(ZipEntry::getCompressedSize).map(Math::abs).sum();
  }

  /** The members in the file's order. */
  List<String> names() {
    return zip.stream().map(ZipEntry::getName).toList();
  }

  boolean has(String member) {
    return zip.getEntry(member) != null;
  }

  /** How messages name a member. */
  String where(String member) {
    return "'" + member + "' in " + file;
  }

  /**
   * The bytes of a member.
   *
   * @param arena owns the memory
   * @throws WeightsException when there is no such member, or it is damaged
   */
  MemorySegment read(String member, Arena arena) {
    return read(member, Long.MAX_VALUE, arena);
  }

  /** The bytes of a member of which no more than some are expected. */
  MemorySegment read(String member, long expected, Arena arena) {
    String where = where(member);
    ZipEntry entry = zip.getEntry(member);
    if (entry == null) {
      throw new WeightsException(file + " is damaged: '" + member + "' is not in it.");
    }
    long size = entry.getSize();
    long possible =
        entry.getMethod() == ZipEntry.STORED
            ? entry.getCompressedSize()
            : MOST_DEFLATE * (entry.getCompressedSize() + 64);
    if (size < 0 || size > Math.min(possible, expected)) {
      throw new WeightsException(where + " is damaged: it would have " + size + " bytes.");
    }
    byte[] buffer = new byte[(int) Math.min(1 << 16, Math.max(size, 1))];
    try (InputStream in = zip.getInputStream(entry)) {
      MemorySegment bytes = arena.allocate(size, 64);
      for (long done = 0; done < size; ) {
        int n = in.read(buffer, 0, (int) Math.min(buffer.length, size - done));
        if (n < 0) {
          throw new WeightsException(where + " is cut off.");
        }
        MemorySegment.copy(buffer, 0, bytes, ValueLayout.JAVA_BYTE, done, n);
        done += n;
      }
      return bytes;
    } catch (ZipException | EOFException e) {
      String reason = e.getMessage() == null ? "it cannot be unpacked" : e.getMessage();
      throw new WeightsException(where + " is damaged: " + reason + ".", e);
    } catch (IOException e) {
      throw new WeightsException(where + " cannot be read: " + Npy.reason(e) + ".", e);
    } catch (OutOfMemoryError e) {
      throw FileBytes.noMemory(file, e);
    }
  }

  @Override
  public void close() {
    try {
      zip.close();
    } catch (IOException e) {
      throw new WeightsException(file + " cannot be read: " + Npy.reason(e) + ".", e);
    }
  }
}
