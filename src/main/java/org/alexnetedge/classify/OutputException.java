package org.alexnetedge.classify;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** The output cannot be used or continued; the message is a sentence that names it. */
public final class OutputException extends Exception {
  private static final long serialVersionUID = 1L;

  public OutputException(String message) {
    super(message);
  }

  public OutputException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Why an operation failed, as the system says it and without the path. */
  public static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "it does not exist";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    String text = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    if (text == null) {
      return e.getClass().getSimpleName();
    }
    // FileNotFoundException says "path (reason)".
    int open = text.lastIndexOf(" (");
    return open >= 0 && text.endsWith(")") ? text.substring(open + 2, text.length() - 1) : text;
  }
}
