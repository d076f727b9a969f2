/**
 * The ONNX file format: reading, building, changing and writing models and tensors. The protobuf
 * classes stay inside this package; it depends on nothing else of this project. Weights stay off
 * the Java heap, from file to file.
 *
 * <p>Reading order: {@link org.alexnetedge.onnx.Tensor} (a value), {@link
 * org.alexnetedge.onnx.OnnxModel} (a file), {@link org.alexnetedge.onnx.Graph} and {@link
 * org.alexnetedge.onnx.Node} (what is in it), {@link org.alexnetedge.onnx.GraphBuilder} (making or
 * changing one), {@link org.alexnetedge.onnx.ShapeInference} and {@link
 * org.alexnetedge.onnx.LayerSummary} (what is known without running it); then {@code ModelFile},
 * {@code WireScan}, {@code TensorCodec} and {@code ExternalData} for how files are read safely.
 *
 * <p>All but {@code GraphBuilder} is immutable and thread-safe.
 */
@NullMarked
package org.alexnetedge.onnx;

import org.jspecify.annotations.NullMarked;
