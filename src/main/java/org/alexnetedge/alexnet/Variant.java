package org.alexnetedge.alexnet;

import java.util.List;
import java.util.Locale;
import org.alexnetedge.alexnet.AlexNet.Widths;

/** The AlexNets that the literature teaches, with the sizes they have there. */
public enum Variant {
  /** torchvision.models.alexnet, after Krizhevsky, "One weird trick", 2014: 61,100,840. */
  TORCHVISION(new Widths(List.of(64, 192, 384, 256, 256), 4096), 224, 1000),

  /**
   * Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep convolutional neural
   * networks", 2012: 62,378,344 parameters in one column, 60,965,224 in its two groups. The text
   * says 224 pixels; 55 x 55 after the first convolution needs 227.
   */
  PAPER(new Widths(List.of(96, 256, 384, 384, 256), 4096), 227, 1000),

  /**
   * The paper's in Caffe (BVLC's bvlc_alexnet, which has {@code groups} 2): other constants of
   * local response normalisation.
   */
  CAFFE(new Widths(List.of(96, 256, 384, 384, 256), 4096), 227, 1000),

  /** The Keras tutorials' AlexNet for two classes: 21,586,689, of which 704 are not trained. */
  KERAS(new Widths(List.of(96, 256, 384, 384, 256), 4096), 224, 2);

  private final Widths widths;
  private final int input;
  private final int classes;

  Variant(Widths widths, int input, int classes) {
    this.widths = widths;
    this.input = input;
    this.classes = classes;
  }

  /** Lower-case name, for instance {@code torchvision}. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Its own channels and features. */
  public Widths widths() {
    return widths;
  }

  /** Height and width of its own input, in pixels. */
  public int input() {
    return input;
  }

  /** Number of classes that it was made for. */
  public int classes() {
    return classes;
  }
}
