package org.alexnetedge.cli;

import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.alexnetedge.classify.OutputException;
import org.alexnetedge.classify.TerminalText;
import org.alexnetedge.draw.DrawException;
import org.alexnetedge.draw.LayerGraph;
import org.alexnetedge.draw.PngPicture;
import org.alexnetedge.draw.Scene;
import org.alexnetedge.draw.Style;
import org.alexnetedge.draw.SvgPicture;
import org.alexnetedge.onnx.OnnxModel;
import org.alexnetedge.pipeline.ModelException;
import org.alexnetedge.pipeline.RawPath;
import org.alexnetedge.pipeline.RawText;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code alexnet draw}: a picture of a network. */
@Command(
    name = "draw",
    description = "Draws an ONNX model's network as an SVG or PNG picture.",
    footer = {
      "",
      "  alexnet draw model.onnx",
      "  alexnet draw model.onnx -o model.png",
      "  alexnet draw alexnet.onnx -o alexnet.svg --style blocks --title AlexNet"
    })
final class DrawCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "MODEL", description = "An ONNX file.")
  private @Nullable Path file;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "The picture to write, FILE.svg or FILE.png (default: the model's name with .svg, in the"
              + " current folder).")
  private @Nullable Path output;

  @Option(
      names = "--format",
      paramLabel = "F",
      description = "svg or png (default: as FILE ends, else svg).")
  private @Nullable String format;

  @Option(
      names = "--style",
      paramLabel = "S",
      description =
          "layers: a box for each layer, with arrows; blocks: the maps of features as slabs, as in"
              + " the AlexNet paper (default: layers).")
  private String style = "layers";

  @Option(
      names = "--title",
      paramLabel = "TEXT",
      description = "What stands above the picture (default: the model's file name).")
  private @Nullable String title;

  @Option(names = "--overwrite", description = "Replace the file when it exists.")
  private boolean overwrite;

  /** What the picture is written as. */
  private enum Format {
    SVG,
    PNG;

    String ending() {
      return "." + name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public Integer call() throws OutputException {
    Path model = ModelFailure.check(Objects.requireNonNull(file));
    Style asked = style();
    Format written = format();
    Path picture = output == null ? RawPath.of(baseName(model) + written.ending()) : output;
    NewFile.checkPicture(picture, overwrite);
    write(picture, written, scene(model, asked));
    PrintWriter err = commandSpec().commandLine().getErr();
    if (output == null) {
      err.println(TerminalText.escaped(picture.toString()));
    }
    return ExitCode.DONE;
  }

  private Scene scene(Path model, Style asked) {
    try (Arena arena = Arena.ofConfined()) {
      LayerGraph graph = LayerGraph.of(OnnxModel.read(model, arena));
      return asked.draw(graph, title == null ? model.getFileName().toString() : title);
    } catch (DrawException e) {
      throw new ModelException(
          "The model " + model + " cannot be drawn. " + Objects.requireNonNull(e.getMessage()));
    }
  }

  private static void write(Path picture, Format format, Scene scene) throws OutputException {
    NewFile.put(
        picture,
        beside -> {
          try (OutputStream out =
              new BufferedOutputStream(
                  Files.newOutputStream(
                      beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
            switch (format) {
              case SVG -> SvgPicture.write(scene, out);
              case PNG -> PngPicture.write(scene, out);
            }
            return picture;
          } catch (DrawException e) {
            throw new OutputException(
                "cannot write " + picture + ": " + Objects.requireNonNull(e.getMessage()), e);
          }
        });
  }

  private Style style() {
    for (Style each : Style.values()) {
      if (each.name().toLowerCase(Locale.ROOT).equals(style)) {
        return each;
      }
    }
    throw usage("--style is layers or blocks, not '" + style + "'.");
  }

  private Format format() {
    String asked = format;
    if (asked == null) {
      String name = output == null ? ".svg" : output.toString().toLowerCase(Locale.ROOT);
      for (Format each : Format.values()) {
        if (name.endsWith(each.ending())) {
          return each;
        }
      }
      throw usage("-o " + output + " ends neither in .svg nor in .png; --format says which it is.");
    }
    for (Format each : Format.values()) {
      if (each.ending().equals("." + asked)) {
        return each;
      }
    }
    throw usage("--format is svg or png, not '" + asked + "'.");
  }

  /** The name without folder and ending, as the command line gives names. */
  private static String baseName(Path model) {
    String name = RawText.decode(RawPath.bytes(model.getFileName()));
    int dot = name.lastIndexOf('.');
    return dot > 0 ? name.substring(0, dot) : name;
  }

  private ParameterException usage(String message) {
    return new ParameterException(commandSpec().commandLine(), message);
  }

  private CommandSpec commandSpec() {
    return Objects.requireNonNull(spec);
  }
}
