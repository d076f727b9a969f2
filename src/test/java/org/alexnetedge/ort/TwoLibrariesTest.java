package org.alexnetedge.ort;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.alexnetedge.natives.Platform;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Several ONNX Runtimes in one process: the carried one, Microsoft's oldest supported one, and
 * JavaCPP's, which brings oneDNN.
 */
class TwoLibrariesTest {
  private static final String OLDEST = System.getProperty("onnxruntime.oldest.version", "1.16.3");

  @TempDir Path folder;

  @Test
  void three_libraries_run_one_model_each_with_its_own_values() throws Exception {
    List<String> said = processWith("run");
    assertEquals(
        List.of(
            "1.29.0: [2.0, 4.0]",
            OLDEST + ": [2.0, 4.0]",
            "1.24.1: [2.0, 4.0]",
            "1.29.0: [2.0, 4.0]",
            OLDEST + ": [2.0, 4.0]",
            "1.24.1: [2.0, 4.0]"),
        said.subList(0, 6));
    String refused =
        "The %s belongs to another library (ONNX Runtime "
            + OLDEST
            + " (%s)) than the %s ("
            + "ONNX Runtime 1.29.0 (%s)).";
    String pattern = refused.replace("(", "\\(").replace(")", "\\)").replace("%s", ".+");
    List<String> messages = said.subList(6, said.size());
    assertEquals(7, messages.size(), messages::toString);
    for (String message : messages.subList(0, 6)) {
      assertTrue(message.matches(pattern), message);
    }
    assertEquals("The options belong to another library.", messages.get(6));
  }

  @Test
  void only_one_of_them_may_load_shared_providers() throws Exception {
    Assumptions.assumeTrue(
        Platform.current() == Platform.LINUX_X86_64, "JavaCPP has oneDNN for x86-64 only");
    List<String> said = processWith("providers");
    assertEquals(
        "1.29.0: DnnlExecutionProvider cannot be used: oneDNN execution provider is not"
            + " enabled in this build.",
        said.get(0).replaceAll(" +$", ""));
    // The first library takes the place, whether its provider can be loaded here or not.
    assertTrue(said.get(1).startsWith("1.24.1: "), said.get(1));
    assertTrue(
        said.get(2)
            .matches(
                "the providers of ONNX Runtime 1.24.1 \\(.*/first/libonnxruntime.so.1\\) are loaded"
                    + " in this process, and ONNX Runtime 1.29.0 \\(.*\\) cannot load its own"
                    + " beside them: both need libonnxruntime_providers_shared.so, which a process"
                    + " has once. Use one library for both, or two processes."),
        said.get(2));
    assertEquals("1.24.1: [2.0, 4.0]", said.get(3));
  }

  @Test
  void a_copy_of_a_library_is_that_library_and_a_build_that_would_share_its_state_is_refused()
      throws Exception {
    List<String> said = processWith("copies");
    assertEquals("the same: true", said.get(0));
    assertTrue(
        said.get(1)
            .matches(
                "ONNX Runtime 1.24.1 \\(.*/second/changed.so\\) cannot be used beside ONNX"
                    + " Runtime 1.24.1 \\(.*/first/libonnxruntime.so.1\\) in one process: neither"
                    + " build hides its C\\+\\+ symbols, so each would work on the other's data."
                    + " Use one of them for both, or two processes."),
        said.get(1));
    assertEquals("1.24.1: [2.0, 4.0]", said.get(2));
  }

  private List<String> processWith(String what) throws IOException {
    Path model = folder.resolve("linear.onnx");
    ModelFixture.linear().build().write(model);
    return OtherLibrary.process(
        TwoLibrariesTest.class,
        what,
        model.toString(),
        javacpps("first").toString(),
        javacpps("second").toString());
  }

  /** JavaCPP's library in a folder of its own. */
  private Path javacpps(String name) throws IOException {
    Path place = Files.createDirectory(folder.resolve(name));
    boolean x86 = Platform.current() == Platform.LINUX_X86_64;
    List<String> files = new ArrayList<>(List.of("libonnxruntime.so.1"));
    if (x86) {
      files.add("libonnxruntime_providers_shared.so");
    }
    for (String file : files) {
      String resource =
          "org/bytedeco/onnxruntime/" + (x86 ? "linux-x86_64/" : "linux-arm64/") + file;
      try (InputStream in = ClassLoader.getSystemResourceAsStream(resource)) {
        Files.copy(in, place.resolve(file));
      }
    }
    return place;
  }

