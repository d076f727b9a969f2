package org.alexnetedge.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.pipeline.ModelException;
import org.alexnetedge.pipeline.RawPath;
import org.alexnetedge.pipeline.RawText;

/** What there is to say about a model file before and after ONNX Runtime has seen it. */
final class ModelFailure {
  private ModelFailure() {}

  /**
   * Checks what ONNX Runtime would only answer with a status.
   *
   * @throws ModelException when there is no readable file
   */
  static Path check(Path file) {
    if (!Files.exists(file)) {
      throw new ModelException("There is no model file " + file + ".");
    }
    if (Files.isDirectory(file)) {
      throw new ModelException("The model " + file + " is a folder, not a file.");
    }
    if (!Files.isRegularFile(file)) {
      throw new ModelException("The model " + file + " is no regular file.");
    }
    if (!Files.isReadable(file)) {
      throw new ModelException("There is no permission to read the model " + file + ".");
    }
    if (isEmpty(file)) {
      throw new ModelException("The model " + file + " is empty.");
    }
    return file;
  }

  private static boolean isEmpty(Path file) {
    try {
      return Files.size(file) == 0;
    } catch (IOException e) {
      return false; // Whoever opens it will say why.
    }
  }

  /** A model that is none for pictures, or does not fit what the options say. */
  static ModelException unfit(Path file, ModelException e) {
    return new ModelException("The model " + file + " cannot be used. " + e.getMessage());
  }

  /** One sentence from ONNX Runtime's status. */
  static String explain(Path file, OrtException e) {
    return switch (e.code()) {
      case INVALID_PROTOBUF, NO_MODEL ->
          "The model " + file + " is no ONNX model, or it is cut off or damaged.";
      case EP_FAIL -> e.getMessage().strip(); // Not the model's fault.
      case INVALID_GRAPH ->
          "The model " + file + " is not valid ONNX: " + firstLine(e.getMessage());
      case NOT_IMPLEMENTED ->
          "The model "
              + file
              + " needs an operator that this ONNX Runtime does not have: "
              + firstLine(e.getMessage());
      default -> "The model " + file + " cannot be used: " + firstLine(e.getMessage());
    };
  }

  private static String firstLine(String message) {
    return message.strip().lines().findFirst().orElse(message);
  }

  /** Hash of the file and of external data that is named after it. */
  static String sha256(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      update(digest, file);
      Path data = RawPath.of(RawText.decode(RawPath.bytes(file)) + ".data"); // as PyTorch names it
      if (Files.isRegularFile(data)) {
        update(digest, data);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // Every Java platform has it.
    }
  }

  private static void update(MessageDigest digest, Path file) throws IOException {
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
  }
}
