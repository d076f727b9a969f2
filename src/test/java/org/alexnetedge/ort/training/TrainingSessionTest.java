package org.alexnetedge.ort.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.alexnetedge.artifacts.ArtifactOptions;
import org.alexnetedge.artifacts.Artifacts;
import org.alexnetedge.artifacts.Optimizer;
import org.alexnetedge.artifacts.Trainable;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.ort.LogLevel;
import org.alexnetedge.ort.ModelFixture;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.ort.Outputs;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.ort.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The traps of ONNX Runtime's training functions cannot be stepped into. */
class TrainingSessionTest {
  private static final OrtEnvironment ORT =
      TrainingLibrary.carried(ModelFixture.cache()).environment(LogLevel.FATAL, message -> {});

  /** y = x W + b, W [3,2]: 8 numbers to learn. */
  private static final long NUMBERS = 8;

  @TempDir Path folder;

  @BeforeEach
  void writeArtifacts() throws IOException {
    Artifacts.of(
            ModelFixture.linear().build(),
            ArtifactOptions.of(Trainable.all(), new Optimizer.Sgd(0)))
        .write(folder);
  }

  private CheckpointState load() {
    return CheckpointState.load(ORT, folder.resolve(Artifacts.CHECKPOINT));
  }

  private TrainingSession open(CheckpointState state) {
    return TrainingSession.open(
        state,
        SessionOptions.builder().intraOpThreads(1).build(),
        folder.resolve(Artifacts.TRAINING_MODEL),
        folder.resolve(Artifacts.EVAL_MODEL),
        folder.resolve(Artifacts.OPTIMIZER_MODEL));
  }

  private static float step(TrainingSession session, boolean training) {
    try (Tensor x = Tensor.ofFloats(ORT, new float[] {1, 0, 0}, 1, 3);
        Tensor targets = Tensor.ofFloats(ORT, new float[] {0, 1}, 1, 2);
        Tensor weights = Tensor.ofFloats(ORT, new float[] {1}, 1);
        Outputs outputs =
            training
                ? session.trainStep(List.of(x, targets, weights))
                : session.evalStep(List.of(x, targets, weights))) {
      return outputs.tensor("loss").toFloatArray()[0];
    }
  }

  @Test
  void a_library_without_training_is_refused_naming_one_that_has_it() {
    OrtException e =
        assertThrows(
            OrtException.class,
            () ->
                CheckpointState.load(
                    ModelFixture.environment(), folder.resolve(Artifacts.CHECKPOINT)));
    assertTrue(e.getMessage().contains("org.bytedeco:onnxruntime"), e.getMessage());
  }

  @Test
  void a_step_is_what_the_formula_says() {
    try (CheckpointState state = load();
        TrainingSession session = open(state)) {
      assertEquals(List.of("x", "targets", "weights"), session.trainingInputs());
      assertEquals(session.trainingInputs(), session.evalInputs());
      // logits (1,2) + (1,2) = (2,4): loss log(1 + e^-2); gradient p - (0,1) with p = softmax.
      double p = 1 / (1 + Math.exp(2));
      assertEquals(Math.log1p(Math.exp(-2)), step(session, true), 1e-6);
      session.optimizerStep(0.5f);
      assertEquals(0.5f, session.learningRate());
      try (Tensor bias = session.parameter("bias")) {
        assertArrayEquals(
            new float[] {(float) (1 - 0.5 * p), (float) (2 + 0.5 * p)}, bias.toFloatArray(), 1e-6f);
      }
    }
  }

  @Test
  void gradients_are_applied_once() {
    try (CheckpointState state = load();
        TrainingSession session = open(state)) {
      refused("There are no gradients", () -> session.optimizerStep(1));
      step(session, true);
      session.optimizerStep(0.1f);
      refused("There are no gradients", () -> session.optimizerStep(1));
      step(session, true);
      session.dropGradients();
      refused("There are no gradients", () -> session.optimizerStep(1));
      refused("There is no schedule", session::optimizerStep);
    }
  }

  @Test
  void a_schedule_of_onnx_runtimes_warms_up_and_falls() {
    try (CheckpointState state = load();
        TrainingSession session = open(state)) {
      session.linearSchedule(2, 4, 0.4f);
      float[] rates = new float[4];
      for (int i = 0; i < rates.length; i++) {
        rates[i] = session.learningRate();
        step(session, true);
        session.optimizerStep();
      }
      assertArrayEquals(new float[] {0, 0.2f, 0.4f, 0.2f}, rates, 1e-6f);
    }
  }

  @Test
  void a_state_is_trained_by_one_session_at_a_time() {
    try (CheckpointState state = load()) {
      TrainingSession first = open(state);
      refused("The checkpoint state is in another training session", () -> open(state).close());
      first.close();
      first.close();
      open(state).close();
    }
  }

  @Test
  void saved_is_what_was_learnt_and_properties_come_back() {
    Path saved = folder.resolve("saved");
    float loss;
    try (CheckpointState state = load();
        TrainingSession session = open(state)) {
      step(session, true);
      session.optimizerStep(0.5f);
      loss = step(session, false);
      state.put("epoch", 7L);
      state.put("rate", 0.25f);
      state.put("name", "flowers");
      state.save(saved, true);
    }
    try (CheckpointState state = CheckpointState.load(ORT, saved);
        TrainingSession session = open(state)) {
      assertEquals(loss, step(session, false));
      assertEquals(Optional.of(7L), state.property("epoch"));
      assertEquals(Optional.of(0.25f), state.property("rate"));
      assertEquals(Optional.of("flowers"), state.property("name"));
      assertEquals(Optional.empty(), state.property("other"));
    }
  }

