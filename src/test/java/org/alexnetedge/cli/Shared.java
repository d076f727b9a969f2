package org.alexnetedge.cli;

import java.nio.file.Path;
import org.alexnetedge.SharedData;

/** The project's shared data, which lies beside the checkout or not. */
final class Shared {
  private Shared() {}

  static Path squeezenet() {
    return SharedData.at("data/onnx/squeezenet_v1.0.onnx");
  }

  static Path photos() {
    return SharedData.at("data/photos");
  }

  static Path labels() {
    return SharedData.at("data/labels/classes.tsv");
  }
}
