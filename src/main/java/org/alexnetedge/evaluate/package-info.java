/**
 * How good a classifier is: pictures whose classes are known go through the model, and what it says
 * of them becomes figures, curves and a list of mistakes. May use {@code classify} beside it, which
 * is the one way from a picture to its scores.
 *
 * <p>Reading order: {@link org.alexnetedge.evaluate.DataSet} (pictures with labels), {@link
 * org.alexnetedge.evaluate.Evaluator} (their scores), {@link
 * org.alexnetedge.evaluate.LabelledScores} (the numbers that everything else is made of), {@link
 * org.alexnetedge.evaluate.Metrics}, {@link org.alexnetedge.evaluate.ConfusionMatrix}, {@link
 * org.alexnetedge.evaluate.OneVersusRest}, {@link org.alexnetedge.evaluate.Calibration}, and how
 * they are told: {@link org.alexnetedge.evaluate.EvaluationText}, {@link
 * org.alexnetedge.evaluate.EvaluationJson}.
 */
@NullMarked
package org.alexnetedge.evaluate;

import org.jspecify.annotations.NullMarked;
