package org.alexnetedge.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reading protobuf files into native memory, and saying what is wrong with those that are none. */
final class ModelFile {
  private ModelFile() {}

  /**
   * The file's bytes. They are read, not mapped: a user's file that is overwritten under a map ends
   * the process.
   */
  static MemorySegment read(Path file, Arena arena) {
    if (!Files.exists(file)) {
      throw new OnnxException("There is no file " + file + ".");
    }
    if (!Files.isRegularFile(file)) {
      throw new OnnxException(file + " is not a file.");
    }
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      if (size == 0) {
        throw new OnnxException(file + " is empty.");
      }
      if (size > Integer.MAX_VALUE) {
        throw new OnnxException(
            file
                + " has "
                + size
                + " bytes; an ONNX file ends at 2 GB, larger weights lie in a file beside it.");
      }
      MemorySegment bytes = arena.allocate(size, 8);
      readFully(channel, 0, bytes, file);
      return bytes;
    } catch (IOException e) {
      throw new OnnxException(file + " cannot be read: " + reason(e) + ".", e);
    } catch (OutOfMemoryError e) {
      throw new OnnxException("There is not enough memory to read " + file + ".", e);
    }
  }

  static void readFully(FileChannel channel, long from, MemorySegment to, Path file)
      throws IOException {
    long done = 0;
    while (done < to.byteSize()) {
      // A read is limited to what a ByteBuffer can address.
      ByteBuffer piece = to.asSlice(done, Math.min(to.byteSize() - done, 1 << 30)).asByteBuffer();
      int n = channel.read(piece, from + done);
      if (n < 0) {
        throw new OnnxException(file + " became shorter while it was read.");
      }
      done += n;
    }
  }

  static ModelProto parse(Path file, MemorySegment bytes) {
    ModelProto model =
        parse(file, bytes, ModelProto.parser(), ModelProto.getDescriptor(), "an ONNX model");
    if (model.getIrVersion() <= 0 || !model.hasGraph()) {
      throw notA("an ONNX model", file, bytes, "no graph is in it");
    }
    // ONNX: from version 3 on, a model must name its operator sets. They stand after the graph.
    if (model.getIrVersion() >= 3 && model.getOpsetImportCount() == 0) {
      throw new OnnxException(
          file + " names no operator set, so it is cut off or not an ONNX model.");
    }
    return model;
  }

  static <T extends MessageLite> T parse(
      Path file,
      MemorySegment bytes,
      Parser<T> parser,
      com.google.protobuf.Descriptors.Descriptor descriptor,
      String what) {
    WireScan scan = WireScan.of(bytes, descriptor);
    switch (scan) {
      case WireScan.Malformed(String why) -> throw notA(what, file, bytes, why);
      case WireScan.CutOff(long missing) ->
          throw new OnnxException(
              file
                  + " is cut off, or damaged: a part of it says that "
                  + missing
                  + " more bytes follow. Copy or download it again.");
      case WireScan.Whole(long heap) -> {
        if (heap > Runtime.getRuntime().maxMemory() / 2) {
          throw new OnnxException(
              file
                  + " would take about "
                  + (heap >> 20)
                  + " MB of Java memory beside its weights; if it is not damaged, give Java more"
                  + " with -Xmx.");
        }
      }
    }
    try {
      // Fields of bytes become views of the segment instead of copies on the heap.
      CodedInputStream in = UnsafeByteOperations.unsafeWrap(bytes.asByteBuffer()).newCodedInput();
      in.enableAliasing(true);
      return parser.parseFrom(in);
    } catch (InvalidProtocolBufferException e) {
      throw notA(what, file, bytes, "it does not follow the format");
    } catch (OutOfMemoryError e) {
      throw new OnnxException("There is not enough memory to read " + file + ".", e);
    }
  }

  private static OnnxException notA(String what, Path file, MemorySegment bytes, String why) {
    return new OnnxException(file + " is not " + what + ": " + guess(bytes, why) + ".");
  }

  /** What people hand over by mistake, told by its first bytes. */
  private static String guess(MemorySegment bytes, String otherwise) {
    byte[] head =
        bytes
            .asSlice(0, Math.min(bytes.byteSize(), 64))
            .toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
    String text = new String(head, StandardCharsets.ISO_8859_1);
    if (text.startsWith("version https://git-lfs")) {
      return "it is a Git LFS pointer, the file itself was not fetched (git lfs pull)";
    } else if (text.startsWith("PK\3\4")) {
      return "it is a zip archive (PyTorch's .pth and Keras's .keras files are)";
    } else if (text.startsWith("\u0089HDF")) {
      return "it is an HDF5 file (as Keras's .h5 is)";
    } else if (text.startsWith("\u0093NUMPY")) {
      return "it is a NumPy array";
    } else if (text.startsWith("ORTM", 4)) {
      return "it is a model in ONNX Runtime's own format (.ort)";
    } else if (text.startsWith("TFL3", 4)) {
      return "it is a TensorFlow Lite model";
    } else if (text.startsWith("\u0080\2")) {
      return "it is a Python pickle (an old PyTorch .pth file is)";
    } else if (text.startsWith("\u00ff\u00d8\u00ff") || text.startsWith("\u0089PNG")) {
      return "it is a picture";
    } else if (text.stripLeading().startsWith("<")) {
      return "it is a page of HTML or XML";
    } else if (text.startsWith("{") || text.startsWith("{\"", 8)) {
      return text.startsWith("{") ? "it is JSON" : "it is a safetensors file";
    }
    return otherwise;
  }

  static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException denied -> "permission denied";
      case FileSystemException f when f.getReason() != null -> f.getReason();
      default -> String.valueOf(e.getMessage());
    };
  }
}
