package org.alexnetedge.classify;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Records on standard output, a pipe or a device: written once, whole batches at a time, on a
 * terminal each record at once.
 */
public final class StreamOutput implements RecordOutput {

  private static final Path STANDARD_OUTPUT = Path.of("/dev/fd/1");

  /** stat(2): the bits of st_mode that tell what a file is. */
  private static final int TYPE = 0170000;

  private static final int CHARACTER_DEVICE = 0020000;
  private static final int PIPE = 0010000;
  private static final int SOCKET = 0140000;

  private final String name;
  private final OutputStream out;
  private final boolean owned;
  private final boolean pipe;
  private final boolean atOnce;
  private final RecordBuffer buffer;
  private boolean over;

  private StreamOutput(
      String name, OutputStream out, boolean owned, int type, RecordWriter writer) {
    this.name = name;
    this.out = out;
    this.owned = owned;
    this.pipe = isPipe(type);
    this.atOnce = type == CHARACTER_DEVICE;
    this.buffer = new RecordBuffer(writer);
    buffer.addHeader();
  }

  /** Standard output, past {@code System.out}, which hides errors; closing leaves it open. */
  static StreamOutput standardOutput(RecordWriter writer) {
    OutputStream out = new FileOutputStream(FileDescriptor.out);
    return new StreamOutput("standard output", out, false, type(STANDARD_OUTPUT), writer);
  }

  /**
   * Records to a stream of the caller, who keeps it and closes it.
   *
   * @param name what messages call it
   * @param atOnce whether each record is written at once
   */
  public static StreamOutput to(
      OutputStream out, String name, boolean atOnce, RecordWriter writer) {
    return new StreamOutput(name, out, false, atOnce ? CHARACTER_DEVICE : 0, writer);
  }

  /** Whether a path is no file that could be resumed. */
  static boolean isStream(Path file) {
    String path = file.normalize().toString();
    // Redirected into a file, these look like it; but it is the shell that chose it.
    return isStandardOutput(file)
        || path.equals("/dev/stderr")
        || path.matches("/dev/fd/[0-9]+|/proc/[^/]+/fd/[0-9]+")
        || (Files.exists(file) && !Files.isRegularFile(file) && !Files.isDirectory(file));
  }

  static StreamOutput open(Path file, Existing existing, RecordWriter writer)
      throws OutputException {
    if (existing == Existing.RESUME) {
      throw new OutputException(file + " is not a regular file, so it cannot be resumed");
    }
    if (isStandardOutput(file)) {
      return standardOutput(writer);
    }
    try {
      // Appending, since /dev/fd/N may be a file that the shell opened with >>.
      OutputStream out = new FileOutputStream(file.toFile(), true);
      return new StreamOutput(file.toString(), out, true, type(file), writer);
    } catch (IOException e) {
      throw new OutputException("cannot write " + file + ": " + OutputException.reason(e), e);
    }
  }

  private static boolean isStandardOutput(Path file) {
    // "./-" is a file of that name.
    return file.toString().equals("-") || file.normalize().toString().equals("/dev/stdout");
  }

  /** Whether what fails on standard output is that its reader left. */
  public static boolean standardOutputIsPipe() {
    return isPipe(type(STANDARD_OUTPUT));
  }

  private static boolean isPipe(int type) {
    return type == PIPE || type == SOCKET;
  }

  private static int type(Path file) {
    try {
      return (int) Files.getAttribute(file, "unix:mode") & TYPE;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return 0;
    }
  }

  @Override
  public KeptRecords kept() {
    return KeptRecords.none();
  }

  @Override
  public void write(ClassifyRecord record) throws OutputException, ClosedPipeException {
    if (over) {
      throw new IllegalStateException("the output is closed");
    }
    buffer.add(record);
    if (atOnce || buffer.isFull()) {
      endBatch();
    }
  }

  @Override
  public void endBatch() throws OutputException, ClosedPipeException {
    if (over || buffer.isEmpty()) {
      return;
    }
    try {
      out.write(buffer.take());
      out.flush();
    } catch (IOException e) {
      over = true;
      throw failed(e);
    }
  }

  private OutputException failed(IOException e) throws ClosedPipeException {
    // The system's text may be in another language; what fails on a pipe is that its reader left.
    if (pipe || OutputException.reason(e).equals("Broken pipe")) {
      throw new ClosedPipeException(e);
    }
    return new OutputException("cannot write " + name + ": " + OutputException.reason(e), e);
  }

  @Override
  public void close() throws OutputException, ClosedPipeException {
    try {
      endBatch();
    } finally {
      over = true;
      release();
    }
  }

  private void release() throws OutputException {
    if (!owned) {
      return;
    }
    try {
      out.close();
    } catch (IOException e) {
      throw new OutputException("cannot close " + name + ": " + OutputException.reason(e), e);
    }
  }
}
