package org.alexnetedge.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.alexnetedge.pipeline.RawArguments;
import org.alexnetedge.pipeline.RawPath;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** Entry point of the jar, and the command {@code alexnet} itself. */
@Command(
    name = "alexnet",
    mixinStandardHelpOptions = true,
    scope = ScopeType.INHERIT,
    versionProvider = Version.class,
    description = "Classifies photos with an ONNX model and fine-tunes it, on this machine.",
    footer = {
      "",
      "Examples:",
      "  alexnet classify --model squeezenet.onnx --labels labels.txt photos/",
      "  alexnet classify --model flowers.onnx photos/ -o answers.jsonl --resume",
      "  alexnet train flowers/ --from squeezenet.onnx -o flowers.onnx",
      "  alexnet inspect flowers.onnx",
      "",
      "Each command explains itself: alexnet classify --help",
      "",
      "Exit codes: 0 done, 1 done with errors in some records, 2 wrong usage, 3 model, library or",
      "device cannot be used, 4 output, run folder or labelled data cannot be used, 70 a fault of",
      "this program."
    })
public final class Main implements Callable<Integer> {
  /** In the order of the help text. */
  private static final Map<String, Supplier<Callable<Integer>>> COMMANDS = commands();

  @Spec private @Nullable CommandSpec spec;

  Main() {}

  private static Map<String, Supplier<Callable<Integer>>> commands() {
    Map<String, Supplier<Callable<Integer>>> commands = new LinkedHashMap<>();
    commands.put("classify", ClassifyCommand::new);
    commands.put("train", TrainCommand::new);
    commands.put("evaluate", EvaluateCommand::new);
    commands.put("export", ExportCommand::new);
    commands.put("create", CreateCommand::new);
    commands.put("import", ImportCommand::new);
    commands.put("tag", TagCommand::new);
    commands.put("inspect", InspectCommand::new);
    commands.put("draw", DrawCommand::new);
    commands.put("preprocess", PreprocessCommand::new);
    commands.put("run", RunCommand::new);
    commands.put("artifacts", ArtifactsCommand::new);
    commands.put("devices", DevicesCommand::new);
    commands.put("warm-up", WarmUpCommand::new);
    return commands;
  }

  @Override
  public Integer call() {
    CommandLine commandLine = Objects.requireNonNull(spec).commandLine();
    commandLine.usage(commandLine.getErr());
    return ExitCode.USAGE;
  }

  /** Runs a command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    StandardOutput standard = new StandardOutput();
    PrintWriter out = utf8(standard);
    PrintWriter err = utf8(new FileOutputStream(FileDescriptor.err));
    int code;
    try {
      code = run(RawArguments.recover(arguments), out, err);
    } catch (Throwable t) {
      code = Failures.broken(t, err); // Errors, which picocli lets pass.
    }
    out.flush();
    String missing = standard.failure();
    if (missing != null && code <= ExitCode.SOME_ERRORS) {
      Failures.say(err, "cannot write standard output: " + missing);
      code = ExitCode.OUTPUT;
    }
    err.flush();
    System.exit(code);
  }

  /** Runs a command in this process. */
  static int run(String[] arguments, PrintWriter out, PrintWriter err) {
    return commandLine(arguments)
        .setOut(out)
        .setErr(err)
        .registerConverter(Path.class, RawPath::of)
        .setExpandAtFiles(false) // @LIST is an input of ours
        .setAbbreviatedOptionsAllowed(false)
        .setUsageHelpAutoWidth(false)
        .setUsageHelpWidth(100)
        .setParameterExceptionHandler(Failures::usage)
        .setExecutionExceptionHandler(Failures::execution)
        .execute(arguments);
  }

  /**
   * The command that is named alone, since reading the annotations of all takes longer than an
   * answer does; all of them for help and mistakes.
   */
  private static CommandLine commandLine(String[] arguments) {
    CommandLine commandLine = new CommandLine(new Main());
    String named = arguments.length == 0 ? "" : arguments[0];
    if (COMMANDS.containsKey(named)) {
      commandLine.addSubcommand(named, COMMANDS.get(named).get());
    } else {
      COMMANDS.forEach((name, command) -> commandLine.addSubcommand(name, command.get()));
    }
    return commandLine;
  }

  /** Text is UTF-8 whatever the locale says: names come back as they went in. */
  private static PrintWriter utf8(OutputStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }
}