  /** A process that uses several libraries. */
  public static void main(String[] arguments) throws IOException {
    Path model = Path.of(arguments[1]);
    OrtLibrary carried = OrtLibrary.carried(ModelFixture.cache());
    OrtLibrary javacpps = OrtLibrary.at(Path.of(arguments[2]), ModelFixture.cache());
    if (arguments[0].equals("run")) {
      OrtLibrary oldest =
          OrtLibrary.at(Path.of("target/oldest-onnxruntime/onnxruntime.jar"), ModelFixture.cache());
      for (int i = 0; i < 2; i++) {
        List.of(carried, oldest, javacpps).forEach(library -> run(library, model));
      }
      mix(environment(carried), environment(oldest), model);
    } else if (arguments[0].equals("providers")) {
      check(carried);
      check(javacpps);
      try {
        carried.claimSharedProviders();
      } catch (OrtException e) {
        System.out.println(e.getMessage());
      }
      run(javacpps, model);
    } else {
      Path copy = Path.of(arguments[3]);
      System.out.println("the same: " + (OrtLibrary.at(copy, ModelFixture.cache()) == javacpps));
      try {
        Path changed = copy.resolve("changed.so");
        Files.copy(copy.resolve("libonnxruntime.so.1"), changed);
        Files.write(changed, new byte[] {0}, StandardOpenOption.APPEND);
        OrtLibrary.at(changed, ModelFixture.cache());
      } catch (OrtException e) {
        System.out.println(e.getMessage());
      }
      run(javacpps, model);
    }
  }

  private static OrtEnvironment environment(OrtLibrary library) {
    return library.environment(LogLevel.FATAL, message -> {});
  }

  private static void run(OrtLibrary library, Path model) {
    OrtEnvironment environment = environment(library);
    try (Session session = Session.open(environment, model, SessionOptions.DEFAULT);
        Tensor x = Tensor.ofFloats(environment, new float[] {1, 0, 0}, 1, 3);
        Outputs outputs = session.run(Map.of("x", x))) {
      System.out.println(
          library.version() + ": " + Arrays.toString(outputs.tensor("y").toFloatArray()));
    }
  }

  private static void check(OrtLibrary library) {
    try {
      environment(library).check(Provider.dnnl());
      System.out.println(library.version() + ": can be used");
    } catch (OrtException e) {
      System.out.println(library.version() + ": " + e.getMessage().replace('\n', ' '));
    }
  }

  /** Gives what one library made to another. */
  private static void mix(OrtEnvironment ours, OrtEnvironment others, Path model) {
    SessionOptions threads = SessionOptions.builder().intraOpThreads(2).build();
    try (Session session = Session.open(ours, model, threads);
        IoBinding binding = new IoBinding(session);
        Tensor own = Tensor.ofFloats(ours, new float[3], 1, 3);
        Tensor x = Tensor.ofFloats(others, new float[3], 1, 3);
        RunOptions options = new RunOptions(others);
        PrepackedWeights container = new PrepackedWeights(others)) {
      List<Runnable> uses =
          List.of(
              () -> session.run(Map.of("x", x)),
              () -> session.run(Map.of("x", own), List.of("y"), options),
              () -> session.runAsync(Map.of("x", x)),
              () -> binding.bindInput("x", x),
              () -> ours.copy(List.of(own), List.of(x)),
              () ->
                  Session.open(
                      ours, model, SessionOptions.builder().prepackedWeights(container).build()),
              () -> {
                binding.bindInput("x", own);
                binding.bindOutput("y");
                binding.run(options);
              });
      for (Runnable use : uses) {
        try {
          use.run();
          System.out.println("nothing was refused");
        } catch (IllegalArgumentException e) {
          System.out.println(e.getMessage());
        }
      }
    }
  }
}
