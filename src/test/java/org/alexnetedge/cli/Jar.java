package org.alexnetedge.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The built jar in processes of its own.
 *
 * @param folder where the cache lies and output is kept for a moment
 */
record Jar(Path folder) {
  private static final Path FILE =
      Path.of(System.getProperty("alexnet.jar", "target/alexnet-edge.jar"));

  /** What a process left; standard error is decoded as UTF-8. */
  record Finished(int exitCode, byte[] outBytes, String err) {
    String out() {
      return new String(outBytes, StandardCharsets.UTF_8);
    }

    /** All of it, for the message of an assertion. */
    @Override
    public String toString() {
      return "exit code " + exitCode + "\n" + err + out();
    }
  }

  static Path file() {
    return FILE.toAbsolutePath();
  }

  static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** The JVM as the launcher starts it, with little ceremony. */
  static List<String> jvm() {
    return List.of(
        java(),
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:-UsePerfData",
        "-Xshare:auto",
        "-Xmx512m",
        "-Xmn8m",
        "--sun-misc-unsafe-memory-access=allow",
        "--enable-native-access=ALL-UNNAMED");
  }

  List<String> command(String... arguments) {
    List<String> command = new ArrayList<>(jvm());
    command.addAll(List.of("-jar", file().toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  private ProcessBuilder prepared(List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    environment.put("ALEXNET_CACHE", folder.resolve("cache").toString());
    environment.put("LC_ALL", "C.UTF-8");
    return builder;
  }

  /** Starts a process whose output goes nowhere. */
  Process start(String... arguments) throws IOException {
    return prepared(command(arguments))
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** Runs a command to its end. */
  Finished run(String... arguments) throws IOException, InterruptedException {
    return finish(prepared(command(arguments)));
  }

  /**
   * Runs a script of bash, in which {@code alexnet} is the command, {@code "${alexnet[@]}"} its
   * words, and $1, $2, ... are the arguments.
   */
  Finished script(String text, Object... arguments) throws IOException, InterruptedException {
    StringBuilder words = new StringBuilder("alexnet=(");
    command().forEach(word -> words.append(" '").append(word).append('\''));
    // In a file, since a command line need not take the script's bytes.
    Path file = Files.createTempFile(folder, "script", ".sh");
    Files.writeString(file, words + ")\nalexnet() { \"${alexnet[@]}\" \"$@\"; }\n" + text + "\n");
    List<String> command = new ArrayList<>(List.of("bash", file.toString()));
    for (Object argument : arguments) {
      command.add(argument.toString());
    }
    return finish(prepared(command));
  }

  private Finished finish(ProcessBuilder builder) throws IOException, InterruptedException {
    Path out = Files.createTempFile(folder, "out", "");
    Path err = Files.createTempFile(folder, "err", "");
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    process.getOutputStream().close();
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("it does not end: " + Files.readString(err));
    }
    return new Finished(
        process.exitValue(),
        Files.readAllBytes(out),
        new String(Files.readAllBytes(err), StandardCharsets.UTF_8));
  }
}
