package org.alexnetedge.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Writing a whole file or none. */
final class ModelWriter {
  private static final int BUFFER = 1 << 20;

  private ModelWriter() {}

  static void write(ModelProto model, Path file) {
    checkSize(model, file);
    write((MessageLite) model, file);
  }

  /** What a file would have, in native memory. */
  static MemorySegment bytes(ModelProto model, Arena arena) {
    checkSize(model, "The changed model");
    MemorySegment bytes = arena.allocate(model.getSerializedSize());
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes.asByteBuffer());
      model.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e); // Memory does not fail, and is as long as was asked.
    }
    return bytes;
  }

  private static void checkSize(ModelProto model, Object what) {
    long weights = 0;
    for (TensorProto tensor : model.getGraph().getInitializerList()) {
      weights += tensor.getRawData().size();
    }
    // The size of a message is an int, and wraps around when it is larger.
    if (weights > Integer.MAX_VALUE - BUFFER || model.getSerializedSize() < 0) {
      throw new OnnxException(
          what
              + " cannot be written: the model has more than the 2 GB that an ONNX file can hold ("
              + weights
              + " bytes of weights).");
    }
  }

  static void write(MessageLite message, Path file) {
    Path target = target(file);
    Path temporary =
        target.resolveSibling(
            "." + target.getFileName() + "." + HexFormat.of().toHexDigits(random()) + ".tmp");
    // Interrupted by a signal, the process does not come to its finally blocks.
    Thread cleanup = new Thread(() -> temporary.toFile().delete());
    Runtime.getRuntime().addShutdownHook(cleanup);
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
        OutputStream stream = Channels.newOutputStream(channel);
        CodedOutputStream out = CodedOutputStream.newInstance(stream, BUFFER);
        message.writeTo(out);
        out.flush();
        // Without it a power cut after the rename may leave an empty file under the final name.
        channel.force(true);
      }
      Files.move(
          temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (NoSuchFileException e) {
      throw new OnnxException(
          file + " cannot be written: there is no folder " + target.getParent() + ".", e);
    } catch (IOException e) {
      throw new OnnxException(file + " cannot be written: " + ModelFile.reason(e) + ".", e);
    } finally {
      temporary.toFile().delete(); // No longer there when all went well.
      try {
        Runtime.getRuntime().removeShutdownHook(cleanup);
      } catch (IllegalStateException e) {
        // The process is ending, and the hook does its work.
      }
    }
  }

  /** Where a link points to, since a rename would replace the link; and nothing but a file. */
  private static Path target(Path file) {
    try {
      if (Files.exists(file)) {
        if (!Files.isRegularFile(file)) {
          throw new OnnxException(file + " cannot be written: it is not a file.");
        }
        return file.toRealPath();
      }
    } catch (IOException e) {
      throw new OnnxException(file + " cannot be written: " + ModelFile.reason(e) + ".", e);
    }
    return file.toAbsolutePath();
  }

  private static int random() {
    return ThreadLocalRandom.current().nextInt();
  }
}
