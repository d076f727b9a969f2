package org.alexnetedge.classify;

import java.util.List;
import java.util.function.UnaryOperator;
import org.alexnetedge.image.DecodeOptions;
import org.alexnetedge.image.Recipe;
import org.alexnetedge.ort.SessionOptions;
import org.alexnetedge.pipeline.ModelCache;
import org.jspecify.annotations.Nullable;

/**
 * How to classify. What is null or 0 is taken from the model file or chosen.
 *
 * @param session threads, providers
 * @param loading how a large model is loaded
 * @param preset a recipe in place of the model's own, or null
 * @param adjust changes single fields of whichever recipe it is
 * @param labels in place of the model's own, or null
 * @param top predictions in a record
 * @param threshold least score of a prediction; negative infinity for all
 * @param batch pictures that go through the model together; 0: chosen
 * @param decodeThreads threads that read and decode; 0: chosen
 * @param decode limits of decoding
 */
public record ClassifierOptions(
    SessionOptions session,
    ModelCache.Loading loading,
    @Nullable Recipe preset,
    UnaryOperator<Recipe> adjust,
    @Nullable List<String> labels,
    int top,
    float threshold,
    int batch,
    int decodeThreads,
    DecodeOptions decode) {

  /** The CPU, the five best classes. */
  public static final ClassifierOptions DEFAULT =
      new ClassifierOptions(
          // Spinning threads would take the processor from the decoders.
          SessionOptions.builder().configuration("session.intra_op.allow_spinning", "0").build(),
          ModelCache.Loading.PLAIN,
          null,
          UnaryOperator.identity(),
          null,
          5,
          Float.NEGATIVE_INFINITY,
          0,
          0,
          DecodeOptions.DEFAULT);
}
