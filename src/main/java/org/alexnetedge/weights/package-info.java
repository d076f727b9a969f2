/**
 * Readers and writers of weights in the formats that other tools leave them in. They all give
 * {@link org.alexnetedge.onnx.Tensor}s, off the Java heap; this package depends on {@code onnx} for
 * that type only.
 *
 * <p>Reading order: {@link org.alexnetedge.weights.Npy} (one array), {@code NpyHeader} and {@code
 * NpyElements} (how it is laid out), {@link org.alexnetedge.weights.Npz} (several in a zip).
 */
@NullMarked
package org.alexnetedge.weights;

import org.jspecify.annotations.NullMarked;
