/**
 * Learning from a folder of labelled pictures. A run is a folder that can be killed at any moment
 * and goes on from its last checkpoint to the same weights: all that is random is a function of
 * seed, epoch, index, view and step, so nothing but the checkpoint has to be kept. May use {@code
 * evaluate} beside it: how labelled data is found, and what is wrong with it.
 *
 * <p>Reading order for the data: {@link org.alexnetedge.train.DataOptions}, {@link
 * org.alexnetedge.train.TrainingData} (which pictures, in which part), {@link
 * org.alexnetedge.train.Samples} (what the training loop asks for), {@link
 * org.alexnetedge.train.PictureSamples} (pictures to inputs), {@link
 * org.alexnetedge.train.Augmentation} (what is changed at random), {@link
 * org.alexnetedge.train.Targets} (labels to targets), {@code Draws} (random numbers). For a head
 * alone: {@link org.alexnetedge.train.FeatureRequest}, {@link org.alexnetedge.train.Features}
 * (computed once and kept), {@link org.alexnetedge.train.FeatureSamples}.
 *
 * <p>For a run: {@link org.alexnetedge.train.TrainConfig} (what was asked for), {@link
 * org.alexnetedge.train.RunSetup} and {@link org.alexnetedge.train.RunFolder} (what lies on the
 * disk), {@link org.alexnetedge.train.ArtifactSession} (graphs for this processor), {@code Trainer}
 * (the loop), {@code Result} (the file that comes out), {@link org.alexnetedge.train.TrainingRun}
 * (all of it in order).
 */
@NullMarked
package org.alexnetedge.train;

import org.jspecify.annotations.NullMarked;
