package org.alexnetedge.pipeline;

/** One thing that gets a record: a picture to be read, or what stands in the place of one. */
public sealed interface Input permits FileInput, UrlInput, FailedInput {

  /** The name in its record. */
  InputName name();

  /**
   * Reads the whole into {@code picture}, whose content is replaced. May be called on any thread,
   * at the same time as other inputs are read into other buffers.
   *
   * @throws InputException if it cannot be read; the content is then undefined
   */
  void read(EncodedPicture picture) throws InputException;
}
