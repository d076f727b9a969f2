package org.alexnetedge.classify;

import org.alexnetedge.pipeline.InputName;

/** Told of each record as soon as it is made. */
@FunctionalInterface
public interface Progress {
  /** Nobody looks. */
  Progress NONE = name -> {};

  void done(InputName name);
}
