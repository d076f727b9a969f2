package org.alexnetedge.ort.training;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.alexnetedge.ort.FunctionTable;
import org.alexnetedge.ort.FunctionTable.Owned;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;

/**
 * The parameters of a model, what an optimizer remembers of them, and properties of the caller's.
 * One {@link TrainingSession} at a time trains it.
 *
 * <p>Thread-safe: a call waits for another to end. Owned by whoever loaded it; when it is closed
 * before its session, it is released with that.
 */
public final class CheckpointState implements AutoCloseable {
  // enum OrtPropertyType
  private static final int INT = 0;
  private static final int FLOAT = 1;
  private static final int STRING = 2;

  private final FunctionTable functions;
  private final Owned state;
  private final AtomicBoolean inSession = new AtomicBoolean();

  private CheckpointState(FunctionTable functions, Owned state) {
    this.functions = functions;
    this.state = state;
  }

  /**
   * Reads a checkpoint file.
   *
   * @throws OrtException when the library cannot train, or the file is missing, damaged or no
   *     checkpoint
   */
  public static CheckpointState load(OrtEnvironment environment, Path file) {
    FunctionTable functions = TrainingLibrary.functions(environment);
    try {
      return new CheckpointState(
          functions,
          functions.makeOwned(
              "checkpoint state",
              TrainingFunction.ReleaseCheckpointState.ordinal(),
              List.of(),
              TrainingFunction.LoadCheckpoint.ordinal(),
              file));
    } catch (OrtException e) {
      throw new OrtException(
          e.code(), "The checkpoint " + file + " cannot be read: " + e.getMessage().strip());
    }
  }

  /**
   * Writes a checkpoint file, in place: a caller that may be interrupted writes beside it and
   * renames.
   *
   * @param withOptimizerState what a later session needs to go on as if it had not been interrupted
   * @throws OrtException when it cannot be written
   */
  public void save(Path file, boolean withOptimizerState) {
    functions.call(TrainingFunction.SaveCheckpoint.ordinal(), state, file, withOptimizerState);
  }

  /** Keeps a number with the checkpoint. */
  public void put(String property, long value) {
    try (Arena arena = Arena.ofConfined()) {
      put(property, INT, arena.allocateFrom(JAVA_LONG, value));
    }
  }

  /** Keeps a number with the checkpoint. */
  public void put(String property, float value) {
    try (Arena arena = Arena.ofConfined()) {
      put(property, FLOAT, arena.allocateFrom(JAVA_FLOAT, value));
    }
  }

  /** Keeps a text with the checkpoint. */
  public void put(String property, String value) {
    try (Arena arena = Arena.ofConfined()) {
      put(property, STRING, arena.allocateFrom(value));
    }
  }

  private void put(String property, int type, MemorySegment value) {
    functions.call(TrainingFunction.AddProperty.ordinal(), state, property, type, value);
  }

  /** A property: {@link Long}, {@link Float} or {@link String}; empty when there is none. */
  public Optional<Object> property(String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment type = arena.allocate(JAVA_INT);
      long value =
          functions.make(
              TrainingFunction.GetProperty.ordinal(), state, name, FunctionTable.ALLOCATOR, type);
      return Optional.of(
          switch (type.get(JAVA_INT, 0)) {
            case INT -> functions.takeBytes(value, 8).get(JAVA_LONG_UNALIGNED, 0);
            case FLOAT -> functions.takeBytes(value, 4).get(JAVA_FLOAT_UNALIGNED, 0);
            default -> functions.takeString(value);
          });
    } catch (OrtException e) {
      return Optional.empty(); // The one error there is: no such property.
    }
  }

  FunctionTable functions() {
    return functions;
  }

  /** Begins the use by a session. */
  Owned enterSession() {
    if (inSession.getAndSet(true)) {
      throw new IllegalStateException(
          "The checkpoint state is in another training session: load it again for a second one.");
    }
    return state;
  }

  void leaveSession() {
    inSession.set(false);
  }

  /** Releases the state, or leaves that to its session. Does nothing the second time. */
  @Override
  public void close() {
    state.close();
  }
}
