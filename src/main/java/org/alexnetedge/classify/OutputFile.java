package org.alexnetedge.classify;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.alexnetedge.image.Format;

/**
 * Records in a file that can be resumed. It is written in place and at record ends only, so a kill
 * leaves whole records and at most one cut one; {@link RunFile} beside it, written before the first
 * record, remembers what decides them. The file is locked while it is open.
 */
public final class OutputFile implements RecordOutput {

  private final Path path;

  /**
   * Never a channel, which an interrupt would close, and the only handle: on Linux, closing any
   * other one of this process would give up the lock.
   */
  private final RandomAccessFile file;

  /** Kept since the JDK itself holds it weakly, and would grant another within this process. */
  private final FileLock lock;

  private final RecordBuffer buffer;
  private final KeptRecords kept;
  private boolean appending;
  private boolean over;

  /** End of the last whole record that the system has. */
  private long end;

  private long records;

  private OutputFile(
      Path path, RandomAccessFile file, FileLock lock, RecordWriter writer, boolean resumed) {
    this.path = path;
    this.file = file;
    this.lock = lock;
    this.buffer = new RecordBuffer(writer);
    this.kept = resumed ? KeptRecords.of(path, file, writer) : KeptRecords.none();
  }

  static OutputFile open(
      Path path, Existing existing, RecordWriter writer, Map<String, String> settings)
      throws OutputException {
    if (existing == Existing.RESUME && !writer.format().resumable()) {
      throw new OutputException(
          "a table cannot be resumed; write %s as JSON Lines or CSV".formatted(path));
    }
    RandomAccessFile file = openFile(path);
    try {
      FileLock lock = lock(path, file);
      boolean resumed = prepare(path, file, existing, writer, settings);
      return new OutputFile(path, file, lock, writer, resumed);
    } catch (IOException e) {
      closeQuietly(file);
      throw new OutputException("cannot write " + path + ": " + OutputException.reason(e), e);
    } catch (OutputException | RuntimeException e) {
      closeQuietly(file);
      throw e;
    }
  }

  /** Whether the name survives as text; java.io.File would write to another file. */
  private static boolean canBeSaid(Path path) {
    try {
      return path.getFileSystem().getPath(path.toString()).equals(path);
    } catch (InvalidPathException e) {
      return false;
    }
  }

  private static RandomAccessFile openFile(Path path) throws OutputException {
    if (!canBeSaid(path)) {
      throw new OutputException(
          "cannot write %s: this locale has no way to say that name; set LC_ALL=C.UTF-8"
              .formatted(path));
    }
    Path folder = path.toAbsolutePath().getParent();
    if (Files.isDirectory(path) || folder == null) {
      throw new OutputException("cannot write " + path + ": it is a folder");
    }
    if (!Files.isDirectory(folder)) {
      throw new OutputException("cannot write %s: there is no folder %s".formatted(path, folder));
    }
    if (Format.of(path) != null) {
      throw new OutputException(
          "cannot write " + path + ": it is a picture, which would be lost; name another file");
    }
    try {
      return new RandomAccessFile(path.toFile(), "rw");
    } catch (IOException e) {
      throw new OutputException("cannot write " + path + ": " + OutputException.reason(e), e);
    }
  }

  private static FileLock lock(Path path, RandomAccessFile file) throws OutputException {
    try {
      FileLock lock = file.getChannel().tryLock();
      if (lock != null) {
        return lock;
      }
    } catch (OverlappingFileLockException e) {
      // Another run of this process has it.
    } catch (IOException e) {
      throw new OutputException(
          "cannot lock %s: %s; write to another disk, or to standard output"
              .formatted(path, OutputException.reason(e)),
          e);
    }
    throw new OutputException(
        path + " is being written by another run; wait for it, or name another file");
  }

  /** Empties the file and writes its run file, or finds that it can be resumed: then true. */
  private static boolean prepare(
      Path path,
      RandomAccessFile file,
      Existing existing,
      RecordWriter writer,
      Map<String, String> settings)
      throws IOException, OutputException {
    Path runPath = RunFile.beside(path);
    RunFile run = new RunFile(writer.format().code(), settings);
    if (file.length() > 0) {
      if (existing == Existing.REFUSE) {
        String resume =
            writer.format().resumable() && Files.exists(runPath) ? "go on with --resume, " : "";
        throw new OutputException(
            "%s is not empty; %sstart again with --overwrite, or name another file"
                .formatted(path, resume));
      }
      if (existing == Existing.RESUME) {
        checkSame(path, runPath, run);
        return true;
      }
      // Before the run file: old records beside new settings could be taken for a run to resume.
      file.setLength(0);
    }
    if (writer.format().resumable()) {
      run.write(runPath);
    } else {
      Files.deleteIfExists(runPath);
    }
    return false;
  }

  private static void checkSame(Path path, Path runPath, RunFile run) throws OutputException {
    if (!Files.exists(runPath)) {
      throw new OutputException(
          ("%s cannot be resumed: %s, which says how it was made, is missing; "
                  + "start again with --overwrite")
              .formatted(path, runPath));
    }
    List<String> differences = RunFile.read(runPath).differences(run);
    if (!differences.isEmpty()) {
      throw new OutputException(
          "%s cannot be resumed: %s; use the same settings, or start again with --overwrite"
              .formatted(path, String.join("; ", differences)));
    }
  }

  @Override
  public KeptRecords kept() {
    return kept;
  }

  @Override
  public void write(ClassifyRecord record) throws OutputException {
    if (over || !lock.isValid()) {
      throw new IllegalStateException(path + " is closed");
    }
    if (!kept.exhausted()) {
      throw new IllegalStateException("the records that " + path + " has were not all read");
    }
    startAppending();
    buffer.add(record);
    if (buffer.isFull()) {
      endBatch();
    }
  }

  /** Cuts off what a kill left of a record. */
  private void startAppending() throws OutputException {
    if (appending) {
      return;
    }
    try {
      end = kept.end();
      records = kept.count();
      if (file.length() > end) {
        file.setLength(end);
      }
      file.seek(end);
      appending = true;
    } catch (IOException e) {
      throw failed(e);
    }
    if (end == 0) {
      buffer.addHeader();
    }
  }

  @Override
  public void endBatch() throws OutputException {
    if (over || buffer.isEmpty()) {
      return;
    }
    int count = buffer.records();
    byte[] bytes = buffer.take();
    try {
      file.write(bytes);
      end += bytes.length;
      records += count;
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private OutputException failed(IOException e) {
    over = true;
    String kept = "";
    try {
      if (appending) {
        file.setLength(end);
        kept = "; its %d records are whole, and --resume goes on after them".formatted(records);
      }
    } catch (IOException again) {
      e.addSuppressed(again); // then resuming cuts it
    }
    closeQuietly(file);
    return new OutputException("cannot write " + path + ": " + OutputException.reason(e) + kept, e);
  }

  /**
   * Writes what is held, waits until the disk has it, and gives the file free. A file whose kept
   * records were not read to their end stays as it was.
   */
  @Override
  public void close() throws OutputException {
    if (over) {
      return;
    }
    if (kept.exhausted()) {
      startAppending();
      endBatch();
      try {
        // Some file systems say only now that there is no room.
        file.getFD().sync();
      } catch (IOException e) {
        throw failed(e);
      }
    }
    over = true;
    closeQuietly(file);
  }

  /** Where closing has nothing left to lose. */
  private static void closeQuietly(RandomAccessFile file) {
    try {
      file.close();
    } catch (IOException e) {
      // The descriptor is gone all the same, and everything was written before.
    }
  }
}
