/**
 * What a call through the project's binding to ONNX Runtime costs, against the official one
 * (Microsoft's, by JNI). {@link org.alexnetedge.bench.Comparison} runs {@link
 * org.alexnetedge.bench.JniCalls} and {@link org.alexnetedge.bench.FfmCalls}, whose methods of the
 * same name do the same, and prints a table.
 *
 * <p>{@link org.alexnetedge.bench.TrainingStep} is apart: what a step of training costs.
 */
@NullMarked
package org.alexnetedge.bench;

import org.jspecify.annotations.NullMarked;
