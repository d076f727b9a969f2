package org.alexnetedge.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
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
import org.alexnetedge.ort.OrtEnvironment;
import org.alexnetedge.ort.OrtException;
import org.alexnetedge.ort.Session;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.pipeline.Argument;
import org.alexnetedge.pipeline.EncodedPicture;
import org.alexnetedge.pipeline.ImageModel;
import org.alexnetedge.pipeline.Input;
import org.alexnetedge.pipeline.InputException;
import org.alexnetedge.pipeline.InputOptions;
import org.alexnetedge.pipeline.Inputs;
import org.alexnetedge.pipeline.ModelException;
import org.alexnetedge.pipeline.ModelUse;
import org.alexnetedge.pipeline.RawPath;
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

  @Mixin private DecodingOptions decoding = new DecodingOptions();

  @Override
  public Integer call() throws OutputException {
    Path target = Objects.requireNonNull(output);
    checkOptions(target);
    NativeCache cache = NativeCache.ofUser(warning -> Failures.say(err(), warning));
    Recipe recipe = recipe(cache);
    if (endsWith(target, ".npy") && ImageModel.fixedHeight(recipe) == 0) {
      throw usage("The recipe gives no fixed size; add --crop or --resize exact:WxH.");
    }
    OpenCv.load(cache, decoding.options().maxPixels());
    try (Inputs source = new Inputs(arguments(), InputOptions.of(f -> Format.sniff(f) != null))) {
      List<Input> inputs = all(source);
      int done =
          endsWith(target, ".npy")
              ? writeTensor(inputs, recipe, target)
              : writeCrops(inputs, recipe, target);
      return done < inputs.size() ? ExitCode.SOME_ERRORS : ExitCode.DONE;
    } catch (WeightsException e) {
      throw new OutputException(e.getMessage(), e);
    } catch (IOException e) {
      throw new OutputException(target + " cannot be written: " + OutputException.reason(e), e);
    }
  }

  private void checkOptions(Path target) {
    try {
      options.check();
      decoding.options();
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
    for (Argument argument : arguments()) {
      if (argument instanceof Argument.Named named && isSame(RawPath.of(named.path()), target)) {
        throw usage("The output " + target + " is one of the photos.");
      }
    }
  }

  private static boolean isSame(Path photo, Path target) {
    try {
      return Files.isRegularFile(target) && Files.isSameFile(photo, target);
    } catch (IOException e) {
      return false;
    }
  }

  private int writeTensor(List<Input> inputs, Recipe recipe, Path target) {
    int height = ImageModel.fixedHeight(recipe);
    int width = ImageModel.fixedWidth(recipe);
    long each = 3L * height * width * Float.BYTES;
    int done = 0;
    try (Arena arena = Arena.ofShared();
        EncodedPicture encoded = new EncodedPicture();
        Preprocessor preprocessor = new Preprocessor(recipe, height, width, decoding.options())) {
      MemorySegment pixels = memory(arena, each, inputs.size());
      for (Input input : inputs) {
        try {
          input.read(encoded);
          preprocessor.preprocess(encoded.bytes(), pixels.asSlice(done * each, each));
          done++;
        } catch (InputException | ImageException e) {
          failed(input, e);
        }
      }
      if (done > 0) {
        long[] shape =
            recipe.layout() == Recipe.Layout.NCHW
                ? new long[] {done, 3, height, width}
                : new long[] {done, height, width, 3};
        Npy.write(target, Tensor.of(ElementType.FLOAT32, shape, pixels.asSlice(0, done * each)));
      }
    }
    return done;
  }

  private MemorySegment memory(Arena arena, long each, int count) {
    try {
      return arena.allocate(each * count, 64);
    } catch (OutOfMemoryError e) {
      throw usage(
          "There is not enough memory for the tensor of all %,d photos (%,d bytes): name fewer."
              .formatted(count, each * count));
    }
  }

  private int writeCrops(List<Input> inputs, Recipe recipe, Path target) throws IOException {
    boolean picture = endsWith(target, ".png");
    if (picture && inputs.size() > 1) {
      throw usage("One PNG holds one photo, but there are " + inputs.size() + ": name a folder.");
    }
    int done = 0;
    int height = Math.max(1, ImageModel.fixedHeight(recipe));
    int width = Math.max(1, ImageModel.fixedWidth(recipe));
    Set<Path> written = new HashSet<>();
    try (EncodedPicture encoded = new EncodedPicture();
        Preprocessor preprocessor = new Preprocessor(recipe, height, width, decoding.options())) {
      for (Input input : inputs) {
        try {
          input.read(encoded);
          byte[] png = PngWriter.encode(preprocessor.crop(encoded.bytes()));
          Path file = picture ? target : Files.createDirectories(target).resolve(name(input, 1));
          for (int n = 2; !written.add(file); n++) {
            file = target.resolve(name(input, n));
          }
          Files.write(file, png);
          done++;
        } catch (InputException | ImageException e) {
          failed(input, e);
        }
      }
    }
    return done;
  }

  private void failed(Input input, Exception e) {
    Failures.say(err(), input.name() + ": " + e.getMessage());
  }

  private Recipe recipe(NativeCache cache) {
    try {
      Recipe preset = options.preset();
      if (model == null) {
        return options.adjust(preset == null ? Recipe.TORCHVISION : preset);
      }
      return recipe(ModelFailure.check(model), preset, library.environment(cache));
    } catch (IllegalArgumentException e) {
      throw usage(e.getMessage());
    }
  }

  private Recipe recipe(Path file, @Nullable Recipe preset, OrtEnvironment environment) {
    try (Session session = Session.open(environment, file, SessionOptions.DEFAULT)) {
      return ModelUse.of(session, preset, options::adjust, null).recipe();
    } catch (ModelException e) {
      throw ModelFailure.unfit(file, e);
    } catch (OrtException e) {
      throw new ModelException(ModelFailure.explain(file, e));
    }
  }

  private List<Argument> arguments() {
    return photos.stream().map(Argument::parse).toList();
  }

  private static List<Input> all(Inputs source) {
    List<Input> all = new ArrayList<>();
    for (Input input = source.next(); input != null; input = source.next()) {
      all.add(input);
    }
    return all;
  }

  /** The photo's own name with another ending; numbered where two folders have the same name. */
  private static String name(Input input, int number) {
    String name = input.name().text();
    String last = name.substring(name.lastIndexOf('/') + 1);
    return last + (number == 1 ? "" : "-" + number) + ".png";
  }

  private static boolean endsWith(Path target, String ending) {
    Path name = target.getFileName();
    return name != null && name.toString().toLowerCase(Locale.ROOT).endsWith(ending);
  }

  private PrintWriter err() {
    return Objects.requireNonNull(spec).commandLine().getErr();
  }

  private ParameterException usage(String message) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }
}
