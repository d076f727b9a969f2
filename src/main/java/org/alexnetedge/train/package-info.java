/**
 * Learning from a folder of labelled pictures. A run is a folder that can be killed at any moment
 * and goes on from its last checkpoint to the same weights: all that is random is a function of
 * seed, epoch, index, view and step, so nothing but the checkpoint has to be kept. May use {@code
 * evaluate} beside it for what is wrong with labelled data.
 *
 * <p>Reading order: {@link org.alexnetedge.train.TrainConfig} (what was asked for), {@link
 * org.alexnetedge.train.RunFolder} (what lies on disk), {@link org.alexnetedge.train.Samples} (what
 * is learnt from), {@link org.alexnetedge.train.Trainer} (the loop), {@link
 * org.alexnetedge.train.Result} (the file that comes out), {@link
 * org.alexnetedge.train.TrainingRun} (all of it in order).
 */
@NullMarked
package org.alexnetedge.train;

import org.jspecify.annotations.NullMarked;
