package org.alexnetedge.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.alexnetedge.classify.OutputException;
import org.alexnetedge.image.Format;
import org.alexnetedge.image.ImageException;
import org.alexnetedge.image.OpenCv;
import org.alexnetedge.image.PngWriter;
import org.alexnetedge.image.Preprocessor;
import org.alexnetedge.image.Recipe;
import org.alexnetedge.natives.NativeCache;
import org.alexnetedge.onnx.ElementType;
import org.alexnetedge.onnx.Tensor;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.pipeline.Argument;
import org.alexnetedge.pipeline.EncodedPicture;
import org.alexnetedge.pipeline.ImageModel;
import org.alexnetedge.pipeline.Input;
import org.alexnetedge.pipeline.InputException;
import org.alexnetedge.pipeline.InputOptions;
import org.alexnetedge.pipeline.Inputs;
import org.alexnetedge.pipeline.ModelDescription;
import org.alexnetedge.weights.Npy;
import org.alexnetedge.weights.WeightsException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code alexnet preprocess}: what the model sees. */
@Command(
    name = "preprocess",
    sortOptions = false,
    description = "Shows what a model sees: the tensor as a NumPy file, or the crop as a PNG.",
    footer = {
      "",
      "  alexnet preprocess cat.jpg -o cat.npy             # float32 [1,3,224,224]",
      "  alexnet preprocess cat.jpg -o crop.png --preset caffe",
      "  alexnet preprocess photos/ -o crops/              # one PNG for each"
    })
final class PreprocessCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Parameters(paramLabel = "PHOTO", arity = "1..*", description = "Photos, folders, URLs, @LIST.")
  private List<String> photos = List.of();

  @Option(
      names = {"-o", "--output"},
      required = true,
      paramLabel = "FILE|DIR",
      description =
          "FILE.npy: the tensor of all photos; FILE.png: one photo's crop; a folder: NAME.png for"
              + " each.")
  private @Nullable Path output;

  @Option(
      names = {"-m", "--model"},
      paramLabel = "FILE",
      description = "Take the recipe and the size from this model (default: torchvision's).")
  private @Nullable Path model;

  @Mixin private LibraryOption library = new LibraryOption();
  @Mixin private RecipeOptions options = new RecipeOptions();

  @Override
  public Integer call() throws OutputException {
    NativeCache cache = NativeCache.ofUser(warning -> Failures.say(err(), warning));
    Recipe recipe = recipe(cache);
    int height = ImageModel.fixedHeight(recipe);
    int width = ImageModel.fixedWidth(recipe);
    OpenCv.load(cache, options.decode().maxPixels());
    Path target = Objects.requireNonNull(output);
    String name = target.getFileName() == null ? "" : target.getFileName().toString();
    boolean tensor = name.toLowerCase(Locale.ROOT).endsWith(".npy");
    boolean picture = name.toLowerCase(Locale.ROOT).endsWith(".png");
    if (tensor && height == 0) {
      throw usage("The recipe gives no fixed size; add --crop or --resize exact:WxH.");
    }
    List<Input> inputs = inputs();
    if (picture && inputs.size() > 1) {
      throw usage("One PNG holds one photo, but there are " + inputs.size() + ": name a folder.");
    }
    int errors = 0;
    try (Arena arena = Arena.ofShared();
        EncodedPicture encoded = new EncodedPicture();
        Preprocessor preprocessor =
            new Preprocessor(recipe, Math.max(1, height), Math.max(1, width), options.decode())) {
      long each = 3L * height * width * Float.BYTES;
      MemorySegment pixels = arena.allocate(tensor ? each * inputs.size() : 1, 64);
      int done = 0;
      for (Input input : inputs) {
        try {
          input.read(encoded);
          if (tensor) {
            preprocessor.preprocess(encoded.bytes(), pixels.asSlice(done * each, each));
          } else {
            Path file = picture ? target : folder(target).resolve(fileName(input.name().text()));
            Files.write(file, PngWriter.encode(preprocessor.crop(encoded.bytes())));
          }
          done++;
        } catch (InputException | ImageException e) {
          errors++;
          Failures.say(err(), input.name() + ": " + e.getMessage());
        }
      }
      if (tensor && done > 0) {
        long[] shape =
            recipe.layout() == Recipe.Layout.NCHW
                ? new long[] {done, 3, height, width}
                : new long[] {done, height, width, 3};
        Npy.write(target, Tensor.of(ElementType.FLOAT32, shape, pixels.asSlice(0, done * each)));
      }
    } catch (IOException | WeightsException e) {
      throw new OutputException("The output " + target + " cannot be written: " + e.getMessage());
    }
    return errors > 0 ? ExitCode.SOME_ERRORS : ExitCode.DONE;
  }

  private Recipe recipe(NativeCache cache) {
    try {
      Recipe preset = options.preset();
      if (model == null) {
        return options.adjust(preset == null ? Recipe.TORCHVISION : preset);
      }
      Path file = ModelFailure.check(model);
      try (Session session =
          Session.open(library.environment(cache), file, SessionOptions.DEFAULT)) {
        Recipe said = ModelDescription.read(session.metadata().properties()).recipe();
        Recipe start = preset != null ? preset : said != null ? said : Recipe.TORCHVISION;
        Recipe recipe = options.adjust(start);
        ImageModel checked = ImageModel.of(session, recipe);
        return recipe.withSize(checked.height(), checked.width()).withLayout(checked.layout());
      }
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  private List<Input> inputs() {
    List<Input> all = new ArrayList<>();
    try (Inputs inputs =
        new Inputs(
            photos.stream().map(Argument::parse).toList(),
            InputOptions.of(first -> Format.sniff(first) != null))) {
      for (Input input = inputs.next(); input != null; input = inputs.next()) {
        all.add(input);
      }
    }
    return all;
  }

  private static Path folder(Path folder) throws IOException {
    return Files.createDirectories(folder);
  }

  /** The photo's own name with another ending. */
  private static String fileName(String name) {
    String last = name.substring(name.lastIndexOf('/') + 1);
    return last + ".png";
  }

  private PrintWriter err() {
    return Objects.requireNonNull(spec).commandLine().getErr();
  }

  private ParameterException usage(String message) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }
}
