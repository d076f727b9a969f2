package org.alexnetedge.train;

import org.alexnetedge.onnx.OnnxModel;

/**
 * What is done with trained weights before the file is written.
 *
 * @param foldNormalization whether batch normalisation goes into the convolutions before it
 * @param calibrate whether logits are divided by a temperature that makes scores true, measured on
 *     the pictures held back
 * @param probabilities whether the file ends in a softmax or sigmoid
 */
public record Finish(boolean foldNormalization, boolean calibrate, boolean probabilities) {

  OnnxModel applied(OnnxModel model, double temperature) {
    OnnxModel finished = model;
    if (foldNormalization) {
      finished = FoldedNormalization.in(finished);
    }
    if (calibrate) {
      finished = Calibration.into(finished, temperature);
    }
    return probabilities ? Result.withProbabilities(finished) : finished;
  }
}
