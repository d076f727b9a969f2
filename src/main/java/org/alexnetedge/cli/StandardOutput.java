package org.alexnetedge.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.alexnetedge.classify.OutputException;
import org.alexnetedge.classify.StreamOutput;
import org.jspecify.annotations.Nullable;

/** Standard output that remembers why it could not be written, which a PrintWriter swallows. */
final class StandardOutput extends OutputStream {
  private final FileOutputStream file = new FileOutputStream(FileDescriptor.out);
  private @Nullable IOException failure;

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) throws IOException {
    try {
      file.write(bytes, from, length);
    } catch (IOException e) {
      failure = e;
      throw e;
    }
  }

  /** Why something is missing; null when nothing is, or when the reader of a pipe has left. */
  @Nullable String failure() {
    return failure == null || StreamOutput.standardOutputIsPipe()
        ? null
        : OutputException.reason(failure);
  }
}
