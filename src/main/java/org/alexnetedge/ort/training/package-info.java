/**
 * ONNX Runtime's on-device training: a checkpoint ({@link
 * org.alexnetedge.ort.training.CheckpointState}) and the session that trains it ({@link
 * org.alexnetedge.ort.training.TrainingSession}), with the graphs that {@code artifacts} makes.
 * Uses {@link org.alexnetedge.ort} only.
 *
 * <p>It needs a library that was built with training ({@link
 * org.alexnetedge.ort.training.TrainingLibrary}); Microsoft's are not any more. The struct of its
 * functions may change between versions, so the one version that was tried is asked for.
 */
@NullMarked
package org.alexnetedge.ort.training;

import org.jspecify.annotations.NullMarked;
