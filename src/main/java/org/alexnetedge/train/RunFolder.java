package org.alexnetedge.train;

import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.reflect.TypeToken;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A training run on the disk:
 *
 * <pre>
 * version              1
 * config.json          what was asked for; written last, so a folder without it has not begun
 * start.onnx           the model before the first step, for inference
 * frozen.onnx          the part of it that computes features, when only a head is trained
 * split.tsv            pictures with their labels, the side that they are on and SHA-256
 * split.sha256         of split.tsv
 * parameters.json      the checkpoint's names of parameters by those of start.onnx
 * artifacts/           graphs for ONNX Runtime's training, and the checkpoint before the first step
 * features/            of the pictures, when only a head is trained
 * metrics.jsonl        one line an epoch
 * checkpoints/NNNNNN/  checkpoint (with the optimizer's state), state.json; complete by rename
 * last, best           each the name of a checkpoint
 * result.sha256        of the files that came out
 * </pre>
 *
 * <p>One process at a time has it open. For one thread.
 */
public final class RunFolder implements AutoCloseable {
  static final int VERSION = 1;

  /** How records become JSON here. */
  static final Gson JSON =
      new GsonBuilder()
          .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
          .setPrettyPrinting()
          .disableHtmlEscaping()
          .serializeNulls()
          .create();

  private static final List<String> FILES =
      List.of(
          "last",
          "best",
          "metrics.jsonl",
          "split.tsv",
          "split.sha256",
          "start.onnx",
          "frozen.onnx",
          "parameters.json",
          "result.sha256");

  private static final List<String> FOLDERS = List.of("artifacts", ".artifacts", "checkpoints");

  /** All that a run has in its folder, but for hidden files that are on their way. */
  private static final Set<String> NAMES =
      Stream.of(FILES, FOLDERS, List.of("version", "config.json", "features"))
          .flatMap(List::stream)
          .collect(Collectors.toUnmodifiableSet());

  private final Path folder;
  private final FileChannel lockFile;

  private RunFolder(Path folder, FileChannel lockFile) {
    this.folder = folder;
    this.lockFile = lockFile;
  }

  /** A checkpoint's name and where the run stood; its numbers are in {@link #file}. */
  record Checkpoint(Path folder, Position position) {
    Path file() {
      return folder.resolve("checkpoint");
    }
  }

  /**
   * Makes a folder for a new run. One that holds a run which never began is taken again. A run that
   * is replaced stays as it is until {@link #clear}.
   *
   * @param replace whether a run that is there may be deleted
   * @throws TrainingException when it cannot be made, or holds a run or something else
   */
  public static RunFolder create(Path folder, boolean replace) throws TrainingException {
    try {
      if (Files.exists(folder) && !isEmpty(folder)) {
        if (!isRun(folder)) {
          throw new TrainingException(
              folder + " is there already and is no training run; name another with --run.");
        }
        if (Files.exists(folder.resolve("config.json")) && !replace) {
          throw new TrainingException(
              folder
                  + " holds a run already: --resume "
                  + folder
                  + " goes on with it, --overwrite deletes it and begins anew.");
        }
      }
      Files.createDirectories(folder);
      RunFolder run = lock(folder);
      try {
        if (!Files.exists(folder.resolve("version"))) {
          DurableFiles.write(folder.resolve("version"), VERSION + "\n");
        }
        return run;
      } catch (IOException e) {
        run.close();
        throw e;
      }
    } catch (IOException e) {
      throw TrainingException.cannot("write", folder, e);
    }
  }

  /** Whether it holds a run, begun or not, of this version or an older one, and nothing else. */
  private static boolean isRun(Path folder) throws IOException {
    Path version = folder.resolve("version");
    if (!Files.isRegularFile(version) || Files.size(version) > 16) {
      return false;
    }
    String number = Files.readString(version, StandardCharsets.ISO_8859_1).strip();
    if (!number.matches("\\d{1,4}") || Integer.parseInt(number) > VERSION) {
      return false;
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .allMatch(name -> name.startsWith(".") || NAMES.contains(name));
    }
  }

  /** Whether there is nothing, or what a kill left before the version was written. */
  private static boolean isEmpty(Path folder) throws IOException {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .map(entry -> entry.getFileName().toString())
          .allMatch(List.of(".lock", ".version.tmp")::contains);
    }
  }

  /**
   * Deletes what this class and its users put here, and nothing else. Features stay: they know what
   * they are of, and another head on them is learnt in seconds.
   */
  void clear() throws IOException {
    Files.deleteIfExists(folder.resolve("config.json")); // First: without it, nothing has begun.
    for (String name : FILES) {
      Files.deleteIfExists(folder.resolve(name));
    }
    for (String name : FOLDERS) {
      DurableFiles.deleteTree(folder.resolve(name));
    }
    DurableFiles.write(folder.resolve("version"), VERSION + "\n");
  }

  /**
   * Opens a run that has begun.
   *
   * @throws TrainingException when it is none, of a newer version, or open in another process
   */
  public static RunFolder open(Path folder) throws TrainingException {
    if (!Files.isDirectory(folder)) {
      throw new TrainingException("There is no run folder " + folder + ".");
    }
    Path version = folder.resolve("version");
    try {
      if (!Files.exists(version)) {
        throw new TrainingException(folder + " is no training run: it has no file 'version'.");
      }
      String number = Files.readString(version).strip();
      if (!number.equals(Integer.toString(VERSION))) {
        throw new TrainingException(
            "%s is of version %s, and this program knows version %d; resume with the newer program."
                .formatted(folder, number, VERSION));
      }
      if (!Files.exists(folder.resolve("config.json"))) {
        throw new TrainingException(
            folder + " ended before its first step; begin again with the same command.");
      }
      RunFolder run = lock(folder);
      run.deleteUnfinished();
      return run;
    } catch (IOException e) {
      throw TrainingException.cannot("read", folder, e);
    }
  }

  private static RunFolder lock(Path folder) throws IOException, TrainingException {
    FileChannel channel =
        FileChannel.open(
            folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      // Open in this process.
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    if (lock == null) {
      throw new TrainingException(folder + " is in use: another process trains in it.");
    }
    return new RunFolder(folder, channel);
  }

  public Path folder() {
    return folder;
  }

  Path startModel() {
    return folder.resolve("start.onnx");
  }

  /** The part that computes features, when only a head is trained. */
  Path frozenModel() {
    return folder.resolve("frozen.onnx");
  }

  /** Where features of pictures are kept, when only a head is trained. */
  Path features() {
    return folder.resolve("features");
  }

  /** SHA-256 of the files that came out. */
  Path result() {
    return folder.resolve("result.sha256");
  }

  private Path parametersFile() {
    return folder.resolve("parameters.json");
  }

  /** The checkpoint's names of parameters by those of the start model. */
  Map<String, String> parameters() throws TrainingException {
    return read(parametersFile(), new TypeToken<>() {});
  }

  /** Writes what {@link #parameters} reads. */
  void writeParameters(Map<String, String> names) throws IOException {
    DurableFiles.write(parametersFile(), JSON.toJson(names) + "\n");
  }

  Path artifacts() {
    return folder.resolve("artifacts");
  }

  Path split() {
    return folder.resolve("split.tsv");
  }

  /** SHA-256 of {@link #split}. */
  Path splitSum() {
    return folder.resolve("split.sha256");
  }

  private Path checkpoints() {
    return folder.resolve("checkpoints");
  }

  /** Writes what was asked for; with it the run has begun. */
  void write(TrainConfig config) throws TrainingException {
    try {
      Files.createDirectories(checkpoints());
      DurableFiles.write(folder.resolve("config.json"), JSON.toJson(config) + "\n");
    } catch (IOException e) {
      throw TrainingException.cannot("write", folder.resolve("config.json"), e);
    }
  }

  /** What was asked for. */
  public TrainConfig config() throws TrainingException {
    return read(folder.resolve("config.json"), TypeToken.get(TrainConfig.class));
  }

  private static <T> T read(Path file, TypeToken<T> type) throws TrainingException {
    try {
      T read = JSON.fromJson(Files.readString(file), type);
      if (read != null) {
        return read;
      }
    } catch (JsonParseException | IllegalArgumentException | NullPointerException e) {
      throw new TrainingException(file + " is not what this program wrote, or is cut off.", e);
    } catch (IOException e) {
      throw TrainingException.cannot("read", file, e);
    } catch (RuntimeException e) {
      // Gson's wrapper of what a record's constructor throws.
      throw new TrainingException(file + " is not what this program wrote.", e);
    }
    throw new TrainingException(file + " is empty.");
  }

  /** Figures of the epochs so far. */
  History history() {
    return new History(folder.resolve("metrics.jsonl"));
  }

  /** Where the run stands; empty before the first checkpoint. */
  Optional<Checkpoint> last() throws TrainingException {
    return pointed("last");
  }

  /** The best checkpoint. */
  Optional<Checkpoint> best() throws TrainingException {
    return pointed("best");
  }

  private Optional<Checkpoint> pointed(String pointer) throws TrainingException {
    Path file = folder.resolve(pointer);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      Path checkpoint = checkpoints().resolve(Files.readString(file).strip());
      return Optional.of(
          new Checkpoint(
              checkpoint, read(checkpoint.resolve("state.json"), TypeToken.get(Position.class))));
    } catch (IOException e) {
      throw TrainingException.cannot("read", file, e);
    }
  }

  /** Writes the numbers of a checkpoint. */
  @FunctionalInterface
  interface Numbers {
    void write(Path file) throws IOException;
  }

  /**
   * Adds a checkpoint, points at it, and deletes those that nothing points at.
   *
   * @param isBest whether it is also the best
   * @throws TrainingException when it cannot be written; those before are then as they were
   */
  Checkpoint save(Position position, boolean isBest, Numbers numbers) throws TrainingException {
    Path temporary = checkpoints().resolve(".tmp");
    try {
      DurableFiles.deleteTree(temporary);
      Files.createDirectories(temporary);
      numbers.write(temporary.resolve("checkpoint"));
      Files.writeString(temporary.resolve("state.json"), JSON.toJson(position) + "\n");
      String name = "%06d".formatted(nextNumber());
      Path made = checkpoints().resolve(name);
      DurableFiles.publish(temporary, made);
      // First the better one: killed between, the run goes on from before and finds it again.
      if (isBest) {
        DurableFiles.write(folder.resolve("best"), name + "\n");
      }
      DurableFiles.write(folder.resolve("last"), name + "\n");
      deleteUnfinished();
      return new Checkpoint(made, position);
    } catch (IOException e) {
      try {
        DurableFiles.deleteTree(temporary);
      } catch (IOException again) {
        e.addSuppressed(again);
      }
      throw new TrainingException(
          "cannot write a checkpoint in "
              + checkpoints()
              + ": "
              + TrainingException.reason(e)
              + ". The one before is whole; --resume "
              + folder
              + " goes on from it.",
          e);
    }
  }

  private int nextNumber() throws IOException {
    try (Stream<Path> entries = Files.list(checkpoints())) {
      return 1
          + entries
              .map(entry -> entry.getFileName().toString())
              .filter(name -> name.matches("\\d{6,9}"))
              .mapToInt(Integer::parseInt)
              .max()
              .orElse(0);
    }
  }

  /** Deletes checkpoints that were not finished, and those that nothing points at. */
  private void deleteUnfinished() throws IOException {
    if (!Files.isDirectory(checkpoints())) {
      return;
    }
    List<Path> all;
    try (Stream<Path> entries = Files.list(checkpoints())) {
      all = entries.toList();
    }
    List<String> kept = List.of(name("last"), name("best"));
    for (Path checkpoint : all) {
      if (!kept.contains(checkpoint.getFileName().toString())) {
        DurableFiles.deleteTree(checkpoint);
      }
    }
  }

  /** Takes the folder away again where nothing came into it. */
  public void discardIfEmpty() {
    try {
      List<String> ours = List.of(".lock", "version");
      try (Stream<Path> entries = Files.list(folder)) {
        if (!entries.allMatch(entry -> ours.contains(entry.getFileName().toString()))) {
          return;
        }
      }
      for (String name : ours) {
        Files.deleteIfExists(folder.resolve(name));
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // It stays, and the next run takes it.
    }
  }

  private String name(String pointer) throws IOException {
    Path file = folder.resolve(pointer);
    return Files.exists(file) ? Files.readString(file).strip() : "";
  }

  @Override
  public void close() {
    try {
      lockFile.close();
    } catch (IOException e) {
      // The lock ends with the process at the latest.
    }
  }
}
