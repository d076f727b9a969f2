package org.alexnetedge.train;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Set;
import org.alexnetedge.image.Format;

/** Whether the file that comes out may be written where it should be. */
final class RunOutput {
  private RunOutput() {}

  /**
   * Refuses to replace what is not this run's own.
   *
   * @throws TrainingException when it cannot be written there
   */
  static void check(RunFolder run, Path output, boolean overwrite) throws TrainingException {
    Path folder = output.toAbsolutePath().getParent();
    if (Files.isDirectory(output)) {
      throw new TrainingException("cannot write " + output + ": it is a folder.");
    }
    if (folder == null || !Files.isDirectory(folder)) {
      throw new TrainingException(
          "cannot write " + output + ": there is no folder " + folder + ".");
    }
    if (!Files.isWritable(folder)) {
      throw new TrainingException(
          "cannot write " + output + ": there is no permission to write into " + folder + ".");
    }
    if (Files.exists(output) && (!Files.isRegularFile(output) || Format.of(output) != null)) {
      throw new TrainingException(
          "cannot write " + output + ": it is no model, and would be lost; name another file.");
    }
    if (output.toAbsolutePath().normalize().startsWith(run.folder().toAbsolutePath().normalize())) {
      throw new TrainingException(
          "cannot write " + output + ": it lies in the run's own folder; name another file.");
    }
    if (Files.exists(output) && !overwrite && !isOwn(run, output)) {
      throw new TrainingException(
          output + " exists already; --overwrite replaces it, -o names another file.");
    }
  }

  private static boolean isOwn(RunFolder run, Path output) throws TrainingException {
    Path file = run.result();
    try {
      return Files.exists(file) && Files.readAllLines(file).contains(sha256(output));
    } catch (IOException e) {
      throw TrainingException.cannot("read", output, e);
    }
  }

  /**
   * Notes a file that is about to come out, so that the same run may replace it when it goes on.
   * What was noted before stays: killed now, the run still finds the file before.
   */
  static void remember(RunFolder run, Path output) throws TrainingException {
    try {
      Set<String> known = new LinkedHashSet<>();
      if (Files.exists(run.result())) {
        known.addAll(Files.readAllLines(run.result()));
      }
      known.add(sha256(output));
      DurableFiles.write(run.result(), String.join("\n", known) + "\n");
    } catch (IOException e) {
      throw TrainingException.cannot("write", run.result(), e);
    }
  }

  static String sha256(Path file) throws IOException {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
        in.transferTo(OutputStream.nullOutputStream());
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // Every Java platform has it.
    }
  }
}
