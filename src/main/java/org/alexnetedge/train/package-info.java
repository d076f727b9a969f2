/**
 * Learning from pictures. May use {@code evaluate} beside it: how labelled data is found, and how
 * good what was learnt is.
 *
 * <p>Reading order for the data: {@link org.alexnetedge.train.DataOptions}, {@link
 * org.alexnetedge.train.TrainingData} (which pictures, in which part), {@link
 * org.alexnetedge.train.Samples} (what the training loop asks for), {@link
 * org.alexnetedge.train.PictureSamples} (pictures to inputs), {@link
 * org.alexnetedge.train.Augmentation} (what is changed at random), {@link
 * org.alexnetedge.train.Targets} (labels to targets), {@code Draws} (random numbers).
 */
@NullMarked
package org.alexnetedge.train;

import org.jspecify.annotations.NullMarked;
