/**
 * From an ONNX graph for inference to what ONNX Runtime's on-device training needs: a training, an
 * eval and an optimizer model, and a checkpoint. Of this project it knows {@code onnx} only.
 *
 * <p>Reading order: {@link org.alexnetedge.artifacts.Artifacts} (what comes out), {@link
 * org.alexnetedge.artifacts.ArtifactOptions} (what there is to choose from), then {@code
 * ForwardGraph} (the model up to its logits), {@code Loss}, {@code Backward} (the walk from the
 * loss to the weights), {@code GradientRules} (one rule for each operator), {@code TrainingGraph},
 * {@code EvalGraph}, {@code OptimizerGraph} and {@code Checkpoint} (the four files). Before them,
 * {@link org.alexnetedge.artifacts.NewHead} gives a classifier a last layer for other classes;
 * after them, {@link org.alexnetedge.artifacts.BlockedConvolutions} suits the graphs to a
 * processor.
 *
 * <p>All public classes are immutable and thread-safe.
 */
@NullMarked
package org.alexnetedge.artifacts;

import org.jspecify.annotations.NullMarked;
