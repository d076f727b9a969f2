/**
 * Readers and writers of weights in the formats that other tools leave them in. They all give
 * {@link org.alexnetedge.onnx.Tensor}s, off the Java heap; this package depends on {@code onnx} for
 * that type only. Files are read, never mapped, and nothing in them is ever executed.
 *
 * <p>Reading order: {@link org.alexnetedge.weights.WeightFile} (any file), {@code Signature} (what
 * it is); {@link org.alexnetedge.weights.Npy} (one array), {@code NpyHeader} and {@code
 * NpyElements} (how it is laid out), {@link org.alexnetedge.weights.Npz} (several in a zip, by
 * {@code Archive}); {@code SafetensorsFile}; {@code PyTorchFile}, {@code PickleMachine}, {@code
 * PickleNames} and {@code PickledTensors} (its pickle as {@code Pickled} data), {@code StateDict}
 * (where in it the weights are), {@code StorageViews} (their elements); {@link
 * org.alexnetedge.weights.Precision}.
 */
@NullMarked
package org.alexnetedge.weights;

import org.jspecify.annotations.NullMarked;
