package org.alexnetedge.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import org.alexnetedge.classify.OutputException;
import org.alexnetedge.image.Format;
import org.jspecify.annotations.Nullable;

/** A file that a command is to write: looked at before anything is computed, there when whole. */
final class NewFile {
  private NewFile() {}

  /** Makes a file. */
  @FunctionalInterface
  interface Making<T> {
    /**
     * @param beside where it is to be made; nothing is there
     */
    T make(Path beside) throws IOException, OutputException;
  }

  /**
   * Refuses a file that cannot be written or must not be replaced, as a picture by what is none.
   *
   * @throws OutputException with a sentence
   */
  static void check(Path file, boolean overwrite) throws OutputException {
    checkPicture(file, overwrite);
    if (Files.exists(file) && Format.of(file) != null) {
      throw new OutputException(
          "cannot write " + file + ": it is a picture, which would be lost; name another file.");
    }
  }

  /**
   * The same for what is a picture itself.
   *
   * @throws OutputException with a sentence
   */
  static void checkPicture(Path file, boolean overwrite) throws OutputException {
    if (file.toString().isEmpty()) {
      throw new OutputException("cannot write to a file without a name.");
    }
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file)) {
      throw new OutputException("cannot write " + file + ": it is a folder.");
    }
    if (folder != null && !Files.isDirectory(folder)) {
      throw new OutputException("cannot write " + file + ": there is no folder " + folder + ".");
    }
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new OutputException("cannot write " + file + ": it is not a file.");
    }
    if (Files.exists(file) && !overwrite) {
      throw new OutputException(file + " exists already; --overwrite replaces it.");
    }
  }

  /** Whether an output is one of the inputs, of which some may be null or not there. */
  static boolean isAmong(Path file, @Nullable Path... inputs) {
    return Arrays.stream(inputs).anyMatch(input -> isSame(file, input));
  }

  private static boolean isSame(Path file, @Nullable Path input) {
    try {
      return input != null && Files.isSameFile(file, input);
    } catch (IOException e) {
      return false; // One of them does not exist.
    }
  }

  /**
   * Makes a file beside its place and gives it its name; where a link is, what it points to is
   * replaced.
   *
   * @return what the making gave
   * @throws OutputException when it cannot be written
   */
  static <T> T put(Path file, Making<T> making) throws OutputException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      throw new OutputException("cannot write " + file + ": it is not a file.");
    }
    try {
      Path target = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
      String random = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
      Path beside = target.resolveSibling("." + target.getFileName() + "." + random + ".tmp");
      // Interrupted by a signal, the process does not come to its finally blocks.
      Thread cleanup = new Thread(() -> beside.toFile().delete());
      Runtime.getRuntime().addShutdownHook(cleanup);
      try {
        T made = making.make(beside);
        Files.move(
            beside, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return made;
      } finally {
        beside.toFile().delete(); // No longer there when all went well.
        try {
          Runtime.getRuntime().removeShutdownHook(cleanup);
        } catch (IllegalStateException e) {
          // The process is ending, and the hook does its work.
        }
      }
    } catch (NoSuchFileException e) {
      Path folder = file.toAbsolutePath().getParent();
      throw new OutputException("cannot write " + file + ": there is no folder " + folder + ".", e);
    } catch (IOException e) {
      throw new OutputException("cannot write " + file + ": " + OutputException.reason(e) + ".", e);
    }
  }
}
