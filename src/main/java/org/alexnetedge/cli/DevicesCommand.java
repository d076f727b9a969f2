package org.alexnetedge.cli;

import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.natives.Platform;
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.ort.OrtLibrary;
import org.alexnetedge.ort.Provider;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code alexnet devices}: what this machine and the library offer, and what is missing. */
@Command(
    name = "devices",
    description = "Lists the devices that models can run on, and why others cannot be used.")
final class DevicesCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private LibraryOption library = new LibraryOption();

  @Override
  public Integer call() {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    OrtEnvironment environment =
        library.environment(NativeCache.ofUser(warning -> Failures.say(err, warning)));
    OrtLibrary loaded = environment.library();
    out.println("library   " + loaded);
    out.println("platform  " + Platform.current().id() + ", API version " + loaded.apiVersion());
    out.println("has       " + String.join(", ", loaded.compiledProviders()));
    out.println();
    out.println("cpu       usable, " + Runtime.getRuntime().availableProcessors() + " processors");
    show(out, environment, "cuda", Provider.cuda(0));
    show(out, environment, "tensorrt", Provider.tensorRt(0));
    return ExitCode.DONE;
  }

  private static void show(
      PrintWriter out, OrtEnvironment environment, String device, Provider provider) {
    String label = (device + "          ").substring(0, 10);
    try {
      environment.check(provider);
      out.println(label + "usable");
    } catch (OrtException e) {
      out.println(label + "not usable: " + e.getMessage().strip());
      out.println("          " + LibraryOption.remedy(environment.library(), provider, false));
    }
  }
}
