package org.alexnetedge.cli;

import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import org.alexnetedge.alexnet.RecognitionException;
import org.alexnetedge.artifacts.ArtifactException;
import org.alexnetedge.classify.ClosedPipeException;
import org.alexnetedge.classify.OutputException;
import org.alexnetedge.classify.TerminalText;
import org.alexnetedge.evaluate.DataException;
import org.alexnetedge.natives.NativeLibraryException;
import org.alexnetedge.onnx.OnnxException;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.pipeline.ModelException;
import org.alexnetedge.train.TrainingException;
import org.alexnetedge.weights.WeightsException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what a command throws into a sentence and an exit code. */
final class Failures {
  /** Set to anything, it makes unexpected failures print where they come from. */
  private static final String DEBUG = "ALEXNET_DEBUG";

  private Failures() {}

  static int usage(ParameterException e, String[] arguments) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    say(err, e.getMessage());
    if (!UnmatchedArgumentException.printSuggestions(e, err)) {
      err.println("See: " + command.getCommandSpec().qualifiedName() + " --help");
    }
    return ExitCode.USAGE;
  }

  static int execution(Exception e, CommandLine command, ParseResult parsed) {
    PrintWriter err = command.getErr();
    switch (e) {
      case ClosedPipeException _ -> {
        return ExitCode.DONE;
      }
      case OutputException _, DataException _, TrainingException _ -> {
        say(err, e.getMessage());
        return ExitCode.OUTPUT;
      }
      case RecognitionException recognition -> {
        say(err, e.getMessage());
        recognition.details().forEach(line -> err.println("  " + TerminalText.escaped(line)));
        return ExitCode.MODEL;
      }
      case NativeLibraryException _,
          ArtifactException _,
          OrtException _,
          OnnxException _,
          ModelException _,
          WeightsException _ -> {
        say(err, e.getMessage());
        return ExitCode.MODEL;
      }
      case InvalidPathException _ -> {
        say(err, "This locale has no way to say a file name: " + e.getMessage());
        say(err, "Set LC_ALL=C.UTF-8, as the launcher does.");
        return ExitCode.USAGE;
      }
      default -> {
        return broken(e, err);
      }
    }
  }

  /** What should not happen. */
  static int broken(Throwable t, PrintWriter err) {
    if (t instanceof OutOfMemoryError) {
      say(
          err,
          "There is not enough memory (" + t.getMessage() + "); a smaller --batch needs less.");
      return ExitCode.INTERNAL;
    }
    say(err, "This is a fault of alexnet-edge " + Version.ofProgram() + ": " + t);
    StackTraceElement[] trace = t.getStackTrace();
    if (trace.length > 0) {
      say(err, "  at " + trace[0]);
    }
    err.println(
        "Please report it with the command line and, if possible, the file. "
            + DEBUG
            + "=1 shows more.");
    if (System.getenv(DEBUG) != null) {
      t.printStackTrace(err);
    }
    return ExitCode.INTERNAL;
  }

  /** One sentence; control characters of file names in it cannot reach the terminal. */
  static void say(PrintWriter err, String message) {
    err.println("alexnet: " + TerminalText.escaped(message.strip()));
  }
}
