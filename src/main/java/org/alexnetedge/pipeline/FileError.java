package org.alexnetedge.pipeline;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What the file system refused, as sentences without the name. */
final class FileError {
  private static final int TYPE_MASK = 0170000; // S_IFMT, inode(7)

  private FileError() {}

  /** Why {@code path} could not be read; {@code what} is "file", "folder" or "list". */
  static InputException of(IOException failure, Path path, String what) {
    return switch (failure) {
      case NoSuchFileException _ ->
          Files.isSymbolicLink(path)
              ? new InputException(
                  ErrorKind.NOT_FOUND, "It is a link to something that does not exist.")
              : new InputException(ErrorKind.NOT_FOUND, "There is no such file or folder.");
      case AccessDeniedException _ ->
          new InputException(
              ErrorKind.UNREADABLE,
              "There is no permission to read this %s; give it to this user with chmod or chown."
                  .formatted(what));
      case ClosedByInterruptException _ ->
          new InputException(ErrorKind.UNREADABLE, "The reading was interrupted.");
      default -> of(reason(failure), what);
    };
  }

  /** A path that no file can have. */
  static InputException invalidPath() {
    return new InputException(
        ErrorKind.NOT_FOUND,
        "No file name contains a NUL byte; a list made with -print0 is read with -0.");
  }

  /** For what is there and is not a regular file: opening it could block or have effects. */
  static InputException notAFile(Path path) {
    return new InputException(
        ErrorKind.UNREADABLE,
        "It is %s, not a file; copy what it gives into a file first.".formatted(type(path)));
  }

  private static InputException of(String reason, String what) {
    return switch (reason) {
      // A component before the last is a file.
      case "Not a directory" ->
          new InputException(ErrorKind.NOT_FOUND, "There is no such file or folder.");
      case "Is a directory" ->
          new InputException(ErrorKind.UNREADABLE, "It is a folder, not a %s.".formatted(what));
      default ->
          new InputException(
              ErrorKind.UNREADABLE, "This %s cannot be read: %s.".formatted(what, reason));
    };
  }

  /** The operating system's words; a FileSystemException's message would contain the path. */
  private static String reason(IOException failure) {
    String reason =
        failure instanceof FileSystemException refused ? refused.getReason() : failure.getMessage();
    return reason == null ? failure.getClass().getSimpleName() : reason;
  }

  private static String type(Path path) {
    try {
      int mode = (Integer) Files.getAttribute(path, "unix:mode", new LinkOption[0]);
      return switch (mode & TYPE_MASK) {
        case 0010000 -> "a named pipe";
        case 0140000 -> "a socket";
        case 0020000, 0060000 -> "a device";
        case 0040000 -> "a folder";
        default -> "something special";
      };
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      return "something special";
    }
  }
}
