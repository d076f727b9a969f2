package org.alexnetedge.train;

import java.lang.foreign.MemorySegment;
import org.alexnetedge.image.BoxResizer;
import org.alexnetedge.image.DecodeOptions;
import org.alexnetedge.image.Decoder;
import org.alexnetedge.image.Filter;
import org.alexnetedge.image.ImageException;
import org.alexnetedge.image.Pixels;
import org.alexnetedge.image.Preprocessor;
import org.alexnetedge.image.Recipe;
import org.alexnetedge.image.Resize;

/**
 * The form in which a picture is kept between epochs: resized once to what crops are then taken of.
 * The pixels are the same whether there was memory to keep them or not.
 *
 * <p>The shorter side gets what the model's preprocessing gives it if that leaves room around the
 * crop (256 around 224), else 1.15 times the input's longer side.
 *
 * <p>Not thread-safe: one per thread. Owns off-heap memory; close it.
 */
sealed interface StoredForm extends AutoCloseable {
  /**
   * Decodes and resizes.
   *
   * @param encoded the whole file, off-heap
   * @return valid until the next call or the end of this
   */
  Pixels of(MemorySegment encoded) throws ImageException;

  @Override
  void close();

  /** The form that these crops are taken of. */
  static StoredForm of(PictureInput input, Augmentation.Crop crop) {
    return switch (crop) {
      case CENTRE ->
          new ByRecipe(
              new Preprocessor(input.recipe(), input.height(), input.width(), input.decode()));
      case TRANSLATION -> ByRecipe.ofItsOwnSize(roomy(input), input.decode());
      case RESIZED -> new WholePicture(side(input), input.decode());
    };
  }

  private static int side(PictureInput input) {
    int longer = Math.max(input.width(), input.height());
    Resize resize = input.recipe().resize();
    boolean room = resize.mode() == Resize.Mode.SHORTER && resize.width() > longer;
    return room ? resize.width() : enlarged(longer);
  }

  private static int enlarged(int pixels) {
    return (int) Math.rint(pixels * 1.15);
  }

  /** The model's recipe, but for a result that is larger than its input: a square, or stretched. */
  private static Recipe roomy(PictureInput input) {
    Recipe recipe = input.recipe();
    Resize resize = recipe.resize();
    if (resize.mode() == Resize.Mode.EXACT) {
      Resize larger =
          Resize.exact(enlarged(input.width()), enlarged(input.height()))
              .withFilter(resize.filter())
              .withAntialias(resize.antialias());
      return recipe.withResize(larger).withCrop(null);
    }
    int side = side(input);
    Resize shorter =
        Resize.shorter(side).withFilter(resize.filter()).withAntialias(resize.antialias());
    return recipe.withResize(shorter).withCrop(new Recipe.Crop(side, side));
  }

  /** What a recipe's resize and crop leave. */
  record ByRecipe(Preprocessor preprocessor) implements StoredForm {
    static ByRecipe ofItsOwnSize(Recipe recipe, DecodeOptions decode) {
      Recipe.Crop crop = recipe.crop();
      int width = crop != null ? crop.width() : recipe.resize().width();
      int height = crop != null ? crop.height() : recipe.resize().height();
      return new ByRecipe(new Preprocessor(recipe, height, width, decode));
    }

    @Override
    public Pixels of(MemorySegment encoded) throws ImageException {
      return preprocessor.crop(encoded);
    }

    @Override
    public void close() {
      preprocessor.close();
    }
  }

  /** All of the picture; of one that is more than eight times as long as wide, the middle. */
  final class WholePicture implements StoredForm {
    private static final Augmentation.Range SHAPES = new Augmentation.Range(1.0 / 8, 8);

    private final int side;
    private final Decoder decoder;
    private final BoxResizer resizer = new BoxResizer();

    WholePicture(int side, DecodeOptions decode) {
      this.side = side;
      this.decoder = new Decoder(decode);
    }

    @Override
    public Pixels of(MemorySegment encoded) throws ImageException {
      Pixels decoded = decoder.decode(encoded);
      CropBox box = CropBox.largest(decoded.width(), decoded.height(), SHAPES);
      int shorter = Math.min(box.width(), box.height());
      return resizer.resize(
          decoded,
          box.left(),
          box.top(),
          box.width(),
          box.height(),
          Filter.BILINEAR,
          (int) ((double) box.width() * side / shorter),
          (int) ((double) box.height() * side / shorter));
    }

    @Override
    public void close() {
      decoder.close();
      resizer.close();
    }
  }
}
