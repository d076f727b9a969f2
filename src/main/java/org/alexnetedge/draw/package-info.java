/**
 * Pictures of networks: from an ONNX graph to SVG or PNG. Of this project it knows {@code onnx}
 * only; the JDK writes the files, and sizes of texts come from a table, so that a picture is laid
 * out alike on every machine.
 *
 * <p>Reading order: {@link org.alexnetedge.draw.LayerGraph} (what there is to draw), {@link
 * org.alexnetedge.draw.LayersPicture} with {@code LayeredLayout} and {@link
 * org.alexnetedge.draw.BlocksPicture} (the two styles), {@link org.alexnetedge.draw.Scene} (shapes
 * in their places), {@link org.alexnetedge.draw.SvgPicture} and {@link
 * org.alexnetedge.draw.PngPicture} (shapes to bytes).
 */
@NullMarked
package org.alexnetedge.draw;

import org.jspecify.annotations.NullMarked;