  @Test
  void parameters_are_copied_out_and_in() {
    try (CheckpointState state = load();
        TrainingSession session = open(state);
        Arena arena = Arena.ofConfined();
        Tensor zero = Tensor.ofFloats(ORT, new float[2], 2)) {
      assertEquals(NUMBERS, session.parameterElements(true));
      MemorySegment all = arena.allocate(ValueLayout.JAVA_FLOAT, NUMBERS);
      session.copyParameters(all, true);
      float before = step(session, false);
      session.setParameter("bias", zero);
      assertNotEquals(before, step(session, false));
      session.setParameters(all, true);
      assertEquals(before, step(session, false));
      assertThrows(
          IllegalArgumentException.class, () -> session.copyParameters(all.asSlice(4), true));
      assertThrows(OrtException.class, () -> session.parameter("none"));
    }
  }

  @Test
  void what_does_not_fit_is_refused() throws IOException {
    Path garbage = Files.writeString(folder.resolve("garbage"), "no checkpoint at all");
    OrtException e = assertThrows(OrtException.class, () -> CheckpointState.load(ORT, garbage));
    assertTrue(e.getMessage().contains("garbage cannot be read"), e.getMessage());
    try (CheckpointState state = load();
        TrainingSession session = open(state);
        Tensor x = Tensor.ofFloats(ORT, new float[3], 1, 3)) {
      assertTrue(
          assertThrows(IllegalArgumentException.class, () -> session.trainStep(List.of(x)))
              .getMessage()
              .startsWith("The model takes 3 inputs, [x, targets, weights], not 1."));
      assertThrows(OrtException.class, () -> session.trainStep(List.of(x, x, x)));
    }
  }

  @Test
  void a_session_without_eval_or_optimizer_model_says_so() {
    try (CheckpointState state = load();
        TrainingSession session =
            TrainingSession.open(
                state,
                SessionOptions.DEFAULT,
                folder.resolve(Artifacts.TRAINING_MODEL),
                null,
                null)) {
      step(session, true);
      refused("The session was opened without an optimizer", () -> session.optimizerStep(1));
      refused("The session was opened without an eval", () -> step(session, false));
      refused(
          "The session was opened without an eval",
          () -> session.exportForInference(folder.resolve("out.onnx"), List.of("logits")));
    }
  }

  @Test
  void a_session_of_memory_learns_as_one_of_files_does_but_exports_nothing() {
    assertArrayEquals(learnt(this::open), learnt(this::ofMemory));
    try (CheckpointState state = load()) {
      MemorySegment array = MemorySegment.ofArray(new byte[8]);
      assertThrows(
          IllegalArgumentException.class,
          () -> TrainingSession.open(state, SessionOptions.DEFAULT, array, null, null));
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment model = OnnxModel.read(folder.resolve(Artifacts.TRAINING_MODEL)).bytes(arena);
        SessionOptions reading =
            SessionOptions.builder()
                .configuration("session.use_ort_model_bytes_directly", "1")
                .build();
        assertThrows(
            IllegalArgumentException.class,
            () -> TrainingSession.open(state, reading, model, null, null));
      }
      try (TrainingSession session = ofMemory(state)) { // What was refused does not hold it.
        refused(
            "The session was opened from memory",
            () -> session.exportForInference(folder.resolve("out.onnx"), List.of("logits")));
      }
    }
  }

  /** The weights after a step. */
  private float[] learnt(Function<CheckpointState, TrainingSession> opening) {
    try (CheckpointState state = load();
        TrainingSession session = opening.apply(state);
        Arena arena = Arena.ofConfined()) {
      step(session, true);
      session.optimizerStep(0.1f);
      step(session, false);
      MemorySegment weights = arena.allocate(ValueLayout.JAVA_FLOAT, NUMBERS);
      session.copyParameters(weights, true);
      return weights.toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  /** The memory is gone when the session is used. */
  private TrainingSession ofMemory(CheckpointState state) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment[] models =
          Stream.of(Artifacts.TRAINING_MODEL, Artifacts.EVAL_MODEL, Artifacts.OPTIMIZER_MODEL)
              .map(name -> OnnxModel.read(folder.resolve(name)).bytes(arena))
              .toArray(MemorySegment[]::new);
      return TrainingSession.open(
          state,
          SessionOptions.builder().intraOpThreads(1).build(),
          models[0],
          models[1],
          models[2]);
    }
  }

  @Test
  void use_after_closing_is_an_exception() {
    CheckpointState state = load();
    TrainingSession session = open(state);
    state.close();
    step(session, true); // The state is kept for its session.
    session.close();
    refused("The training session is closed", () -> step(session, true));
    refused("The checkpoint state is closed", () -> state.save(folder.resolve("x"), false));
  }

  private static void refused(String message, Executable use) {
    String said = assertThrows(IllegalStateException.class, use).getMessage();
    assertTrue(said.startsWith(message), said);
  }
}
