package org.alexnetedge.pipeline;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.onnx.OnnxException;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.SessionOptions;
import org.jspecify.annotations.Nullable;

/**
 * Opens models for the CPU quickly: a large model's optimised graph is kept in the cache folder, in
 * ORT format, and mapped from there. Only such files are mapped, never the user's own, which could
 * be overwritten while they are in use.
 *
 * <p>An entry is named by what decides its content: the model's real path, size, time and inode,
 * ONNX Runtime's file and version, and the processor's features. It is made by rename, so it is
 * whole or not there; it may be deleted at any time; the least recently used go when there are too
 * many bytes.
 *
 * <p>Thread-safe.
 */
public final class ModelCache {
  /** A smaller model opens in a moment from its own file. */
  private static final long SMALLEST = 8L << 20;

  private static final long MOST_BYTES = 2L << 30;
  private static final String SUFFIX = ".ort";
  private static final String TEMPORARY = ".tmp-";

  /** How a session holds its weights. */
  public enum Loading {
    /** Copied from the user's file and packed for the processor: the fastest runs. */
    PLAIN,
    /**
     * Mapped and used as they lie: opens in milliseconds and takes no memory of its own; batches of
     * 8 and more run slower by a quarter, and results may differ in the last bits.
     */
    MAPPED
  }

  /**
   * An open model.
   *
   * @param session closed by the caller
   * @param loading how it was loaded in the end
   */
  public record Opened(Session session, Loading loading) {}

  private final Path folder;

  public ModelCache(NativeCache cache) {
    this.folder = cache.root().resolve("models");
  }

  /**
   * Opens a model. Where the cache cannot be used, or is not worth it, the model is loaded plainly.
   *
   * @throws OrtException when the file is no model, or a provider cannot be used
   */
  public Opened open(
      OrtEnvironment environment, Path file, SessionOptions options, Loading wanted) {
    if (wanted == Loading.MAPPED && options.providers().isEmpty()) {
      try {
        if (Files.size(file) >= SMALLEST) {
          Path prepared = prepared(environment, file, options);
          Session session = Session.openMapped(environment, prepared, mapped(options));
          return new Opened(session, Loading.MAPPED);
        }
      } catch (IOException | OrtException | OnnxException e) {
        // The plain way works without the cache, or says what is wrong with the model.
      }
    }
    return new Opened(Session.open(environment, file, options), Loading.PLAIN);
  }

  private static SessionOptions mapped(SessionOptions options) {
    return options.toBuilder()
        .configuration("session.use_ort_model_bytes_directly", "1")
        .configuration("session.use_ort_model_bytes_for_initializers", "1")
        // Packing copies the weights, and what is packed from a map runs slower than from a copy.
        .configuration("session.disable_prepacking", "1")
        .build();
  }

  private Path prepared(OrtEnvironment environment, Path file, SessionOptions options)
      throws IOException {
    String key = key(environment, file);
    Path known = find(key);
    if (known != null) {
      // Marks it as used, for the choice of what to delete.
      Files.setLastModifiedTime(known, FileTime.from(Instant.now()));
      return known;
    }
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    refuseExternalData(file);
    deleteAbandoned();
    Path temporary = folder.resolve(TEMPORARY + ProcessHandle.current().pid() + SUFFIX);
    try {
      Session.open(
              environment,
              file,
              options.toBuilder()
                  .optimizedModel(temporary)
                  .configuration("session.save_model_format", "ORT")
                  .build())
          .close();
      if (!key.equals(key(environment, file))) {
        throw new IOException("the model was changed meanwhile");
      }
      Path prepared = folder.resolve(key + "-" + Files.size(temporary) + SUFFIX);
      Files.move(temporary, prepared, StandardCopyOption.ATOMIC_MOVE);
      deleteOldest(prepared);
      return prepared;
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** The entry with its full size, which its name gives: reading past a map's end is deadly. */
  private @Nullable Path find(String key) throws IOException {
    if (!Files.isDirectory(folder)) {
      return null;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, key + "-*" + SUFFIX)) {
      for (Path entry : entries) {
        if (entry.getFileName().toString().equals(key + "-" + Files.size(entry) + SUFFIX)) {
          return entry;
        }
        Files.deleteIfExists(entry);
      }
    }
    return null;
  }

  /** The key does not tell of files beside the model. */
  private static void refuseExternalData(Path file) throws IOException {
    boolean external;
    try (Arena arena = Arena.ofConfined()) {
      external =
          OnnxModel.read(file, arena).graph().initializers().values().stream()
              .anyMatch(tensor -> tensor.externalFile().isPresent());
    }
    if (external) {
      throw new IOException("the model has external data");
    }
  }

  private static String key(OrtEnvironment environment, Path file) throws IOException {
    Path real = file.toRealPath();
    BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
    String source =
        String.join(
            "\n",
            real.toUri().getRawPath(),
            Long.toString(attributes.size()),
            Long.toString(attributes.lastModifiedTime().to(TimeUnit.NANOSECONDS)),
            String.valueOf(attributes.fileKey()),
            environment.library().version(),
            environment.library().file().toString(),
            processor());
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(source.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // Every Java platform has it.
    }
  }

  /** Model and features of the first processor: the optimised graph depends on them. */
  private static String processor() throws IOException {
    StringBuilder features = new StringBuilder();
    for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
      if (line.isBlank()) {
        break;
      }
      if (line.startsWith("flags")
          || line.startsWith("model name")
          || line.startsWith("Features")
          || line.startsWith("CPU ")) {
        features.append(line).append('\n');
      }
    }
    return features.toString();
  }

  private void deleteOldest(Path kept) throws IOException {
    record Entry(Path path, long size, FileTime used) {}
    List<Entry> entries = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
      for (Path path : files) {
        entries.add(new Entry(path, Files.size(path), Files.getLastModifiedTime(path)));
      }
    }
    entries.sort(Comparator.comparing(Entry::used));
    long bytes = entries.stream().mapToLong(Entry::size).sum();
    for (Entry entry : entries) {
      if (bytes <= MOST_BYTES) {
        return;
      }
      if (!entry.path().equals(kept)) {
        Files.deleteIfExists(entry.path()); // Whoever has it mapped keeps it.
        bytes -= entry.size();
      }
    }
  }

  /** Of processes that were killed; a day is longer than any preparation. */
  private void deleteAbandoned() throws IOException {
    Instant yesterday = Instant.now().minus(Duration.ofDays(1));
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, TEMPORARY + "*")) {
      for (Path path : files) {
        if (Files.getLastModifiedTime(path).toInstant().isBefore(yesterday)) {
          Files.deleteIfExists(path);
        }
      }
    }
  }
}
