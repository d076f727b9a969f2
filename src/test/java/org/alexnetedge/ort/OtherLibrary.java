package org.alexnetedge.ort;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipFile;
import org.alexnetedge.natives.Platform;

/**
 * A process that opens a library, and says what it is and what a model gives with it: one process
 * uses one ONNX Runtime.
 */
final class OtherLibrary {
  private OtherLibrary() {}

  /**
   * What the process says, line by line.
   *
   * @param library file, folder or jar
   * @param model takes {@code x}, float32 [batch,3]
   */
  static List<String> run(Path library, Path model) {
    return process(OtherLibrary.class, library.toString(), model.toString());
  }

  /** What a process with the class path of this one says, line by line. */
  static List<String> process(Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-XX:+UseSerialGC");
    command.add("-Dstdout.encoding=UTF-8");
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("--sun-misc-unsafe-memory-access=allow");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int exitCode = process.waitFor();
      if (exitCode != 0) {
        throw new AssertionError("exit code " + exitCode + ": " + said);
      }
      return said.lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The library of this platform in a jar of natives of Microsoft's. */
  static byte[] inJar(Path jar, String folder) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile());
        InputStream in =
            zip.getInputStream(
                zip.getEntry("ai/onnxruntime/native/" + folder + "/libonnxruntime.so"))) {
      return in.readAllBytes();
    }
  }

  /** Puts Microsoft's library for the other processor into a folder. */
  static Path ofAnotherProcessor(Path folder) throws IOException {
    boolean x86 = Platform.current() == Platform.LINUX_X86_64;
    Path file = folder.resolve("libother.so");
    try (InputStream in =
        ClassLoader.getSystemResourceAsStream(
            "ai/onnxruntime/native/"
                + (x86 ? "linux-aarch64" : "linux-x64")
                + "/libonnxruntime.so")) {
      Files.copy(in, file);
    }
    return file;
  }

  /** A shared library of this machine's that has nothing to do with ONNX Runtime. */
  static Path math() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines
          .filter(line -> line.contains("/libm.so") || line.contains("/libm-"))
          .map(line -> Path.of(line.substring(line.indexOf('/'))))
          .findFirst()
          .orElseThrow();
    }
  }

  public static void main(String[] arguments) {
    OrtLibrary library;
    try {
      library = OrtLibrary.at(Path.of(arguments[0]), ModelFixture.cache());
    } catch (RuntimeException e) {
      System.out.println(e.getMessage());
      return;
    }
    System.out.println("version " + library.version() + ", API " + library.apiVersion());
    System.out.println(library.compiledProviders());
    OrtEnvironment environment = library.environment(LogLevel.FATAL, message -> {});
    try (Session session =
            Session.open(environment, Path.of(arguments[1]), SessionOptions.DEFAULT);
        Tensor x = Tensor.allocate(environment, ElementType.FLOAT, 1, 3);
        Tensor text = Tensor.ofStrings(environment, new String[] {"ö", ""}, 2);
        IoBinding binding = new IoBinding(session);
        RunOptions options = new RunOptions(environment)) {
      x.data().fill((byte) 0);
      System.out.println(session.inputs() + " -> " + session.outputs());
      System.out.println(session.metadata().properties());
      System.out.println(String.join("|", text.strings()));
      try (Outputs outputs = session.run(Map.of("x", x))) {
        System.out.println(Arrays.toString(outputs.tensor("y").toFloatArray()));
      }
      binding.bindInput("x", x);
      binding.bindOutput("y");
      binding.run(options);
      try (Outputs outputs = binding.outputs()) {
        System.out.println(Arrays.toString(outputs.tensor("y").toFloatArray()));
      }
      options.terminate();
      System.out.println(messageOf(() -> binding.run(options)));
      System.out.println(messageOf(session::nodesByProvider));
      System.out.println(messageOf(() -> environment.check(Provider.cuda(0))));
      System.out.println(messageOf(() -> session.run(Map.of("x", text))));
    }
    try (var lines = Files.lines(Path.of("/proc/self/maps"))) {
      System.out.println(
          lines
              .filter(line -> line.contains("libonnxruntime"))
              .map(line -> line.substring(line.lastIndexOf('/') + 1))
              .distinct()
              .collect(joining(" ")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String messageOf(Runnable action) {
    try {
      action.run();
      return "nothing was refused";
    } catch (RuntimeException e) {
      return e.getMessage().lines().findFirst().orElse("");
    }
  }
}
