/**
 * What AlexNet is, once per variant, as data; the ONNX graph and the weights to begin with are
 * derived from it. Of this project it knows {@code onnx} only.
 *
 * <p>Reading order: {@link org.alexnetedge.alexnet.Variant} and {@link
 * org.alexnetedge.alexnet.Configuration} (what there is to choose from), {@link
 * org.alexnetedge.alexnet.AlexNet} (the lists of layers), {@link org.alexnetedge.alexnet.Layer} and
 * {@link org.alexnetedge.alexnet.Network} (what they are made of), {@link
 * org.alexnetedge.alexnet.InitialWeights}, {@link org.alexnetedge.alexnet.NetworkGraph} (to ONNX),
 * {@link org.alexnetedge.alexnet.Recognition} (from a checkpoint's weights back to the network).
 */
@NullMarked
package org.alexnetedge.alexnet;

import org.jspecify.annotations.NullMarked;
