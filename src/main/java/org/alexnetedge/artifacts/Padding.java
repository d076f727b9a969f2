package org.alexnetedge.artifacts;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.alexnetedge.onnx.Node;

/** Zeros around the input of a convolution or of pooling. */
final class Padding {
  private Padding() {}

  /**
   * How many zeros there are before each axis, then after each, with {@code auto_pad} worked out.
   *
   * @param kernel lengths of the window
   * @param lengths of the input's axes in space
   * @param outputs number of windows along each
   */
  static List<Long> explicit(Node node, List<Long> kernel, long[] lengths, long[] outputs) {
    int axes = lengths.length;
    List<Long> ones = Collections.nCopies(axes, 1L);
    List<Long> zeros = Collections.nCopies(2 * axes, 0L);
    String auto = node.text("auto_pad", "NOTSET");
    if (!auto.startsWith("SAME_")) {
      return auto.equals("VALID") ? zeros : node.integers("pads", zeros);
    }
    List<Long> strides = node.integers("strides", ones);
    List<Long> dilations = node.integers("dilations", ones);
    List<Long> pads = new ArrayList<>(zeros);
    for (int i = 0; i < axes; i++) {
      long reach = (outputs[i] - 1) * strides.get(i) + (kernel.get(i) - 1) * dilations.get(i) + 1;
      long all = Math.max(0, reach - lengths[i]);
      // Of an odd number, SAME_LOWER has the larger half before.
      pads.set(i, auto.equals("SAME_LOWER") ? (all + 1) / 2 : all / 2);
      pads.set(axes + i, all - pads.get(i));
    }
    return pads;
  }
}
