package org.alexnetedge.ort;

/**
 * A value that goes into a model or comes out of it. Owned by whoever made it; for the outputs of a
 * run that is whoever closes the {@link Outputs}.
 */
public sealed interface OrtValue extends AutoCloseable permits Tensor {

  /** Releases the value; does nothing the second time. */
  @Override
  void close();
}
