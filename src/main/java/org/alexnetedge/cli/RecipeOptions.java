package org.alexnetedge.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.alexnetedge.image.Filter;
import org.alexnetedge.image.Recipe;
import org.alexnetedge.image.Resize;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a picture becomes the model's input: a preset, and single fields of it. */
final class RecipeOptions {
  private static final Pattern RESIZE =
      Pattern.compile("none|shorter:(\\d{1,5})|exact:(\\d{1,5})x(\\d{1,5})");

  private static final Pattern CROP = Pattern.compile("(\\d{1,5})(?:x(\\d{1,5}))?");

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      description =
          "Preprocessing of a family of models, instead of what the model file says: torchvision"
              + " (shorter side 256, centre 224, RGB, mean and std of ImageNet), caffe (centre 227,"
              + " BGR, minus mean), keras (224x224, 0..1).")
  private @Nullable String preset;

  @Option(names = "--resize", paramLabel = "HOW", description = "shorter:N, exact:WxH or none.")
  private @Nullable String resize;

  @Option(names = "--filter", paramLabel = "NAME", description = "bilinear, bicubic or lanczos.")
  private @Nullable String filter;

  @Option(
      names = "--antialias",
      negatable = true,
      description = "Whether the filter widens when a picture shrinks, as in Pillow.")
  private @Nullable Boolean antialias;

  @Option(names = "--crop", paramLabel = "N", description = "Centre crop: N, WxH or none.")
  private @Nullable String crop;

  @Option(names = "--colors", paramLabel = "ORDER", description = "rgb or bgr.")
  private @Nullable String colors;

  @Option(
      names = "--divide",
      paramLabel = "D",
      description = "Pixels x become (x / D - mean) / std.")
  private @Nullable Float divide;

  @Option(
      names = "--mean",
      paramLabel = "A,B,C",
      split = ",",
      description = "One for each channel, in the order of --colors.")
  private @Nullable List<Float> mean;

  @Option(
      names = "--std",
      paramLabel = "A,B,C",
      split = ",",
      description = "One for each channel, in the order of --colors.")
  private @Nullable List<Float> std;

  /** The preset, or null when none was named. */
  @Nullable Recipe preset() {
    if (preset == null) {
      return null;
    }
    return Recipe.preset(preset.toLowerCase(Locale.ROOT));
  }

  /** Applies the single fields that were given. */
  Recipe adjust(Recipe recipe) {
    Recipe adjusted = recipe;
    if (resize != null) {
      adjusted = adjusted.withResize(resize(adjusted.resize(), resize));
    }
    if (filter != null) {
      adjusted =
          adjusted.withResize(
              adjusted.resize().withFilter(oneOf("--filter", filter, Filter.values())));
    }
    if (antialias != null) {
      adjusted = adjusted.withResize(adjusted.resize().withAntialias(antialias));
    }
    if (crop != null) {
      adjusted = adjusted.withCrop(crop(crop));
    }
    if (colors != null) {
      adjusted = adjusted.withColourOrder(oneOf("--colors", colors, Recipe.ColourOrder.values()));
    }
    if (divide != null) {
      adjusted = adjusted.withDivide(divide);
    }
    if (mean != null) {
      adjusted = adjusted.withMean(three("--mean", mean));
    }
    if (std != null) {
      adjusted = adjusted.withStd(three("--std", std));
    }
    return adjusted;
  }

  private static Resize resize(Resize from, String how) {
    Matcher matcher = RESIZE.matcher(how.toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "--resize must be shorter:N, exact:WxH or none, not '" + how + "'.");
    }
    Resize changed =
        matcher.group(1) != null
            ? Resize.shorter(Integer.parseInt(matcher.group(1)))
            : matcher.group(2) != null
                ? Resize.exact(
                    Integer.parseInt(matcher.group(2)), Integer.parseInt(matcher.group(3)))
                : Resize.NONE;
    return changed.withFilter(from.filter()).withAntialias(from.antialias());
  }

  private static Recipe.@Nullable Crop crop(String text) {
    if (text.equals("none")) {
      return null;
    }
    Matcher matcher = CROP.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("--crop must be N, WxH or none, not '" + text + "'.");
    }
    int width = Integer.parseInt(matcher.group(1));
    return new Recipe.Crop(
        width, matcher.group(2) == null ? width : Integer.parseInt(matcher.group(2)));
  }

  private static Recipe.PerChannel three(String option, List<Float> numbers) {
    if (numbers.size() != 3) {
      throw new IllegalArgumentException(option + " takes three numbers, one for each channel.");
    }
    return new Recipe.PerChannel(numbers.get(0), numbers.get(1), numbers.get(2));
  }

  private static <E extends Enum<E>> E oneOf(String option, String name, E[] known) {
    for (E candidate : known) {
      if (candidate.name().equalsIgnoreCase(name)) {
        return candidate;
      }
    }
    throw new IllegalArgumentException(
        option
            + " must be "
            + Arrays.stream(known)
                .map(e -> e.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.joining(", "))
            + ", not '"
            + name
            + "'.");
  }

  /**
   * Finds what no recipe could be made of, before anything is loaded.
   *
   * @throws IllegalArgumentException with a sentence
   */
  void check() {
    Recipe named = preset();
    adjust(named == null ? Recipe.TORCHVISION : named);
  }
}
