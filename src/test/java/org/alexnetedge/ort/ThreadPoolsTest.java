package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ThreadPoolsTest {
  @Test
  void sessions_that_share_an_environments_threads_start_none_of_their_own() {
    assertEquals(
        List.of(
            "20 sessions that share: 0 threads more",
            "20 sessions of 3 threads: 40 threads more",
            "an asynchronous run of one that shares: [2.0, 4.0]",
            "asked again: true",
            "asked without threads: true",
            "asked for others: ThreadPools[intraOp=4, interOp=1, spin=false, denormalAsZero=true,"
                + " affinity=]"),
        OtherLibrary.process(ThreadPoolsTest.class));
  }

  /** A process whose environment has threads. */
  public static void main(String[] arguments) throws Exception {
    ThreadPools pools = new ThreadPools(4, 1, false, true, "");
    OrtLibrary library = OrtLibrary.carried(ModelFixture.cache());
    OrtEnvironment environment = library.environment(LogLevel.FATAL, message -> {}, pools);
    SessionOptions sharing = SessionOptions.builder().sharedThreads(true).build();
    SessionOptions own = SessionOptions.builder().intraOpThreads(3).build();
    Path model = Files.createTempFile("linear", ".onnx");
    ModelFixture.linear().build().write(model);
    List<Session> open = new ArrayList<>();
    open.add(opened(environment, model, sharing));
    for (SessionOptions options : List.of(sharing, own)) {
      long before = threads();
      for (int i = 0; i < 20; i++) {
        open.add(opened(environment, model, options));
      }
      System.out.println(
          "20 sessions "
              + (options == own ? "of 3 threads: " : "that share: ")
              + (threads() - before)
              + " threads more");
    }
    try (Tensor x = Tensor.ofFloats(environment, new float[] {1, 0, 0}, 1, 3);
        Outputs outputs = open.getFirst().runAsync(Map.of("x", x)).get()) {
      System.out.println(
          "an asynchronous run of one that shares: "
              + java.util.Arrays.toString(outputs.tensor("y").toFloatArray()));
    }
    open.forEach(Session::close);
    Files.delete(model);
    System.out.println(
        "asked again: "
            + (environment == library.environment(LogLevel.FATAL, message -> {}, pools)));
    System.out.println(
        "asked without threads: "
            + (environment == library.environment(LogLevel.FATAL, message -> {})));
    try {
      library.environment(LogLevel.FATAL, message -> {}, ThreadPools.of(2));
    } catch (IllegalStateException e) {
      System.out.println(
          "asked for others: "
              + e.getMessage().replaceFirst(".* with (.*); ask for its threads in.*", "$1"));
    }
  }

  private static Session opened(OrtEnvironment environment, Path model, SessionOptions options) {
    Session session = Session.open(environment, model, options);
    try (Tensor x = Tensor.ofFloats(environment, new float[] {1, 0, 0}, 1, 3);
        Outputs outputs = session.run(Map.of("x", x))) {
      assertArrayEquals(new float[] {2, 4}, outputs.tensor("y").toFloatArray());
    }
    return session;
  }

  /** Those that have this thread's name, as native ones do that it started; the JVM's have none. */
  private static long threads() throws IOException {
    String own = Files.readString(Path.of("/proc/thread-self/comm"));
    long count = 0;
    try (var tasks = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path task : tasks) {
        try {
          count += Files.readString(task.resolve("comm")).equals(own) ? 1 : 0;
        } catch (IOException ended) {
          continue;
        }
      }
    }
    return count;
  }

  @Test
  void an_environment_is_made_once_more_after_impossible_threads_were_refused() {
    List<String> said = OtherLibrary.process(Impossible.class);
    assertEquals(List.of("refused", "refused", "made"), said);
  }

  /** A process that asks for impossible threads first. */
  static final class Impossible {
    public static void main(String[] arguments) {
      OrtLibrary library = OrtLibrary.carried(ModelFixture.cache());
      for (ThreadPools pools :
          List.of(
              new ThreadPools(3, 1, false, false, "no processors"),
              new ThreadPools(3, 1, false, false, "1;2;3;4;5;6"),
              ThreadPools.of(2))) {
        try {
          library.environment(LogLevel.FATAL, message -> {}, pools);
          System.out.println("made");
        } catch (OrtException e) {
          System.out.println("refused");
        }
      }
    }
  }

  @Test
  void sharing_threads_that_the_environment_does_not_have_is_refused() {
    OrtEnvironment environment = ModelFixture.environment();
    assertNull(environment.threadPools());
    assertEquals(
        "The session shall share threads, but the environment has none: make it with ThreadPools"
            + " (OrtLibrary.environment).",
        assertThrows(
                IllegalStateException.class,
                () ->
                    ModelFixture.open(
                        ModelFixture.add(1), SessionOptions.builder().sharedThreads(true)))
            .getMessage());
    assertEquals(
        "The environment of "
            + environment.library()
            + " was made before, with no shared threads; ask for its threads in the first call.",
        assertThrows(
                IllegalStateException.class,
                () ->
                    environment
                        .library()
                        .environment(LogLevel.FATAL, message -> {}, ThreadPools.of(2)))
            .getMessage());
  }
}
